//! Where an error comes from.

use crate::text_enum::text_enum;

/// The three kinds of errors that share one inbox; each has its own fingerprint formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Source {
    /// A running program.
    #[default]
    Runtime,
    /// A pipeline: build, test, lint.
    Cicd,
    /// A deployment: pods that fail to start or crash.
    Deployment,
}

text_enum!(Source { Runtime = "runtime", Cicd = "cicd", Deployment = "deployment" });
