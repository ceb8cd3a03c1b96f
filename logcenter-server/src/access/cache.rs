//! In-memory copies of the valid keys and tokens.

use crate::domain::{SecretHash, Secrets};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// A cached copy of the keys or tokens, only ever replaced by a newer one.
#[derive(Debug)]
pub(crate) struct SecretCache<T>(RwLock<(i64, HashMap<SecretHash, T>)>);

impl<T> Default for SecretCache<T> {
    fn default() -> Self {
        Self(RwLock::new((0, HashMap::new())))
    }
}

impl<T: Clone> SecretCache<T> {
    /// The generation of the cached copy.
    pub(crate) fn generation(&self) -> i64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Replaces the copy unless it is already newer: what was read before a deletion may arrive after it.
    pub(crate) fn replace<S>(&self, secrets: Secrets<S>, kept: impl Fn(S) -> T) {
        let mut cached = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if secrets.generation > cached.0 {
            let valid = secrets.all.into_iter().map(|(hash, one)| (hash, kept(one)));
            *cached = (secrets.generation, valid.collect());
        }
    }

    /// What a secret stands for; `None` if it is not valid.
    pub(crate) fn find(&self, secret: &str) -> Option<T> {
        let cached = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if cached.1.is_empty() { None } else { cached.1.get(&SecretHash::of(secret)).cloned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_key_was_deleted_does_not_bring_it_back() {
        let with_key = Secrets { generation: 2, all: vec![(SecretHash::of("lck_1"), "shop")] };
        let cache = SecretCache::default();
        cache.replace(with_key.clone(), |project| project);
        assert_eq!(cache.find("lck_1"), Some("shop"));
        cache.replace(Secrets { generation: 3, all: Vec::new() }, |project: &str| project);
        cache.replace(with_key, |project| project);
        assert_eq!(cache.find("lck_1"), None);
        assert_eq!(cache.generation(), 3);
    }
}
