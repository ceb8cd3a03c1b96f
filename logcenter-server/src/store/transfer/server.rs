//! A PostgreSQL database as one side of a copy.

use super::ROWS;
use super::error::TransferError;
use super::rules::{Finding, RULES};
use super::table::{Table, Type};
use super::value::{Row, Value};
use crate::store::postgres;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

pub(super) struct Server {
    client: Client,
}

type Param = Box<dyn ToSql + Sync + Send>;

/// What is read is what there was when reading began.
const ONE_MOMENT: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

impl Server {
    /// Connects to a database that is read.
    pub(super) async fn source(address: &str) -> Result<Self, TransferError> {
        let server = Self { client: postgres::alone(address).await? };
        if let Some(begun) = server.begun_from().await? {
            return Err(TransferError::Unfinished(begun));
        }
        server.client.batch_execute(ONE_MOMENT).await?;
        Ok(server)
    }

    /// Connects to a database that is written, which is empty, or which a copy of the same source has begun to fill.
    pub(super) async fn target(address: &str, source: &str) -> Result<Self, TransferError> {
        let server = Self { client: postgres::alone(address).await? };
        server.client.batch_execute("SET statement_timeout = 0; SET jit = off").await?;
        match server.begun_from().await? {
            Some(begun) if begun == source => return Ok(server),
            Some(begun) => return Err(TransferError::Unfinished(begun)),
            None => {}
        }
        let used = "SELECT EXISTS (SELECT 1 FROM issues) OR EXISTS (SELECT 1 FROM projects)
                      OR EXISTS (SELECT 1 FROM tokens) OR EXISTS (SELECT 1 FROM ingest_keys)";
        if server.client.query_one(used, &[]).await?.try_get(0)? {
            return Err(TransferError::NotEmpty("the database".into()));
        }
        let create = format!(
            "CREATE TABLE {UNFINISHED} (source TEXT NOT NULL);
             CREATE TABLE copied (name TEXT PRIMARY KEY, rows BIGINT NOT NULL, last TEXT NOT NULL)",
            UNFINISHED = postgres::UNFINISHED
        );
        server.client.batch_execute(&create).await?;
        let insert = format!("INSERT INTO {} VALUES ($1)", postgres::UNFINISHED);
        server.client.execute(&insert, &[&source]).await?;
        Ok(server)
    }

    /// Where the copy comes from that was begun and not finished, if there is one.
    async fn begun_from(&self) -> Result<Option<String>, TransferError> {
        let exists = format!("SELECT to_regclass('{}') IS NOT NULL", postgres::UNFINISHED);
        if !self.client.query_one(&exists, &[]).await?.try_get::<_, bool>(0)? {
            return Ok(None);
        }
        let source = format!("SELECT source FROM {}", postgres::UNFINISHED);
        let row = self.client.query_opt(&source, &[]).await?;
        Ok(Some(row.map_or(Ok(String::new()), |row| row.try_get(0))?))
    }

    pub(super) async fn read(&self, table: &Table, after: Option<&Row>) -> Result<Vec<Row>, TransferError> {
        let keys = table.keys(false);
        let names: Vec<String> = keys.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let columns = table.columns.iter().map(|(name, _)| format!("\"{name}\""));
        let selected: Vec<String> = names.iter().cloned().chain(columns).collect();
        let key = names.join(", ");
        let condition = after.map_or(String::new(), |after| {
            let marks: Vec<String> = (1..=after.len()).map(|at| format!("${at}")).collect();
            format!("WHERE ({key}) > ({})", marks.join(", "))
        });
        let from = table.selected.unwrap_or(table.name);
        let sql =
            format!("SELECT {} FROM {from} {condition} ORDER BY {key} LIMIT {ROWS}", selected.join(", "));
        let params: Vec<Param> = after.into_iter().flatten().cloned().map(param).collect();
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| &**param as _).collect();
        let types: Vec<Type> = keys.iter().chain(table.columns).map(|(_, is)| *is).collect();
        let rows = self.client.query(&sql, &params).await?;
        let read = |row: &tokio_postgres::Row| {
            types.iter().enumerate().map(|(at, is)| value(row, at, *is)).collect()
        };
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    pub(super) async fn count(&self, table: &Table) -> Result<u64, TransferError> {
        let sql = format!("SELECT count(*) FROM {}", table.selected.unwrap_or(table.name));
        let count: i64 = self.client.query_one(&sql, &[]).await?.try_get(0)?;
        Ok(count.cast_unsigned())
    }

    pub(super) async fn begun(&self, table: &Table) -> Result<(u64, Option<Row>), TransferError> {
        let sql = "SELECT rows, last FROM copied WHERE name = $1";
        let Some(row) = self.client.query_opt(sql, &[&table.name]).await? else { return Ok((0, None)) };
        let (rows, last): (i64, &str) = (row.try_get(0)?, row.try_get(1)?);
        Ok((rows.cast_unsigned(), serde_json::from_str(last).ok()))
    }

