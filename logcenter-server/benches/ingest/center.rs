//! Log Center, as the binary runs it.

use logcenter_server::{Drain, LogCenter, Sqlite, serve as serve_http};

pub(crate) fn serve(database: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = Sqlite::open(database).expect("a database");
        let center = LogCenter::builder().store(store).loopback_only().build().await.expect("a centre");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        serve_http(listener, center.router(), Drain::default()).await;
    });
}
