//! A SQLite file as one side of a copy.

use super::error::TransferError;
use super::rules::{Finding, RULES};
use super::table::Table;
use super::value::{Row, Value};
use super::{ROWS, WITH_IDS};
use crate::domain::{IssueFilter, PageRequest, Sort};
use crate::store::sqlite::{self, Sqlite};
use crate::store::{Issues, StoreError, Upkeep};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params_from_iter};
use std::collections::HashMap;
use std::path::Path;

pub(super) struct File {
    connection: Connection,
    /// Which issue's events were written last, and their rows by their numbers.
    issue: i64,
    rows: HashMap<i64, i64>,
    /// The row of the event that was written last, of any issue and of this one.
    last_event: i64,
    previous: Option<i64>,
    _lock: std::fs::File,
}

impl File {
    /// Opens a file to be read.
    pub(super) async fn source(path: &Path) -> Result<Self, TransferError> {
        if !path.exists() {
            return Err(TransferError::Missing(path.display().to_string()));
        }
        // Counts that are only noted are written before somebody reads them.
        let store = Sqlite::open(path)?;
        store.ping().await?;
        store
            .issues(IssueFilter::default(), PageRequest { sort: Sort::LastSeen, limit: 1, after: None })
            .await?;
        store.close().await?;
        drop(store);
        let file = Self::open(path)?;
        let behind = "SELECT event < (SELECT coalesce(max(id), 0) FROM events) FROM counted_up_to";
        if file.connection.query_row(behind, [], |row| row.get::<_, bool>(0))? {
            return Err(StoreError::Failed("not everything that was reported is counted".into()).into());
        }
        file.connection.execute_batch(
            "BEGIN IMMEDIATE;
             INSERT OR IGNORE INTO fingerprints SELECT fingerprint, id FROM issues
               WHERE id >= (SELECT from_id FROM unindexed_issues) ORDER BY fingerprint;
             UPDATE unindexed_issues SET from_id = max(from_id, (SELECT coalesce(max(id), 0) + 1 FROM issues));
             COMMIT",
        )?;
        Ok(file)
    }

