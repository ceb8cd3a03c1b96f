//! Tokens for programs.

use super::ids::TokenId;
use super::scope::Scope;
use super::text::ActorName;
use logcenter_core::{Timestamp, TokenRole};

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Its name, which the history shows for what it changes.
    pub name: ActorName,
    /// What it allows.
    pub role: TokenRole,
    /// The projects that it is limited to.
    pub scope: Scope,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
}

/// A token. The secret itself is not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is.
    pub about: NewToken,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// Whether it is still valid.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.about.expires_at.is_none_or(|expires_at| now < expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_valid_until_it_expires() {
        let token = |expires_at: Option<i64>| Token {
            id: TokenId(1),
            about: NewToken {
                name: ActorName::cut("repair-1"),
                role: TokenRole::Agent,
                scope: Scope::All,
                expires_at: expires_at.map(Timestamp::from_millis),
            },
            created_at: Timestamp::from_millis(1),
            last_used_at: None,
        };
        let now = Timestamp::from_millis(10);
        assert!(token(None).is_valid(now));
        assert!(token(Some(11)).is_valid(now));
        assert!(!token(Some(10)).is_valid(now));
    }
}
