//! [`Tokens`](crate::store::Tokens).

use super::sample::{at, shop};
use crate::domain::text::ActorName;
use crate::domain::{NewToken, Scope, SecretHash, Token, TokenId};
use crate::store::Store;
use logcenter_core::TokenRole;

/// A token is stored by its hash, as it was given, and found until it is revoked; every change to the tokens increments
/// their generation, but a use of one does not.
pub async fn tokens_come_and_go_by_generation<S: Store>(store: &S) {
    let before = store.tokens().await.expect("read").generation;
    assert!(store.tokens_since(before).await.expect("read").is_none());
    let limited = NewToken {
        name: ActorName::cut("repair-1"),
        role: TokenRole::Agent,
        scope: Scope::Projects([shop(), "other".parse().expect("a project")].into()),
        expires_at: Some(at(99)),
    };
    let unlimited = NewToken {
        name: ActorName::cut("board"),
        role: TokenRole::Viewer,
        scope: Scope::All,
        expires_at: None,
    };
    let one = store.add_token(SecretHash::of("one"), limited.clone(), at(10)).await.expect("added");
    let two = store.add_token(SecretHash::of("two"), unlimited.clone(), at(11)).await.expect("added");
    let token =
        |id, about: &NewToken, created_at| Token { id, about: about.clone(), created_at, last_used_at: None };
    let (first, second) = (token(one.id, &limited, at(10)), token(two.id, &unlimited, at(11)));
    assert_eq!((&one, &two), (&first, &second));
    let stored = store.tokens_since(before).await.expect("read").expect("they changed");
    assert_eq!(stored.all, [(SecretHash::of("one"), first), (SecretHash::of("two"), second.clone())]);

    store.tokens_used(vec![(two.id, at(30)), (TokenId(77), at(30))]).await.expect("stored");
    store.tokens_used(vec![(two.id, at(20))]).await.expect("stored");
    assert!(store.tokens_since(stored.generation).await.expect("read").is_none(), "a use is no change");
    let used = Token { last_used_at: Some(at(30)), ..second };
    assert_eq!(store.tokens().await.expect("read").all[1].1, used);

    assert!(!store.delete_token(TokenId(77), at(40)).await.expect("answered"));
    assert!(store.tokens_since(stored.generation).await.expect("read").is_none(), "nothing was removed");
    assert!(store.delete_token(one.id, at(40)).await.expect("removed"));
    let left = store.tokens_since(stored.generation).await.expect("read").expect("they changed");
    assert_eq!(left.all, [(SecretHash::of("two"), used)]);
    assert!(left.generation > stored.generation);
}
