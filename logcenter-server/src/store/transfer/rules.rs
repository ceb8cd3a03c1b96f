//! What must fit together in a database.

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What should hold.
    pub rule: &'static str,
    /// Rows for which it does not; or for the file's structure, what SQLite says.
    pub broken: Vec<String>,
}

/// Rules, each with a query that selects ids of rows for which it does not hold. The same SQL on both kinds of database.
pub(super) const RULES: [(&str, &str); 9] = [
    (
        "every fingerprint belongs to an issue",
        "SELECT issue_id FROM fingerprints f WHERE NOT EXISTS (SELECT 1 FROM issues i WHERE i.id = f.issue_id) LIMIT 10",
    ),
    (
        "every issue is counted as often as its hours say",
        "SELECT i.id FROM issues i JOIN (SELECT issue_id, sum(count) AS count FROM issue_hours GROUP BY issue_id) h
           ON h.issue_id = i.id WHERE h.count <> i.count AND EXISTS (SELECT 1 FROM events e WHERE e.issue_id = i.id) LIMIT 10",
    ),
    (
        "every hour belongs to an issue",
        "SELECT issue_id FROM issue_hours h WHERE NOT EXISTS (SELECT 1 FROM issues i WHERE i.id = h.issue_id) LIMIT 10",
    ),
    (
        "every event belongs to an issue",
        "SELECT issue_id FROM events e WHERE NOT EXISTS (SELECT 1 FROM issues i WHERE i.id = e.issue_id) LIMIT 10",
    ),
    (
        "no issue has an event after its latest",
        "SELECT i.id FROM issues i JOIN events e ON e.issue_id = i.id WHERE e.number > i.events LIMIT 10",
    ),
    (
        "every issue belongs to a project",
        "SELECT id FROM issues i WHERE NOT EXISTS (SELECT 1 FROM projects p WHERE p.project_id = i.project_id) LIMIT 10",
    ),
    (
        "every change of status belongs to an issue",
        "SELECT issue_id FROM history h WHERE NOT EXISTS (SELECT 1 FROM issues i WHERE i.id = h.issue_id) LIMIT 10",
    ),
    (
        "every attempt belongs to an issue",
        "SELECT issue_id FROM attempts a WHERE NOT EXISTS (SELECT 1 FROM issues i WHERE i.id = a.issue_id) LIMIT 10",
    ),
    (
        "everything that an attempt left belongs to it",
        "SELECT attempt_id FROM artifacts f WHERE NOT EXISTS (SELECT 1 FROM attempts a WHERE a.id = f.attempt_id) LIMIT 10",
    ),
];
