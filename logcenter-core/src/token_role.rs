//! What a token allows.

use crate::text_enum::text_enum;

/// What a token allows its holder to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenRole {
    /// Reads.
    Viewer,
    /// Reads, and repairs: claims issues, works on them under a lease, and reports deployments.
    Agent,
    /// Everything.
    Admin,
}

text_enum!(TokenRole { Viewer = "viewer", Agent = "agent", Admin = "admin" });
