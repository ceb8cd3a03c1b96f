//! Where an error arose.

use crate::text_enum::text_enum;

/// The three kinds of error that meet in one inbox; each has its own fingerprint formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Source {
    /// A running program.
    #[default]
    Runtime,
    /// A pipeline: build, test, lint.
    Cicd,
    /// A deployment: pods that do not come up or fall over.
    Deployment,
}

text_enum!(Source { Runtime = "runtime", Cicd = "cicd", Deployment = "deployment" });
