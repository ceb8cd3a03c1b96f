//! Query parameters.

use std::num::ParseIntError;

/// A page number, as people type it.
///
/// # Errors
/// It is no number.
pub fn page_number(typed: &str) -> Result<u32, ParseIntError> {
    typed.trim().parse()
}

#[cfg(test)]
mod tests {
    use super::page_number;

    #[test]
    fn numbers_are_read_and_words_are_not() {
        assert_eq!(page_number("12\n"), Ok(12));
        assert!(page_number("twelve").is_err());
    }
}
