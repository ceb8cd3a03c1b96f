//! An actix-web service that reports its errors to Log Center.
//!
//! cargo run --bin actix-service
//!
//! Then run `curl localhost:3002/users/7`, and look at Log Center (LOG_CENTER_URL, default http://localhost:8002).

use actix_web::{App, HttpResponse, HttpServer, get, web};
use logcenter_tower::Result;
use logcenter_tower::actix::LogCenter;

/// Uses `?` on any error; the line of the deepest `?` is reported.
#[get("/users/{id}")]
async fn user(id: web::Path<u64>) -> Result<String> {
    Ok(std::fs::read_to_string(format!("/nowhere/users/{id}"))?) // reported: users
}

/// A handler that responds with 500 and no error: its route is reported.
#[get("/prices/{day}")]
async fn prices() -> HttpResponse {
    HttpResponse::InternalServerError().finish()
}

#[get("/crash")]
async fn crash() -> &'static str {
    ["no", "items"].get(2).expect("there is no such item") // reported: crash
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    // Reports are sent until this guard is dropped.
    let _guard =
        logcenter_client::init(logcenter_client::Config::from_env().app(logcenter_client::app_info!()));
    logcenter_panic::install();
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3002".into());
    let server =
        HttpServer::new(|| App::new().wrap(LogCenter::new()).service(user).service(prices).service(crash))
            .workers(1)
            .bind(address)?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await
}
