//! The only place that generates random values.

/// Prefix of every ingest key.
pub(crate) const KEY_PREFIX: &str = "lck_";

/// Prefix of the token of every lease.
pub(crate) const LEASE_PREFIX: &str = "lcl_";

/// Prefix of every token.
pub(crate) const TOKEN_PREFIX: &str = "lct_";

/// Generates a new key or token: the prefix and forty hexadecimal digits.
///
/// # Errors
/// If the system cannot provide randomness.
#[expect(clippy::disallowed_methods, reason = "the one place that draws randomness")]
pub(crate) fn new_secret(prefix: &str) -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::from(prefix), |secret, byte| secret + &format!("{byte:02x}")))
}
