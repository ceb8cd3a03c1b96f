//! [`Sessions`](crate::store::Sessions).

use super::sample::at;
use crate::domain::SecretHash;
use crate::store::Store;

/// An ended session is remembered until it would have expired anyway, even if it is ended twice.
pub async fn an_ended_session_is_remembered_until_it_expires<S: Store>(store: &S) {
    let session = SecretHash::of("cookie");
    for _ in 0..2 {
        store.end_session(session, at(100)).await.expect("ended");
    }
    assert_eq!(store.ended_sessions(at(99)).await.expect("read"), [(session, at(100))]);
    assert_eq!(store.ended_sessions(at(100)).await.expect("read"), []);
    while store.purge_expired(at(101)).await.expect("purged") {}
    assert_eq!(store.ended_sessions(at(0)).await.expect("read"), []);
}