    /// Opens a file to be written, or goes on with one that a copy of the same source has begun.
    pub(super) fn target(path: &Path, source: &str) -> Result<Self, TransferError> {
        let file = Self::open(path)?;
        file.connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS copied (name TEXT PRIMARY KEY, rows INTEGER NOT NULL, last TEXT NOT NULL);
             CREATE TABLE IF NOT EXISTS copied_from (source TEXT NOT NULL)",
        )?;
        let begun =
            file.connection.query_row("SELECT source FROM copied_from", [], |row| row.get::<_, String>(0));
        match begun.optional()? {
            None => {
                file.connection.execute("INSERT INTO copied_from VALUES (?1)", [source])?;
            }
            Some(begun) if begun == source => {}
            Some(begun) => return Err(TransferError::Unfinished(begun)),
        }
        Ok(file)
    }

    fn open(path: &Path) -> Result<Self, TransferError> {
        let (connection, lock) = sqlite::alone(path)?;
        let last_event =
            connection.query_row("SELECT coalesce(max(id), 0) FROM events", [], |row| row.get(0))?;
        Ok(Self { connection, issue: 0, rows: HashMap::new(), last_event, previous: None, _lock: lock })
    }

    pub(super) fn read(&self, table: &Table, after: Option<&Row>) -> Result<Vec<Row>, TransferError> {
        let keys: Vec<String> = table.keys(true).iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let columns = table
            .columns
            .iter()
            .map(|(name, _)| table.computed(name).map_or_else(|| format!("\"{name}\""), str::to_owned));
        let selected: Vec<String> = keys.iter().cloned().chain(columns).collect();
        let key = keys.join(", ");
        let condition = after.map_or(String::new(), |after| {
            let marks: Vec<String> = (1..=after.len()).map(|at| format!("?{at}")).collect();
            format!("WHERE ({key}) > ({})", marks.join(", "))
        });
        let sql = format!(
            "SELECT {} FROM {} {condition} ORDER BY {key} LIMIT {ROWS}",
            selected.join(", "),
            table.name
        );
        let mut select = self.connection.prepare_cached(&sql)?;
        let rows = select.query_map(params_from_iter(after.into_iter().flatten()), |row| {
            (0..selected.len()).map(|at| row.get_ref(at).map(Value::from)).collect::<rusqlite::Result<Row>>()
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn count(&self, table: &Table) -> Result<u64, TransferError> {
        let sql = format!("SELECT count(*) FROM {}", table.name);
        Ok(self.connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?.cast_unsigned())
    }

    pub(super) fn begun(&self, table: &Table) -> Result<(u64, Option<Row>), TransferError> {
        let sql = "SELECT rows, last FROM copied WHERE name = ?1";
        let row = self
            .connection
            .query_row(sql, [table.name], |row| {
                Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, String>(1)?))
            })
            .optional()?;
        Ok(row.map_or((0, None), |(rows, last)| (rows, serde_json::from_str(&last).ok())))
    }

    pub(super) fn write(
        &mut self,
        table: &Table,
        rows: &[Row],
        written: u64,
        last: &Row,
    ) -> Result<(), TransferError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let done = self.insert(table, rows).and_then(|()| {
            let last = serde_json::to_string(last).unwrap_or_default();
            let sql = "INSERT OR REPLACE INTO copied (name, rows, last) VALUES (?1, ?2, ?3)";
            self.connection.execute(sql, (table.name, written.cast_signed(), last))?;
            Ok(())
        });
        self.connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        done
    }

    fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), TransferError> {
        let is_kept = |at: &usize| table.computed(table.columns[*at].0).is_none();
        let kept: Vec<usize> = (0..table.columns.len()).filter(is_kept).collect();
        let mut names: Vec<String> = kept.iter().map(|at| format!("\"{}\"", table.columns[*at].0)).collect();
        let at = |name: &str| table.columns.iter().position(|(column, _)| *column == name);
        let mut more: Vec<[Value; 3]> = Vec::new();
        if table.name == "events" {
            names.extend(["id", "previous", "payload_event"].map(str::to_owned));
            let place = at("issue_id").zip(at("number")).zip(at("payload_number"));
            for row in rows {
                let values =
                    place.map(|((issue, number), payload)| (&row[issue], &row[number], &row[payload]));
                let Some((Value::Integer(issue), Value::Integer(number), payload)) = values else {
                    return Err(TransferError::Value { table: "events", expected: "a number" });
                };
                more.push(self.event(*issue, *number, payload)?);
            }
        } else if table.name == "issues" {
            // Known when all events are there.
            names.extend(["first_event", "last_event", "payload_event"].map(str::to_owned));
            more = rows.iter().map(|_| [const { Value::Integer(0) }; 3]).collect();
        }
        let marks: Vec<String> = (1..=names.len()).map(|at| format!("?{at}")).collect();
        let sql = format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), marks.join(", "));
        let mut insert = self.connection.prepare_cached(&sql)?;
        for (number, row) in rows.iter().enumerate() {
            insert.execute(params_from_iter(
                kept.iter().map(|at| &row[*at]).chain(more.get(number).into_iter().flatten()),
            ))?;
        }
        Ok(())
    }

    /// The row of an event, of the one before it in its issue, and of the one that has its payload.
    fn event(&mut self, issue: i64, number: i64, payload: &Value) -> Result<[Value; 3], TransferError> {
        if self.issue != issue {
            self.rows.clear();
            self.previous = None;
            // After an interruption, some of its events may be there already; then they are the last ones.
            let sql = "SELECT id, number FROM (SELECT id, issue_id, number FROM events ORDER BY id DESC LIMIT 20000)
                       WHERE issue_id = ?1 ORDER BY id";
            let mut select = self.connection.prepare_cached(sql)?;
            if self.issue == 0 {
                for row in select.query_map([issue], |row| Ok((row.get(0)?, row.get(1)?)))? {
                    let (id, number): (i64, i64) = row?;
                    self.rows.insert(number, id);
                    self.previous = Some(id);
                }
            }
            self.issue = issue;
        }
        self.last_event += 1;
        let id = self.last_event;
        self.rows.insert(number, id);
        let previous = self.previous.replace(id).map_or(Value::Null, Value::Integer);
        let payload = match payload {
            Value::Integer(number) => self.rows.get(number).map_or(Value::Null, |id| Value::Integer(*id)),
            _ => Value::Null,
        };
        Ok([Value::Integer(id), previous, payload])
    }

    pub(super) fn check(&self) -> Result<Vec<Finding>, TransferError> {
        let ids = |sql: &str| -> rusqlite::Result<Vec<String>> {
            let mut select = self.connection.prepare(sql)?;
            select.query_map([], |row| row.get::<_, i64>(0).map(|id| id.to_string()))?.collect()
        };
        let mut select = self.connection.prepare("PRAGMA integrity_check")?;
        let said =
            select.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        let broken = said.into_iter().filter(|line| line != "ok").collect();
        let mut findings = vec![Finding { rule: "the file's structure is sound", broken }];
        for (rule, sql) in RULES {
            findings.push(Finding { rule, broken: ids(sql)? });
        }
        Ok(findings)
    }

    pub(super) fn highest_id(&self, table: &str) -> Result<i64, TransferError> {
        let sql = match table {
            "issues" => {
                "SELECT max(highest_id, (SELECT coalesce(max(id), 0) FROM issues)) FROM deleted_issues"
            }
            _ => "SELECT seq FROM sqlite_sequence WHERE name = ?1",
        };
        let mut select = self.connection.prepare_cached(sql)?;
        let found = match table {
            "issues" => select.query_row([], |row| row.get(0)).optional()?,
            _ => select.query_row([table], |row| row.get(0)).optional()?,
        };
        Ok(found.unwrap_or(0))
    }

    pub(super) fn finish(&mut self, highest: &[(&'static str, i64)]) -> Result<(), TransferError> {
        let transaction = self.connection.transaction()?;
        transaction.execute_batch(
            "-- An issue that was emptied has no first event any more: that has the number 1.
             CREATE TEMP TABLE ends AS SELECT issue_id, iif(min(number) = 1, min(id), 0) AS first, max(id) AS last
               FROM events GROUP BY issue_id;
             CREATE UNIQUE INDEX temp.ends_issue ON ends (issue_id);
             CREATE TEMP TABLE payloads AS SELECT e.issue_id, e.id FROM events e
               JOIN issues i ON i.id = e.issue_id AND i.payload_number = e.number;
             CREATE UNIQUE INDEX temp.payloads_issue ON payloads (issue_id);
             UPDATE issues SET first_event = e.first, last_event = e.last FROM ends e WHERE e.issue_id = issues.id;
             UPDATE issues SET payload_event = p.id FROM payloads p WHERE p.issue_id = issues.id;
             -- By these rows it is known in which environments an issue was seen.
             INSERT INTO issue_hours (issue_id, environment, hour, count, last_seen)
               SELECT id, environment, 0, 0, last_seen FROM issues
               WHERE NOT EXISTS (SELECT 1 FROM issue_hours WHERE issue_id = issues.id);
             UPDATE counted_up_to SET event = (SELECT coalesce(max(id), 0) FROM events);
             UPDATE indexed_up_to SET event = (SELECT coalesce(max(id), 0) FROM events);
             UPDATE ingest_keys_generation SET generation = generation + 1;
             UPDATE tokens_generation SET generation = generation + 1",
        )?;
        let ids: Vec<i64> = {
            let mut select = transaction.prepare("SELECT id FROM issues ORDER BY id")?;
            select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for id in ids {
            sqlite::index(&transaction, id, true)?;
        }
        for (table, id) in highest {
            if *table == "issues" {
                transaction.execute("UPDATE deleted_issues SET highest_id = ?1", [id])?;
                transaction.execute("UPDATE unindexed_issues SET from_id = ?1", [id + 1])?;
            } else if WITH_IDS.contains(table) {
                transaction.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
                transaction
                    .execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (table, id))?;
            }
        }
        transaction.execute_batch("DROP TABLE copied; DROP TABLE copied_from")?;
        transaction.commit()?;
        Ok(())
    }
}

/// Writes a file as it is at this moment into another one, which must not exist.
pub(super) fn snapshot(from: &Path, to: &Path) -> Result<(), TransferError> {
    if !from.exists() {
        return Err(TransferError::Missing(from.display().to_string()));
    }
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    source.busy_timeout(std::time::Duration::from_secs(5))?;
    sqlite::identify(&source, from)?;
    source.execute("VACUUM INTO ?1", [&*to.to_string_lossy()])?;
    Ok(())
}

/// Gives a file that is complete its name, when it is on disk.
pub(super) fn renamed(partial: &Path, to: &Path) -> Result<(), TransferError> {
    let failed = |error| TransferError::Io(to.display().to_string(), error);
    std::fs::File::open(partial).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(partial, to).map_err(failed)?;
    let _ = std::fs::remove_file(super::with_ending(partial, ".lock"));
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Removes a file with what SQLite keeps beside it.
pub(super) fn removed(path: &Path) -> Result<(), TransferError> {
    for ending in ["", "-wal", "-shm", "-journal", ".lock"] {
        let path = super::with_ending(path, ending);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(TransferError::Io(path.display().to_string(), error));
            }
            _ => {}
        }
    }
    Ok(())
}
