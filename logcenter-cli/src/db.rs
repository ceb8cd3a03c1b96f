//! `logcenter db`: check, back up, restore and move the database.

use crate::exit::Failure;
use crate::output::say;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use logcenter_server::store::transfer::{self, Finding, Location, Progress};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Db {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
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
struct Database {
    /// SQLite database path; or postgres://user:password@host/database
    #[arg(
        long,
        env = "LOGCENTER_DATABASE",
        hide_env_values = true,
        default_value = "./logcenter-data/logcenter.db",
        value_parser = location
    )]
    database: Location,
}

fn location(text: &str) -> Result<Location, String> {
    Location::read(text).ok_or_else(|| "must be the path of a SQLite file, or postgres://…".into())
}

pub(crate) async fn db(db: Db) -> Result<(), Failure> {
    let (from, to, is_backup) = match db.command {
        Command::Check(Database { database }) => return check(&database).await,
        Command::Backup { database: Database { database }, file } => (database, Location::File(file), true),
        Command::Restore { database: Database { database }, file } => (Location::File(file), database, false),
        Command::Copy { from, to } => (from, to, false),
    };
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{msg:>18} {wide_bar} {human_pos} of {human_len}, {eta} left");
    bar.set_style(style.map_err(|error| Failure::failed(error.to_string()))?);
    let mut watch = |Progress { table, rows, of }: Progress| {
        if bar.message() != table {
            bar.reset_eta();
            bar.set_message(table);
        }
        bar.set_length(of);
        bar.set_position(rows);
    };
    let done = match (is_backup, &to) {
        (true, Location::File(file)) => transfer::back_up(&from, file, &mut watch).await,
        _ => transfer::copy(&from, &to, &mut watch).await,
    };
    bar.finish_and_clear();
    done.map_err(|error| Failure::failed(error.to_string()))?;
    say(&format!("{to} holds all that {from} does"));
    Ok(())
}

async fn check(database: &Location) -> Result<(), Failure> {
    let findings = transfer::check(database).await.map_err(|error| Failure::failed(error.to_string()))?;
    for Finding { rule, broken } in &findings {
        match &broken[..] {
            [] => say(&format!("{rule}: yes")),
            broken => say(&format!("{rule}: NO, see {}", broken.join(", "))),
        }
    }
    match findings.iter().filter(|finding| !finding.broken.is_empty()).count() {
        0 => Ok(()),
        count => Err(Failure::failed(format!(
            "{database} is damaged: {count} of {} rules do not hold",
            findings.len()
        ))),
    }
}
