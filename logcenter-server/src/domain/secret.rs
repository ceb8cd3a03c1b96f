//! Tokens and keys, kept only as hashes and compared in constant time.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// The SHA-256 of a secret: nothing else of it is kept.
///
/// An ingest key has 160 random bits, so no slow hash is needed. The administrator's token is chosen by a person: rate
/// limiting protects it from being guessed, and its hash is never stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Hashes a secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self::of_bytes(secret.as_bytes())
    }

    /// Hashes what need not be text.
    #[must_use]
    pub fn of_bytes(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// A hash from the bytes that a store kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to keep in a store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A signature of `text` that only someone who knows the secret can make (HMAC-SHA-256, RFC 2104), in hexadecimal.
    pub(crate) fn sign(&self, text: &str) -> String {
        // HMAC pads a key shorter than its block with zeros.
        let mut key = [0; 64];
        key[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&key.into());
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// Whether a signature is valid for `text`.
    pub(crate) fn signed(&self, text: &str, signature: &str) -> bool {
        self.sign(text).as_bytes().ct_eq(signature.as_bytes()).into()
    }

    /// Whether this is the hash of `secret`. Takes the same time however much of it is right.
    #[must_use]
    pub fn is(&self, secret: &str) -> bool {
        Self::of(secret).0.ct_eq(&self.0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

/// All keys, or all tokens, with their generation.
#[derive(Debug, Clone)]
pub struct Secrets<T> {
    /// Incremented whenever one is added or removed, by any replica.
    pub generation: i64,
    /// Each with its hash, oldest first.
    pub all: Vec<(SecretHash, T)>,
}
