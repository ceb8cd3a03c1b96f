//! Finds issues by a text or an environment that few issues have.
//!
//! A common text is found fastest by scanning a list in its order; for a rare one, that would scan all issues. So the
//! index is asked first which issues are candidates. It indexes trigrams (sqlite.org/fts5.html, the trigram tokenizer),
//! which tell where a text may be, not that it is there: the list's own condition decides.
//!
//! Indexing a text costs a third of recording a new issue, and recording must not wait for it. So the writer indexes
//! while it is idle, and a little under load. An issue's text changes only with an event that has its own payload: the
//! index lacks only the newest of these, and a search reads them too.

use super::session::Session;
use crate::domain::IssueId;
use crate::store::StoreError;
use foldhash::fast::FixedState;
use rusqlite::{Connection, OptionalExtension, Params, Result, Transaction, params_from_iter};
use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;

/// Below this many matches, look them up; above, scan in order.
const FEW: usize = 3000;

/// Characters per n-gram, and the maximum number of n-grams of a text that are looked up.
const RUN: usize = 3;
const RUNS: usize = 32;

/// Events indexed per transaction.
const EVENTS_AT_ONCE: i64 = 4096;

/// Every two adjacent non-ASCII characters, as an entry of their own: Chinese words often have two.
fn bigrams(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let pairs = characters.windows(2).filter(|pair| !pair.iter().any(char::is_ascii));
    pairs.flat_map(|pair| [pair[0], pair[1], '\u{1}']).collect()
}

/// What the index knows of a word.
fn runs(word: &str) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    let pair = bigrams(word);
    // Adjacent trigrams say nearly as much as all overlapping ones; the last one ends where the word does.
    let runs = characters.chunks_exact(RUN).chain(characters.rchunks_exact(RUN).take(1));
    runs.map(String::from_iter).chain((characters.len() < RUN && !pair.is_empty()).then_some(pair)).collect()
}

/// Issues that may have each word in type, message or file; `None` if there are many, or the words are too short to tell.
pub(super) fn with_words(connection: &Connection, words: &BTreeSet<String>) -> Result<Option<Vec<IssueId>>> {
    let quoted = |run: String| format!("\"{}\"", run.replace('"', "\"\""));
    let runs: BTreeSet<String> = words.iter().flat_map(|word| runs(word)).map(quoted).collect();
    let all: Vec<String> = runs.into_iter().take(RUNS).collect();
    if all.is_empty() {
        return Ok(None);
    }
    let matching = "SELECT rowid FROM issue_texts WHERE issue_texts MATCH ?1";
    let Some(mut found) = at_most(connection, matching, [all.join(" AND ")], FEW)? else { return Ok(None) };
    let mut select = connection.prepare_cached(
        "SELECT DISTINCT issue_id FROM events
         WHERE id > (SELECT event FROM indexed_up_to) AND payload_event IS NULL",
    )?;
    for issue_id in select.query_map([], |row| row.get(0).map(IssueId))? {
        found.push(issue_id?);
    }
    Ok(Some(found))
}

/// Issues seen in one of some environments; `None` if there are many.
pub(super) fn in_environments(
    connection: &Connection,
    environments: &[String],
) -> Result<Option<Vec<IssueId>>> {
    let places = vec!["?"; environments.len()].join(", ");
    let sql = format!("SELECT DISTINCT issue_id FROM issue_environments WHERE environment IN ({places})");
    at_most(connection, &sql, params_from_iter(environments), FEW)
}

/// The issues that a statement selects; `None` if there are `many` or more.
pub(super) fn at_most(
    connection: &Connection,
    select: &str,
    params: impl Params,
    many: usize,
) -> Result<Option<Vec<IssueId>>> {
    let mut select = connection.prepare_cached(&format!("{select} LIMIT {many}"))?;
    let ids = select.query_map(params, |row| row.get(0).map(IssueId))?.collect::<Result<Vec<_>>>()?;
    Ok((ids.len() < many).then_some(ids))
}

/// Indexes the texts of the next events, about this many bytes.
pub(super) fn index_more(session: &mut Session<'_>, bytes: i64) -> std::result::Result<(), StoreError> {
    let indexed = session.cache.indexed_up_to;
    let mut until = session.cache.last_event().min(indexed + EVENTS_AT_ONCE);
    {
        let mut select = session.transaction.prepare_cached(
            "SELECT id, issue_id, number FROM events WHERE id > ?1 AND id <= ?2 AND payload_event IS NULL ORDER BY id",
        )?;
        let mut payloads = select.query((indexed, until))?;
        let (mut changed, mut done) = (HashSet::new(), 0);
        while let Some(event) = payloads.next()? {
            let issue_id: i64 = event.get("issue_id")?;
            if changed.insert(issue_id) {
                done += index(&session.transaction, issue_id, event.get::<_, i64>("number")? == 1)?;
            }
            if done >= bytes {
                until = event.get("id")?;
                break;
            }
        }
    }
    session.set_indexed_up_to(until)
}

/// Indexes the text of an issue unless it is unchanged; returns its length in bytes. Of a new issue none is indexed.
pub(in crate::store) fn index(transaction: &Transaction<'_>, id: i64, is_new: bool) -> Result<i64> {
    let mut select = transaction.prepare_cached(
        "SELECT concat_ws(char(10), error_type, message, file_path) FROM issues WHERE id = ?1",
    )?;
    // It may have been deleted.
    let Some(text) = select.query_row([id], |row| row.get::<_, String>(0)).optional()? else { return Ok(0) };
    let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let hash = FixedState::default().hash_one(&text).cast_signed();
    let mut known = transaction.prepare_cached("SELECT 1 FROM issue_texts WHERE rowid = ?1 AND hash = ?2")?;
    if !is_new && known.exists((id, hash))? {
        return Ok(bytes);
    }
    let verb = if is_new { "INSERT" } else { "REPLACE" };
    let mut insert = transaction
        .prepare_cached(&format!("{verb} INTO issue_texts (rowid, text, hash) VALUES (?1, ?2, ?3)"))?;
    insert.execute((id, format!("{text}\n{}", bigrams(&text)), hash))?;
    Ok(bytes)
}
