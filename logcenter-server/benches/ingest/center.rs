//! Log Center, as the binary runs it.

use logcenter_server::{Drain, LogCenter, Sqlite, Store, serve as serve_http};
use std::sync::Arc;

/// Serves a SQLite file, or a PostgreSQL address.
pub(crate) fn serve(database: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store: Arc<dyn Store> = match database.contains("://") {
            true => postgres(database).await,
            false => Arc::new(Sqlite::open(database).expect("a database")),
        };
        let center =
            LogCenter::builder().shared_store(store).loopback_only().build().await.expect("a centre");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        serve_http(listener, center.router(), Drain::default()).await;
    });
}

/// Empties a PostgreSQL database.
#[cfg(feature = "postgres")]
pub(crate) fn empty(address: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(address, tokio_postgres::NoTls).await.expect("a connection");
        tokio::spawn(connection);
        let emptied = client.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
        emptied.expect("an empty database");
    });
}

#[cfg(not(feature = "postgres"))]
pub(crate) fn empty(address: &str) {
    panic!("{address}: built without --features postgres")
}

#[cfg(feature = "postgres")]
async fn postgres(address: &str) -> Arc<dyn Store> {
    Arc::new(logcenter_server::Postgres::connect(address).await.expect("a database"))
}

#[cfg(not(feature = "postgres"))]
async fn postgres(address: &str) -> Arc<dyn Store> {
    panic!("{address}: built without --features postgres")
}
