//! When tokens were last used, until it is stored.

use crate::domain::{Token, TokenId};
use logcenter_core::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Uses within this time of one that is stored are not stored again.
const EVERY_MILLIS: i64 = 60_000;

/// The tokens that were used since this was last [taken](Self::take).
#[derive(Debug, Default)]
pub(crate) struct UsedTokens(Mutex<Used>);

#[derive(Debug, Default)]
struct Used {
    stored: HashMap<TokenId, Timestamp>,
    waiting: HashMap<TokenId, Timestamp>,
}

impl UsedTokens {
    /// Notes that a token was used.
    pub(crate) fn note(&self, token: &Token, now: Timestamp) {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stored = used.stored.get(&token.id).copied().max(token.last_used_at);
        if stored.is_none_or(|stored| now >= stored.plus_millis(EVERY_MILLIS)) {
            used.waiting.insert(token.id, now);
        }
    }

    /// Takes what is to be stored.
    pub(crate) fn take(&self) -> Vec<(TokenId, Timestamp)> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting: Vec<_> = used.waiting.drain().collect();
        used.stored.extend(waiting.iter().copied());
        waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::ActorName;
    use crate::domain::{NewToken, Scope};
    use logcenter_core::TokenRole;

    #[test]
    fn a_use_is_stored_once_a_minute() {
        let at = Timestamp::from_millis;
        let about = NewToken {
            name: ActorName::cut("repair-1"),
            role: TokenRole::Agent,
            scope: Scope::All,
            expires_at: None,
        };
        let token = Token { id: TokenId(1), about, created_at: at(0), last_used_at: Some(at(1_000)) };
        let used = UsedTokens::default();
        used.note(&token, at(60_999));
        assert_eq!(used.take(), []);
        used.note(&token, at(61_000));
        used.note(&token, at(62_000));
        assert_eq!(used.take(), [(TokenId(1), at(62_000))]);
        used.note(&token, at(121_999));
        assert_eq!(used.take(), []);
        used.note(&token, at(122_000));
        assert_eq!(used.take(), [(TokenId(1), at(122_000))]);
    }
}
