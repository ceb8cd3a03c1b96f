//! The words of the repair agent: how far an attempt has come, how it ended, and what it leaves behind.

use crate::text_enum::text_enum;

/// The note of a fix whose pull request was closed unmerged: it is not tried again by itself.
pub const REFUSED_BY_A_PERSON: &str = "refused by a person";

/// How far an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The error is being reproduced.
    Verify,
    /// A fix is being written and judged.
    Fix,
    /// The fix is being pushed.
    Publish,
}

text_enum!(Stage { Verify = "verify", Fix = "fix", Publish = "publish" });

/// What an attempt found out, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The error was reproduced.
    Reproduced,
    /// The error could not be reproduced.
    NotReproduced,
    /// There is a fix that passed.
    Fixed,
    /// The fixer changed nothing.
    NoChange,
    /// The tests do not pass with the change.
    TestsFailed,
    /// The change touches what no automatic change may touch.
    GuardRejected,
    /// The fixer took too long.
    TimedOut,
    /// The fixer spent too much.
    Budget,
    /// The agent's machine, the repository or the toolchain failed.
    InfraError,
    /// A person stopped it.
    Cancelled,
    /// The lease ran out.
    Abandoned,
}

text_enum!(Verdict {
    Reproduced = "reproduced",
    NotReproduced = "not_reproduced",
    Fixed = "fixed",
    NoChange = "no_change",
    TestsFailed = "tests_failed",
    GuardRejected = "guard_rejected",
    TimedOut = "timed_out",
    Budget = "budget",
    InfraError = "infra_error",
    Cancelled = "cancelled",
    Abandoned = "abandoned",
});

impl Verdict {
    /// Whether the attempt ends with it. After the others it goes on to its next stage.
    #[must_use]
    pub const fn ends(self) -> bool {
        !matches!(self, Self::Reproduced | Self::Fixed)
    }

    /// Whether the fixer failed, which counts towards giving up.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        match self {
            Self::NoChange | Self::TestsFailed | Self::GuardRejected | Self::TimedOut | Self::Budget => true,
            Self::Reproduced
            | Self::NotReproduced
            | Self::Fixed
            | Self::InfraError
            | Self::Cancelled
            | Self::Abandoned => false,
        }
    }
}

/// What an attempt leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArtifactKind {
    /// What the fixer was told.
    Prompt,
    /// What the fixer said.
    Transcript,
    /// The change.
    Diff,
    /// How the error was reproduced, and what that printed.
    Reproduction,
    /// What the tests printed before the change.
    TestBefore,
    /// What the tests printed after it.
    TestAfter,
    /// The fixer's summary.
    Summary,
}

text_enum!(ArtifactKind {
    Prompt = "prompt",
    Transcript = "transcript",
    Diff = "diff",
    Reproduction = "reproduction",
    TestBefore = "test_before",
    TestAfter = "test_after",
    Summary = "summary",
});
