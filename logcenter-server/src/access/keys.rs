//! In-memory cache of the valid ingest keys.

use crate::domain::{IngestKeys, SecretHash};
use logcenter_core::ProjectId;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// A cached copy of the ingest keys, only ever replaced by a newer one.
#[derive(Debug, Default)]
pub(crate) struct KeyCache(RwLock<(i64, HashMap<SecretHash, ProjectId>)>);

impl KeyCache {
    /// The generation of the cached copy.
    pub(crate) fn generation(&self) -> i64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Replaces the copy unless it is already newer: keys read before a deletion may arrive after it.
    pub(crate) fn replace(&self, keys: IngestKeys) {
        let mut cached = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if keys.generation > cached.0 {
            let valid = keys.keys.into_iter().map(|(hash, key)| (hash, key.project_id));
            *cached = (keys.generation, valid.collect());
        }
    }

    /// The project that a key belongs to; `None` if the key is not valid.
    pub(crate) fn project(&self, key: &str) -> Option<ProjectId> {
        let cached = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if cached.1.is_empty() { None } else { cached.1.get(&SecretHash::of(key)).cloned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{IngestKey, KeyId};
    use logcenter_core::Timestamp;

    #[test]
    fn what_was_read_before_a_key_was_deleted_does_not_bring_it_back() {
        let key = IngestKey {
            id: KeyId(1),
            project_id: "shop".parse().unwrap(),
            hint: String::new(),
            created_at: Timestamp::from_millis(1),
        };
        let with_key = IngestKeys { generation: 2, keys: vec![(SecretHash::of("lck_1"), key)] };
        let cache = KeyCache::default();
        cache.replace(with_key.clone());
        assert_eq!(cache.project("lck_1"), Some("shop".parse().unwrap()));
        cache.replace(IngestKeys { generation: 3, keys: Vec::new() });
        cache.replace(with_key);
        assert_eq!(cache.project("lck_1"), None);
        assert_eq!(cache.generation(), 3);
    }
}
