//! A tonic service that reports its errors to Log Center.
//!
//! cargo run --bin tonic-service
//!
//! Then call `shop.Shop/Order` on port 3001 with an ID that is not a number, and look at Log Center (LOG_CENTER_URL,
//! default http://localhost:8002).

use logcenter_tower::{LogCenterLayer, Result};
use shop::shop_server::{Shop, ShopServer};
use shop::{OrderReply, OrderRequest};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

mod shop {
    tonic::include_proto!("shop");
}

struct Orders;

#[tonic::async_trait]
impl Shop for Orders {
    async fn order(&self, request: Request<OrderRequest>) -> Result<Response<OrderReply>, Status> {
        match &*request.into_inner().id {
            "" => Err(Status::not_found("no id: the client's mistake is not reported")),
            "7" => Err(Status::internal("a status made by hand: its route is reported")),
            id => Ok(Response::new(OrderReply { text: find(id)? })),
        }
    }
}

/// `?` turns any error into one that knows its line, and that into a status that tells the client nothing.
fn find(id: &str) -> Result<String> {
    let number: u64 = id.parse()?; // reported: order
    Ok(format!("order {number}"))
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    // Reports are sent until this guard is dropped.
    let _guard =
        logcenter_client::init(logcenter_client::Config::from_env().app(logcenter_client::app_info!()));
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3001".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    Server::builder()
        .layer(LogCenterLayer::new().grpc())
        .add_service(ShopServer::new(Orders))
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await?;
    Ok(())
}
