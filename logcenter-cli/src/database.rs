//! Opens the database that `--database` names.

use crate::args::Serve;
use crate::exit::Failure;
use logcenter_server::store::transfer::Location;
use logcenter_server::{Postgres, PostgresOptions, Sqlite, SqliteOptions, Store};
use std::sync::Arc;

/// Opens the store.
pub(crate) async fn open(args: &Serve) -> Result<Arc<dyn Store>, Failure> {
    let kept_events = args.keep_events;
    let failed = |error: String| Failure::failed(error);
    match args.database.to_str().and_then(|address| Some((address, address.split_once("://")?.0))) {
        None => {
            let store = Sqlite::open_with(&args.database, SqliteOptions { kept_events });
            Ok(Arc::new(store.map_err(|error| failed(error.to_string()))?))
        }
        Some((address, "postgres" | "postgresql")) => {
            let options = PostgresOptions { kept_events, ..PostgresOptions::default() };
            let store = Postgres::connect_with(address, options).await;
            Ok(Arc::new(store.map_err(|error| failed(error.to_string()))?))
        }
        Some((_, scheme)) => Err(Failure::usage(format!(
            "--database takes the path of a SQLite file, or postgres://…; {scheme}:// is not supported"
        ))),
    }
}

/// The database for people's eyes: without a password.
pub(crate) fn shown(args: &Serve) -> String {
    match args.database.to_str().and_then(Location::read) {
        Some(location) => location.to_string(),
        None => args.database.display().to_string(),
    }
}
