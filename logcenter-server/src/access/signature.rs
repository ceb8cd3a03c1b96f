//! Signatures of webhooks.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// The secret that forges sign webhooks with.
pub(crate) struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    pub(crate) fn new(secret: &str) -> Self {
        Self(secret.as_bytes().to_vec())
    }

    /// Whether there is nothing to guess.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is the signature of a body: its HMAC-SHA-256 (RFC 2104), in hexadecimal. Takes the same time however
    /// much of it is right.
    pub(crate) fn signed(&self, body: &[u8], signature: &str) -> bool {
        let Some(signature) = bytes(signature) else { return false };
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return false };
        mac.update(body);
        mac.verify_slice(&signature).is_ok()
    }
}

/// The bytes that a text in hexadecimal stands for.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let pair = |pair: &[u8]| u8::try_from(digit(pair[0])? * 16 + digit(*pair.get(1)?)?).ok();
    digits.chunks(2).map(pair).collect()
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_the_body() {
        // RFC 4231, test case 2.
        let (secret, body) = (WebhookSecret::new("Jefe"), b"what do ya want for nothing?");
        let signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(secret.signed(body, signature) && secret.signed(body, &signature.to_uppercase()));
        assert!(!secret.signed(b"what do ya want", signature));
        assert!(!WebhookSecret::new("jefe").signed(body, signature));
        for wrong in ["", "5b", "xx", "é", &signature[1..], &signature[..62]] {
            assert!(!secret.signed(body, wrong), "{wrong}");
        }
    }
}
