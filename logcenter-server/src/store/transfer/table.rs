//! What is copied: the tables and the columns that both kinds of database have.

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Integer,
    /// In SQLite, 0 or 1.
    Boolean,
    Real,
    Text,
    Bytes,
}

use Type::{Boolean, Bytes, Integer, Real, Text};

type Columns = &'static [(&'static str, Type)];

pub(super) struct Table {
    pub(super) name: &'static str,
    /// The order in which rows are read.
    key: Columns,
    /// The same in a SQLite file, if that is another one.
    file_key: Option<Columns>,
    pub(super) columns: Columns,
    /// A column that a SQLite file does not have, and how it is computed there.
    computed: Option<(&'static str, &'static str)>,
    /// What is selected from in PostgreSQL, if that is not the table.
    pub(super) selected: Option<&'static str>,
}

impl Table {
    const fn new(name: &'static str, key: Columns, columns: Columns) -> Self {
        Self { name, key, file_key: None, columns, computed: None, selected: None }
    }

    /// The columns of its key, in a SQLite file or in PostgreSQL.
    pub(super) fn keys(&self, in_file: bool) -> Columns {
        self.file_key.filter(|_| in_file).unwrap_or(self.key)
    }

    /// How a column is computed in a SQLite file, if it does not have it.
    pub(super) fn computed(&self, column: &str) -> Option<&'static str> {
        self.computed.filter(|(name, _)| *name == column).map(|(_, sql)| sql)
    }
}

