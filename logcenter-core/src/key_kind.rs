//! Kinds of ingest keys.

use crate::text_enum::text_enum;

/// Who has an ingest key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KeyKind {
    /// Servers and other machines, which keep it to themselves: what comes with it is trusted.
    #[default]
    Server,
    /// Pages and apps, where everybody can read it.
    Browser,
}

text_enum!(KeyKind { Server = "server", Browser = "browser" });