    pub(super) async fn write(
        &mut self,
        table: &Table,
        rows: Vec<Row>,
        written: u64,
        last: &Row,
    ) -> Result<(), TransferError> {
        let names: Vec<String> = table.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let marks =
            table.columns.iter().enumerate().map(|(at, (_, is))| format!("${}::{}[]", at + 1, sql_type(*is)));
        let marks: Vec<String> = marks.collect();
        // The counts of a project's hours are in shards; one is enough.
        let (more, shard) = if table.name == "project_hours" { (", shard", ", 0") } else { ("", "") };
        let sql = format!(
            "INSERT INTO {} ({}{more}) SELECT *{shard} FROM unnest({})",
            table.name,
            names.join(", "),
            marks.join(", ")
        );
        let ids = (table.name == "issues")
            .then(|| rows.iter().filter_map(|row| integer(&row[0])).collect::<Vec<i64>>());
        let params = arrays(table, rows)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| &**param as _).collect();
        let transaction = self.client.transaction().await?;
        transaction.execute(&sql, &params).await?;
        if let Some(ids) = ids {
            let sql = r#"INSERT INTO issue_texts (issue_id, text) SELECT id, lower(
                (error_type || chr(10) || message || chr(10) || coalesce(file_path, '')) COLLATE "C") FROM issues WHERE id = ANY($1)"#;
            transaction.execute(sql, &[&ids]).await?;
        }
        let sql = "INSERT INTO copied (name, rows, last) VALUES ($1, $2, $3)
                   ON CONFLICT (name) DO UPDATE SET rows = excluded.rows, last = excluded.last";
        let last = serde_json::to_string(last).unwrap_or_default();
        transaction.execute(sql, &[&table.name, &written.cast_signed(), &last]).await?;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn check(&self) -> Result<Vec<Finding>, TransferError> {
        let mut findings = Vec::new();
        for (rule, sql) in RULES {
            let rows = self.client.query(sql, &[]).await?;
            let broken = rows.iter().map(|row| Ok(row.try_get::<_, i64>(0)?.to_string()));
            findings.push(Finding { rule, broken: broken.collect::<Result<_, TransferError>>()? });
        }
        Ok(findings)
    }

    pub(super) async fn highest_id(&self, table: &str) -> Result<i64, TransferError> {
        let sql = match table {
            "issues" => "SELECT id - 1 FROM next_issue".to_owned(),
            // A sequence that nothing was taken from begins at 1, too.
            _ => format!(
                "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('{table}', 'id')::regclass), 0)"
            ),
        };
        Ok(self.client.query_one(&sql, &[]).await?.try_get(0)?)
    }

    pub(super) async fn finish(&mut self, highest: &[(&'static str, i64)]) -> Result<(), TransferError> {
        let transaction = self.client.transaction().await?;
        for (table, id) in highest {
            if *table == "issues" {
                transaction.execute("UPDATE next_issue SET id = $1", &[&(id + 1)]).await?;
            } else if *id > 0 {
                let sql = format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), $1)");
                transaction.query_one(&sql, &[id]).await?;
            }
        }
        let unfinished = postgres::UNFINISHED;
        transaction
            .batch_execute(&format!(
                "UPDATE generations SET generation = generation + 1; DROP TABLE copied; DROP TABLE {unfinished}"
            ))
            .await?;
        transaction.commit().await?;
        // Without it, the first pages would be planned as if nothing were there.
        Ok(self.client.batch_execute("ANALYZE").await?)
    }
}

fn sql_type(is: Type) -> &'static str {
    match is {
        Type::Integer => "bigint",
        Type::Boolean => "boolean",
        Type::Real => "double precision",
        Type::Text => "text",
        Type::Bytes => "bytea",
    }
}

fn integer(value: &Value) -> Option<i64> {
    if let Value::Integer(number) = value { Some(*number) } else { None }
}

fn param(value: Value) -> Param {
    match value {
        Value::Null => Box::new(None::<i64>),
        Value::Integer(number) => Box::new(number),
        Value::Real(number) => Box::new(number),
        Value::Text(text) => Box::new(text),
        Value::Bytes(bytes) => Box::new(bytes),
    }
}

fn value(row: &tokio_postgres::Row, at: usize, is: Type) -> Result<Value, tokio_postgres::Error> {
    Ok(match is {
        Type::Integer => row.try_get::<_, Option<i64>>(at)?.map(Value::Integer),
        Type::Boolean => row.try_get::<_, Option<bool>>(at)?.map(|one| Value::Integer(i64::from(one))),
        Type::Real => row.try_get::<_, Option<f64>>(at)?.map(Value::Real),
        Type::Text => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
        Type::Bytes => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Bytes),
    }
    .unwrap_or(Value::Null))
}

/// An array for each column.
fn arrays(table: &Table, rows: Vec<Row>) -> Result<Vec<Param>, TransferError> {
    let mut columns: Vec<Vec<Value>> = table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let array = |(values, is): (Vec<Value>, Type)| -> Option<Param> {
        macro_rules! all {
            ($value:pat => $converted:expr) => {{
                let each = values.into_iter().map(|value| match value {
                    Value::Null => Some(None),
                    $value => Some(Some($converted)),
                    _ => None,
                });
                Box::new(each.collect::<Option<Vec<_>>>()?)
            }};
        }
        Some(match is {
            Type::Integer => all!(Value::Integer(number) => number),
            Type::Boolean => all!(Value::Integer(number) => number != 0),
            Type::Real => all!(Value::Real(number) => number),
            // PostgreSQL takes no NUL.
            Type::Text => all!(Value::Text(text) => text.replace('\0', "\u{FFFD}")),
            Type::Bytes => all!(Value::Bytes(bytes) => bytes),
        })
    };
    let types = table.columns.iter().map(|(_, is)| *is);
    let arrays: Option<Vec<Param>> = columns.into_iter().zip(types).map(array).collect();
    arrays.ok_or(TransferError::Value { table: table.name, expected: "of its column's type" })
}