/// All that is copied, in this order. Issue events that listeners are about to hear, and what a replica remembers of its batches, are not.
pub(super) const TABLES: &[Table] = &[
    Table::new(
        "projects",
        &[("project_id", Text)],
        &[
            ("project_id", Text),
            ("name", Text),
            ("repo_url", Text),
            ("local_path", Text),
            ("description", Text),
            ("regression_rule", Text),
            ("created_at", Integer),
            ("updated_at", Integer),
        ],
    ),
    Table::new(
        "ingest_keys",
        &[("id", Integer)],
        &[
            ("id", Integer),
            ("project_id", Text),
            ("hash", Bytes),
            ("hint", Text),
            ("created_at", Integer),
            ("kind", Text),
        ],
    ),
    Table::new(
        "tokens",
        &[("id", Integer)],
        &[
            ("id", Integer),
            ("hash", Bytes),
            ("name", Text),
            ("role", Text),
            ("project_ids", Text),
            ("expires_at", Integer),
            ("created_at", Integer),
            ("last_used_at", Integer),
        ],
    ),
    Table {
        computed: Some((
            "environments",
            "(SELECT count(DISTINCT h.environment) FROM issue_hours h
            WHERE h.issue_id = issues.id AND h.environment <> '(other)')",
        )),
        ..Table::new(
            "issues",
            &[("id", Integer)],
            &[
                ("id", Integer),
                ("fingerprint", Bytes),
                ("project_id", Text),
                ("source", Text),
                ("status", Text),
                ("revision", Integer),
                ("count", Integer),
                ("events", Integer),
                ("regressions", Integer),
                ("first_seen", Integer),
                ("last_seen", Integer),
                ("level", Text),
                ("environment", Text),
                ("version", Text),
                ("commit_hash", Text),
                ("error_type", Text),
                ("message", Text),
                ("file_path", Text),
                ("line_number", Integer),
                ("trusted", Boolean),
                ("fixed_at", Integer),
                ("fix_commit", Text),
                ("fix_branch", Text),
                ("pull_request_url", Text),
                ("verified_at", Integer),
                ("payload_number", Integer),
                ("payload_hash", Integer),
                ("environments", Integer),
            ],
        )
    },
    Table::new("fingerprints", &[("fingerprint", Bytes)], &[("fingerprint", Bytes), ("issue_id", Integer)]),
    // A SQLite file has no index by issue; its rows are in the order in which they came.
    Table {
        file_key: Some(&[("id", Integer)]),
        computed: Some((
            "payload_number",
            "(SELECT p.number FROM events p WHERE p.id = events.payload_event)",
        )),
        ..Table::new(
            "events",
            &[("issue_id", Integer), ("number", Integer)],
            &[
                ("issue_id", Integer),
                ("number", Integer),
                ("event_id", Text),
                ("at", Integer),
                ("received_at", Integer),
                ("context", Text),
                ("count", Integer),
                ("truncated", Boolean),
                ("repairs", Text),
                ("environment", Text),
                ("level", Text),
                ("version", Text),
                ("commit_hash", Text),
                ("error_type", Text),
                ("message", Text),
                ("file_path", Text),
                ("line_number", Integer),
                ("trusted", Boolean),
                ("stack_trace", Text),
                ("payload_number", Integer),
            ],
        )
    },
    Table::new(
        "issue_hours",
        &[("issue_id", Integer), ("environment", Text), ("hour", Integer)],
        &[
            ("issue_id", Integer),
            ("environment", Text),
            ("hour", Integer),
            ("count", Integer),
            ("last_seen", Integer),
        ],
    ),
    Table::new(
        "issue_environments",
        &[("environment", Text), ("issue_id", Integer)],
        &[("environment", Text), ("issue_id", Integer)],
    ),
    Table::new(
        "issue_releases",
        &[("issue_id", Integer), ("release", Text)],
        &[("issue_id", Integer), ("release", Text), ("first_seen", Integer)],
    ),
    Table {
        selected: Some(
            "(SELECT hour, project_id, source, sum(count)::bigint AS count FROM project_hours GROUP BY 1, 2, 3) AS summed",
        ),
        ..Table::new(
            "project_hours",
            &[("hour", Integer), ("project_id", Text), ("source", Text)],
            &[("hour", Integer), ("project_id", Text), ("source", Text), ("count", Integer)],
        )
    },
    Table::new(
        "event_ids",
        &[("project_id", Text), ("event_id", Text)],
        &[("project_id", Text), ("event_id", Text), ("issue_id", Integer), ("seen_at", Integer)],
    ),
    Table::new(
        "history",
        &[("id", Integer)],
        &[
            ("id", Integer),
            ("issue_id", Integer),
            ("from", Text),
            ("to", Text),
            ("actor", Text),
            ("role", Text),
            ("note", Text),
            ("at", Integer),
            ("forced", Boolean),
            ("commit_hash", Text),
            ("pull_request_url", Text),
        ],
    ),
    Table::new(
        "deployments",
        &[("id", Integer)],
        &[
            ("id", Integer),
            ("project_id", Text),
            ("environment", Text),
            ("version", Text),
            ("commits", Text),
            ("at", Integer),
            ("deployed", Text),
        ],
    ),
    Table::new(
        "repairs",
        &[("issue_id", Integer)],
        &[
            ("issue_id", Integer),
            ("epoch", Integer),
            ("worker", Text),
            ("lease_secret", Bytes),
            ("lease_token_id", Integer),
            ("lease_seconds", Integer),
            ("lease_expires_at", Integer),
            ("lease_cancel", Boolean),
            ("failed", Integer),
            ("abandoned", Integer),
            ("not_before", Integer),
            ("given_up", Boolean),
            ("awaiting_approval", Boolean),
            ("requested_at", Integer),
            ("hint", Text),
            ("approved_attempt", Integer),
            ("publication_branch", Text),
            ("publication_base", Text),
            ("publication_url", Text),
            ("merged_commit", Text),
            ("failed_checks", Text),
        ],
    ),
    Table::new(
        "attempts",
        &[("id", Integer)],
        &[
            ("id", Integer),
            ("issue_id", Integer),
            ("epoch", Integer),
            ("worker", Text),
            ("stage", Text),
            ("verdict", Text),
            ("reason", Text),
            ("base_commit", Text),
            ("base_branch", Text),
            ("commit_hash", Text),
            ("branch", Text),
            ("pull_request_url", Text),
            ("started_at", Integer),
            ("ended_at", Integer),
            ("usd", Real),
            ("tokens", Integer),
            ("seconds", Real),
        ],
    ),
    Table::new(
        "artifacts",
        &[("attempt_id", Integer), ("kind", Text)],
        &[
            ("attempt_id", Integer),
            ("kind", Text),
            ("bytes", Integer),
            ("truncated", Boolean),
            ("deflated", Bytes),
        ],
    ),
    Table::new("hooks", &[("digest", Bytes)], &[("digest", Bytes), ("received_at", Integer)]),
    Table::new(
        "failed_checks",
        &[("commit_hash", Text), ("repository", Text), ("name", Text)],
        &[("commit_hash", Text), ("repository", Text), ("name", Text), ("received_at", Integer)],
    ),
    Table::new("ended_sessions", &[("session", Bytes)], &[("session", Bytes), ("expires", Integer)]),
];
