//! Finding issues by a text or an environment that few have.
//!
//! What many have is found soonest by reading a list in its order; for what few have that would be a walk over all issues.
//! So it is asked first which may have it. Texts are found by their runs of three characters (sqlite.org/fts5.html, the
//! trigram tokenizer), which say where a text can be, not that it is there: the list's own condition decides.
//!
//! To index its text costs a third of what recording a new issue does, and recording must not wait for it: the writer does it
//! while it has nothing else to do, and a little all the same when it never rests. How an issue looks changes with an event
//! that shows its own looks: what is missing in the index is what the newest of these tell, and a search reads them, too.

use super::memory::Memory;
use foldhash::fast::FixedState;
use rusqlite::{Connection, OptionalExtension, Params, Result, Transaction};
use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;

/// So many issues are read and sorted sooner than a page of them is met on a walk over a hundred thousand.
const FEW: usize = 3000;

/// Characters of a run, and how many runs of a text are looked for.
const RUN: usize = 3;
const RUNS: usize = 32;

/// Events that are gone through at once.
const EVENTS_AT_ONCE: i64 = 4096;

/// Each two characters beyond ASCII that stand together, as a run of their own: Chinese words have two.
fn pairs(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let pairs = characters.windows(2).filter(|pair| !pair.iter().any(char::is_ascii));
    pairs.flat_map(|pair| [pair[0], pair[1], '\u{1}']).collect()
}

/// Issues that may have `text` in type, message or file; `None` if they are many or the text is too short to tell.
pub(super) fn with_text(connection: &Connection, text: &str) -> Result<Option<Vec<i64>>> {
    let characters: Vec<char> = text.chars().collect();
    let pair = pairs(text);
    // Runs side by side say nearly as much as all that overlap; the last of them is that at the end.
    let runs = characters.chunks_exact(RUN).chain(characters.rchunks_exact(RUN).take(1));
    let runs =
        runs.map(String::from_iter).chain((characters.len() < RUN && !pair.is_empty()).then_some(pair));
    let runs: BTreeSet<String> = runs.map(|run| format!("\"{}\"", run.replace('"', "\"\""))).collect();
    let all: Vec<String> = runs.into_iter().take(RUNS).collect();
    if all.is_empty() {
        return Ok(None);
    }
    let matching = "SELECT rowid FROM issue_texts WHERE issue_texts MATCH ?1";
    let Some(mut found) = few(connection, matching, [all.join(" AND ")], FEW)? else { return Ok(None) };
    let mut select = connection.prepare_cached(
        "SELECT DISTINCT issue_id FROM events
         WHERE id > (SELECT last_id FROM searchable_events) AND looks_event IS NULL",
    )?;
    for issue_id in select.query_map([], |row| row.get(0))? {
        found.push(issue_id?);
    }
    Ok(Some(found))
}

/// Issues that were seen in an environment; `None` if they are many.
pub(super) fn in_environment(connection: &Connection, environment: &str) -> Result<Option<Vec<i64>>> {
    few(connection, "SELECT issue_id FROM issue_environments WHERE environment = ?1", [environment], FEW)
}

/// The issues that a statement selects; `None` if they are so many or more.
pub(super) fn few(
    connection: &Connection,
    select: &str,
    params: impl Params,
    many: usize,
) -> Result<Option<Vec<i64>>> {
    let mut select = connection.prepare_cached(&format!("{select} LIMIT {many}"))?;
    let ids = select.query_map(params, |row| row.get(0))?.collect::<Result<Vec<_>>>()?;
    Ok((ids.len() < many).then_some(ids))
}

/// Adds to the index what the next events tell, until it went through about so many bytes of text.
pub(super) fn advance(transaction: &Transaction<'_>, memory: &mut Memory, bytes: i64) -> Result<()> {
    let mut until = memory.last_event().min(memory.searchable_event + EVENTS_AT_ONCE);
    let mut select = transaction.prepare_cached(
        "SELECT id, issue_id FROM events WHERE id > ?1 AND id <= ?2 AND looks_event IS NULL ORDER BY id",
    )?;
    let mut looks = select.query((memory.searchable_event, until))?;
    let (mut changed, mut done) = (HashSet::new(), 0);
    while let Some(event) = looks.next()? {
        let issue_id: i64 = event.get("issue_id")?;
        if changed.insert(issue_id) {
            done += index(transaction, issue_id)?;
        }
        if done >= bytes {
            until = event.get("id")?;
            break;
        }
    }
    reached(transaction, memory, until)
}

/// Notes that up to this event all texts are found.
pub(super) fn reached(transaction: &Transaction<'_>, memory: &mut Memory, event: i64) -> Result<()> {
    transaction.prepare_cached("UPDATE searchable_events SET last_id = ?1")?.execute([event])?;
    memory.searchable_event = event;
    Ok(())
}

/// Makes an issue be found by its text, unless it is already. Says how long the text is.
fn index(transaction: &Transaction<'_>, id: i64) -> Result<i64> {
    let mut select = transaction.prepare_cached(
        "SELECT concat_ws(char(10), error_type, message, file_path) AS text,
           (SELECT hash FROM issue_texts WHERE rowid = issues.id) AS hash FROM issues WHERE id = ?1",
    )?;
    let found =
        select.query_row([id], |row| Ok((row.get::<_, String>("text")?, row.get::<_, Option<i64>>("hash")?)));
    // It may have been removed.
    let Some((text, known)) = found.optional()? else { return Ok(0) };
    let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let hash = Some(FixedState::default().hash_one(&text).cast_signed());
    if known == hash {
        return Ok(bytes);
    }
    let mut replace = transaction
        .prepare_cached("INSERT OR REPLACE INTO issue_texts (rowid, text, hash) VALUES (?1, ?2, ?3)")?;
    replace.execute((id, format!("{text}\n{}", pairs(&text)), hash))?;
    Ok(bytes)
}
