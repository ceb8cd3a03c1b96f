//! Generations of keys and tokens: a number that each change raises, so that replicas notice it.

use super::fault::Result;
use super::rows::get;
use super::session::Session;

pub(super) async fn read(session: &Session<'_>, name: &str) -> Result<i64> {
    get(&session.one("SELECT generation FROM generations WHERE name = $1", &[&name]).await?, "generation")
}

pub(super) async fn raise(session: &Session<'_>, name: &str) -> Result<()> {
    let sql = "UPDATE generations SET generation = generation + 1 WHERE name = $1";
    session.execute(sql, &[&name]).await.map(drop)
}
