//! `logcenter db`: check, back up, restore and move the database.

mod args;

pub(crate) use args::Db;

use crate::exit::Failure;
use crate::output::say;
use args::{Command, Database};
use indicatif::{ProgressBar, ProgressStyle};
use logcenter_server::store::transfer::{self, Finding, Location, Progress};

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
