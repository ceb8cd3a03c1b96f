//! The only place that generates random values.

/// Prefix of every ingest key.
pub(crate) const KEY_PREFIX: &str = "lck_";

/// Generates a new ingest key: `lck_` and forty hexadecimal digits.
///
/// # Errors
/// If the system cannot provide randomness.
#[expect(clippy::disallowed_methods, reason = "the one place that draws randomness")]
pub(crate) fn new_ingest_key() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::from(KEY_PREFIX), |key, byte| key + &format!("{byte:02x}")))
}
