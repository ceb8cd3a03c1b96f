//! A service with a SQLite of its own, which mounts Log Center on PostgreSQL: `sqlx-host ADDRESS`.

use axum::Router;
use logcenter_server::{LogCenter, Postgres};
use sqlx::SqlitePool;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = SqlitePool::connect("sqlite::memory:").await?;
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&pool).await?;
    let address = std::env::args().nth(1).ok_or("no address")?;
    let builder = LogCenter::builder().store(Postgres::connect(&address).await?);
    let center = builder.host_authenticates().build().await?;
    let app = Router::new().nest_service("/logcenter", center.router::<()>());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/logcenter with SQLite {version}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
