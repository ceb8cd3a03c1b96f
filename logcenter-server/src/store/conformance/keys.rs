//! [`Keys`](crate::store::Keys).

use super::sample::{at, issue, shop};
use crate::domain::SecretHash;
use crate::store::Store;
use logcenter_core::KeyKind;

/// A key is stored by its hash and found until it is revoked; every change to the keys increments their generation.
pub async fn keys_come_and_go_by_generation<S: Store>(store: &S) {
    let kind = |secret: &str| if secret == "two" { KeyKind::Browser } else { KeyKind::Server };
    let add = |secret: &str| {
        store.add_key(shop(), kind(secret), SecretHash::of(secret), secret[..2].into(), at(10))
    };
    assert!(add("one").await.expect("answered").is_none(), "there is no such project yet");
    issue(store, 1, 10).await;
    let before = store.keys().await.expect("read").generation;
    assert!(store.keys_since(before).await.expect("read").is_none());
    let (one, two) = (add("one").await.expect("added").expect("a key"), add("two").await.expect("added"));
    assert!(two.is_some_and(|two| two.id != one.id));
    let keys = store.keys_since(before).await.expect("read").expect("they changed");
    let hints: Vec<_> = keys.all.iter().map(|(hash, key)| (*hash, key.hint.as_str())).collect();
    assert_eq!(hints, [(SecretHash::of("one"), "on"), (SecretHash::of("two"), "tw")]);
    let kinds: Vec<_> = keys.all.iter().map(|(_, key)| key.kind).collect();
    assert_eq!(kinds, [KeyKind::Server, KeyKind::Browser]);
    let other = "other".parse().expect("a project");
    assert_eq!(store.delete_keys(other, Some(one.id)).await.expect("answered"), 0);
    assert!(store.keys_since(keys.generation).await.expect("read").is_none(), "nothing was removed");
    assert_eq!(store.delete_keys(shop(), Some(one.id)).await.expect("removed"), 1);
    let left = store.keys_since(keys.generation).await.expect("read").expect("they changed");
    assert_eq!((left.all.len(), left.generation > keys.generation), (1, true));
    assert_eq!(store.delete_keys(shop(), None).await.expect("removed"), 1);
    assert!(store.keys().await.expect("read").all.is_empty());
}
