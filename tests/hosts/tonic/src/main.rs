//! A tonic service with its own error enum. `tonic-host METHOD…` calls each method in turn.

use logcenter_client::{Config, app_info, init};
use logcenter_tower::LogCenterLayer;
use std::convert::Infallible;
use std::time::Duration;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, ServiceExt, service_fn};
use tracing_subscriber::prelude::*;

#[logcenter_tower::noted]
#[derive(Debug, thiserror::Error)]
enum ShopError {
    #[error("the prices cannot be read")]
    File(#[from] std::io::Error),
    #[error("no such order")]
    NotFound,
}

impl From<ShopError> for Status {
    fn from(error: ShopError) -> Self {
        match error {
            ShopError::File(_) => Status::internal(error.to_string()),
            ShopError::NotFound => Status::not_found(error.to_string()),
        }
    }
}

async fn prices() -> Result<(), Status> {
    fn read() -> Result<String, ShopError> {
        Ok(std::fs::read_to_string("/nowhere")?) // reported: prices
    }
    read()?;
    Ok(())
}

async fn stock() -> Result<(), Status> {
    fn read() -> logcenter_tower::Result<u32> {
        Ok("many".parse()?) // reported: stock
    }
    read()?;
    Ok(())
}

async fn order() -> Result<(), Status> {
    Err(ShopError::NotFound)?
}

async fn internal() -> Result<(), Status> {
    Err(Status::internal("the warehouse is closed"))
}

async fn logged() -> Result<(), Status> {
    tracing::error!("the ledger does not balance"); // reported: logged
    Err(Status::unknown("the call failed"))
}

async fn panics() -> Result<(), Status> {
    panic!("there is no such item") // reported: panics
}

async fn call(method: &str) -> Result<(), Status> {
    match method {
        "/shop.Shop/Prices" => prices().await,
        "/shop.Shop/Stock" => stock().await,
        "/shop.Shop/Order" => order().await,
        "/shop.Shop/Internal" => internal().await,
        "/shop.Shop/Logged" => logged().await,
        "/shop.Shop/Panics" => panics().await,
        _ => Err(Status::unimplemented(method.to_owned())),
    }
}

/// What the code that tonic generates does with a handler's result.
async fn serve(request: http::Request<Body>) -> Result<http::Response<Body>, Infallible> {
    Ok(match call(request.uri().path()).await {
        Ok(()) => http::Response::new(Body::empty()),
        Err(status) => status.into_http(),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let _guard = init(Config::from_env().app(app_info!()).shutdown_timeout(Duration::from_secs(60)));
    logcenter_panic::install();
    tracing_subscriber::registry().with(logcenter_panic::layer()).init();
    let service = LogCenterLayer::new().grpc().layer(service_fn(serve));
    for method in std::env::args().skip(1) {
        let request = http::Request::post(&method).body(Body::empty()).expect("a request");
        let service = service.clone();
        let answered = tokio::spawn(async move { service.oneshot(request).await }).await;
        println!("{method} {:?}", answered.map(|response| response.expect("infallible").headers().clone()));
    }
}
