//! A value that an attempt changes as it goes on. As a `Cell`, but an attempt may move to another thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub(super) struct Slot<T>(Mutex<T>);

impl<T> Slot<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// For changes in place; never kept across an `await`.
    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, value: T) {
        *self.lock() = value;
    }
}

impl<T: Copy> Slot<T> {
    pub(super) fn get(&self) -> T {
        *self.lock()
    }
}

impl<T: Default> Slot<T> {
    pub(super) fn take(&self) -> T {
        std::mem::take(&mut *self.lock())
    }
}
