//! Tokens for programs.

use super::{Sqlite, generation, repairs, rows};
use crate::domain::text::ActorName;
use crate::domain::{NewToken, Scope, SecretHash, Secrets, Token, TokenId};
use crate::store::{StoreError, StoreFuture, Tokens, columns};
use logcenter_core::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};

const GENERATION: &str = "tokens_generation";

impl Tokens for Sqlite {
    fn tokens(&self) -> StoreFuture<'_, Secrets<Token>> {
        self.read(|connection, _| all(connection))
    }

    fn tokens_since(&self, known: i64) -> StoreFuture<'_, Option<Secrets<Token>>> {
        self.peek(move |connection| {
            Ok(if generation::read(connection, GENERATION)? == known { None } else { Some(all(connection)?) })
        })
    }

    fn add_token(&self, hash: SecretHash, token: NewToken, now: Timestamp) -> StoreFuture<'_, Token> {
        self.writer.run(move |session| {
            let transaction = &session.transaction;
            let expires_at = token.expires_at.map(Timestamp::millis);
            transaction.execute(
                "INSERT INTO tokens (hash, name, role, project_ids, expires_at, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    hash.as_bytes(),
                    &*token.name,
                    token.role.as_str(),
                    columns::write_scope(&token.scope),
                    expires_at,
                    now.millis()
                ],
            )?;
            let id = TokenId(transaction.last_insert_rowid());
            generation::raise(transaction, GENERATION)?;
            Ok(Token { id, about: token, created_at: now, last_used_at: None })
        })
    }

    fn delete_token(&self, id: TokenId, now: Timestamp) -> StoreFuture<'_, bool> {
        self.writer.write(move |session| {
            let existed = session.transaction.execute("DELETE FROM tokens WHERE id = ?1", [id.0])? > 0;
            if existed {
                generation::raise(&session.transaction, GENERATION)?;
                repairs::revoke(session, id, now)?;
            }
            Ok(existed)
        })
    }

    fn tokens_used(&self, used: Vec<(TokenId, Timestamp)>) -> StoreFuture<'_, ()> {
        self.writer.run(move |session| {
            let mut update = session.transaction.prepare_cached(
                "UPDATE tokens SET last_used_at = max(?2, ifnull(last_used_at, 0)) WHERE id = ?1",
            )?;
            for (id, at) in &used {
                update.execute([id.0, at.millis()])?;
            }
            Ok(())
        })
    }
}

fn all(connection: &Connection) -> Result<Secrets<Token>, StoreError> {
    let mut select = connection.prepare_cached("SELECT * FROM tokens ORDER BY id")?;
    let all = select.query_map([], token)?.collect::<rusqlite::Result<_>>()?;
    Ok(Secrets { generation: generation::read(connection, GENERATION)?, all })
}

fn token(row: &Row<'_>) -> rusqlite::Result<(SecretHash, Token)> {
    rows::intact("tokens", row, |row| {
        let about = NewToken {
            name: ActorName::cut(row.get_ref("name")?.as_str()?),
            role: rows::word(row, "role")?,
            scope: scope(row)?,
            expires_at: rows::time_or_null(row, "expires_at")?,
        };
        let token = Token {
            id: TokenId(row.get("id")?),
            about,
            created_at: rows::time(row, "created_at")?,
            last_used_at: rows::time_or_null(row, "last_used_at")?,
        };
        Ok((SecretHash::from_bytes(row.get("hash")?), token))
    })
}

fn scope(row: &Row<'_>) -> rusqlite::Result<Scope> {
    let at = row.as_ref().column_index("project_ids")?;
    columns::read_scope(row.get_ref(at)?.as_str_or_null()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error)))
}
