//! Arguments of `logcenter db`.

use clap::{Args, Subcommand};
use logcenter_server::store::transfer::Location;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Db {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Look for damage: exit code 1 if there is any. A SQLite file must not be in use
    Check(Database),
    /// Write everything into one SQLite file; the server may go on
    Backup {
        #[command(flatten)]
        database: Database,
        /// The file to write; must not exist
        file: PathBuf,
    },
    /// Fill a new database with a backup
    Restore {
        #[command(flatten)]
        database: Database,
        /// The file that `backup` wrote
        file: PathBuf,
    },
    /// Move to another database, as from SQLite to PostgreSQL or back. Stop the servers before; if it is interrupted, run it again
    Copy {
        /// The database to read: a path, or postgres://…
        #[arg(long, value_parser = location)]
        from: Location,
        /// The database to fill: a path that does not exist, or postgres://…, which is empty
        #[arg(long, value_parser = location)]
        to: Location,
    },
}

#[derive(Debug, Args)]
pub(super) struct Database {
    /// SQLite database path; or postgres://user:password@host/database
    #[arg(
        long,
        env = "LOGCENTER_DATABASE",
        hide_env_values = true,
        default_value = "./logcenter-data/logcenter.db",
        value_parser = location
    )]
    pub(super) database: Location,
}

fn location(text: &str) -> Result<Location, String> {
    Location::read(text).ok_or_else(|| "must be the path of a SQLite file, or postgres://…".into())
}
