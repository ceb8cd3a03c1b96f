//! How values are held in columns: the same in every store.

use super::StoreError;
use crate::domain::text::{CheckName, CommitHash, Text};
use crate::domain::{IssueId, ReceivedReport, Scope};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use foldhash::fast::FixedState;
use logcenter_core::ProjectId;
use logcenter_core::project_id::InvalidProjectId;
use logcenter_core::report::Repair;
use std::hash::BuildHasher;
use std::io::{self, Read};
use std::num::ParseIntError;

/// Of an event's payload: what is stored once for a run of events that look alike.
pub(super) fn payload_hash(received: &ReceivedReport) -> i64 {
    let report = &received.report;
    let release = (&report.environment, report.level, &report.version, &report.commit_hash, received.trusted);
    let error =
        (&report.error_type, &report.message, &report.file_path, report.line_number, &report.stack_trace);
    FixedState::default().hash_one((release, error)).cast_signed()
}

/// What was repaired in a report: a line each of where and what.
pub(super) fn write_repairs(repairs: &[Repair]) -> Option<String> {
    let line = |Repair { pointer, detail }: &Repair| format!("{pointer} {detail}\n");
    (!repairs.is_empty()).then(|| repairs.iter().map(line).collect())
}

pub(super) fn read_repairs(lines: &str) -> Vec<Repair> {
    let read = |line: &str| {
        let (pointer, detail) = line.split_once(' ')?;
        Some(Repair { pointer: pointer.into(), detail: detail.into() })
    };
    lines.lines().filter_map(read).collect()
}

fn line<const MAX: usize>(text: &Text<MAX>) -> String {
    text.replace(['\r', '\n'], " ") + "\n"
}

/// The names of checks: a line each.
pub(super) fn write_checks(names: &[CheckName]) -> String {
    names.iter().map(line).collect()
}

pub(super) fn read_checks(lines: Option<String>) -> Vec<CheckName> {
    lines.unwrap_or_default().lines().map(CheckName::cut).collect()
}

/// The commits of a deployment: a line each.
pub(super) fn write_commits(commits: &[CommitHash]) -> String {
    commits.iter().map(line).collect()
}

pub(super) fn read_commits(lines: &str) -> Vec<CommitHash> {
    lines.lines().map(CommitHash::cut).collect()
}

/// Ids of issues, separated by spaces.
pub(super) fn write_ids(ids: &[IssueId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

pub(super) fn read_ids(ids: &str) -> Result<Vec<IssueId>, ParseIntError> {
    ids.split_whitespace().map(str::parse).collect()
}

/// A scope: the ids, separated by spaces, which none contains.
pub(super) fn write_scope(scope: &Scope) -> Option<String> {
    match scope {
        Scope::All => None,
        Scope::Projects(projects) => {
            Some(projects.iter().map(ProjectId::as_str).collect::<Vec<_>>().join(" "))
        }
    }
}

pub(super) fn read_scope(ids: Option<&str>) -> Result<Scope, InvalidProjectId> {
    let Some(ids) = ids else { return Ok(Scope::All) };
    let projects: Result<Vec<ProjectId>, _> = ids.split(' ').map(str::parse).collect();
    projects.map(|projects| Scope::Projects(projects.into()))
}

/// A long text, deflated (RFC 1951).
pub(super) fn deflate(text: &str) -> Result<Vec<u8>, StoreError> {
    let mut deflated = Vec::new();
    DeflateEncoder::new(text.as_bytes(), Compression::default())
        .read_to_end(&mut deflated)
        .map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(deflated)
}

pub(super) fn inflate(deflated: &[u8]) -> io::Result<String> {
    let mut text = String::new();
    DeflateDecoder::new(deflated).read_to_string(&mut text)?;
    Ok(text)
}
