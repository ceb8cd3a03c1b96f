//! Tokens for programs.

use super::StoreFuture;
use crate::domain::{NewToken, SecretHash, Secrets, Token, TokenId};
use logcenter_core::Timestamp;

/// Tokens for programs.
pub trait Tokens {
    /// All tokens.
    fn tokens(&self) -> StoreFuture<'_, Secrets<Token>>;

    /// All tokens, or `None` if their generation is still `known`.
    fn tokens_since(&self, known: i64) -> StoreFuture<'_, Option<Secrets<Token>>>;

    /// Stores a new token.
    fn add_token(&self, hash: SecretHash, token: NewToken, now: Timestamp) -> StoreFuture<'_, Token>;

    /// Revokes a token and takes back what was claimed with it; returns whether it existed.
    fn delete_token(&self, id: TokenId, now: Timestamp) -> StoreFuture<'_, bool>;

    /// Remembers when tokens were last used. Does not change their generation.
    fn tokens_used(&self, used: Vec<(TokenId, Timestamp)>) -> StoreFuture<'_, ()>;
}
