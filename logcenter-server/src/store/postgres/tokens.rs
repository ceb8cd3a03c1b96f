//! Tokens for programs.

use super::fault::{Fault, Result};
use super::rows::{self, get};
use super::session::Session;
use super::{Postgres, generation, repairs};
use crate::domain::text::ActorName;
use crate::domain::{NewToken, SecretHash, Secrets, Token, TokenId};
use crate::store::{StoreFuture, Tokens, columns};
use logcenter_core::Timestamp;
use tokio_postgres::Row;

const GENERATION: &str = "tokens";

impl Tokens for Postgres {
    fn tokens(&self) -> StoreFuture<'_, Secrets<Token>> {
        self.read((), |session, ()| Box::pin(all(session)))
    }

    fn tokens_since(&self, known: i64) -> StoreFuture<'_, Option<Secrets<Token>>> {
        self.read(known, |session, known| {
            Box::pin(async move {
                let is_known = generation::read(session, GENERATION).await? == *known;
                Ok(if is_known { None } else { Some(all(session).await?) })
            })
        })
    }

    fn add_token(&self, hash: SecretHash, token: NewToken, now: Timestamp) -> StoreFuture<'_, Token> {
        self.write((hash, token, now), |session, (hash, token, now)| {
            Box::pin(async move {
                generation::raise(session, GENERATION).await?;
                let row = session
                    .one(
                        "INSERT INTO tokens (hash, name, role, project_ids, expires_at, created_at)
                         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                        &[
                            &&hash.as_bytes()[..],
                            &&*token.name,
                            &token.role.as_str(),
                            &columns::write_scope(&token.scope),
                            &token.expires_at.map(Timestamp::millis),
                            &now.millis(),
                        ],
                    )
                    .await?;
                let id = TokenId(get(&row, "id")?);
                Ok(Token { id, about: token.clone(), created_at: *now, last_used_at: None })
            })
        })
    }

    fn delete_token(&self, id: TokenId, now: Timestamp) -> StoreFuture<'_, bool> {
        self.write((id, now), |session, (id, now)| {
            Box::pin(async move {
                let existed = session.execute("DELETE FROM tokens WHERE id = $1", &[&id.0]).await? > 0;
                if existed {
                    generation::raise(session, GENERATION).await?;
                    repairs::revoke(session, *id, *now).await?;
                }
                Ok(existed)
            })
        })
    }

    fn tokens_used(&self, used: Vec<(TokenId, Timestamp)>) -> StoreFuture<'_, ()> {
        self.write(used, |session, used| {
            Box::pin(async move {
                let mut used: Vec<(i64, i64)> = used.iter().map(|(id, at)| (id.0, at.millis())).collect();
                used.sort_unstable();
                for (id, at) in used {
                    let sql = "UPDATE tokens SET last_used_at = greatest($2, last_used_at) WHERE id = $1";
                    session.execute(sql, &[&id, &at]).await?;
                }
                Ok(())
            })
        })
    }
}

async fn all(session: &Session<'_>) -> Result<Secrets<Token>> {
    let rows = session.query("SELECT * FROM tokens ORDER BY id", &[]).await?;
    let all = rows.iter().map(token).collect::<Result<_>>()?;
    Ok(Secrets { generation: generation::read(session, GENERATION).await?, all })
}

fn token(row: &Row) -> Result<(SecretHash, Token)> {
    rows::intact("tokens", row, |row| {
        let id: i64 = get(row, "id")?;
        let scope = columns::read_scope(get(row, "project_ids")?);
        let about = NewToken {
            name: ActorName::cut(get(row, "name")?),
            role: rows::word(row, "role")?,
            scope: scope.map_err(|error| Fault::corrupt("tokens", &id.to_string(), &error))?,
            expires_at: rows::time_or_null(row, "expires_at")?,
        };
        let token = Token {
            id: TokenId(id),
            about,
            created_at: rows::time(row, "created_at")?,
            last_used_at: rows::time_or_null(row, "last_used_at")?,
        };
        Ok((rows::secret(row, "hash")?, token))
    })
}
