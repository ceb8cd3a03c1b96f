//! Invoices.

/// An amount in cents, for a number of pieces at a price in euros.
pub fn total_cents(pieces: u32, euros: u32) -> u64 {
    let cents = pieces * euros * 100;
    u64::from(cents)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_small_order() {
        assert_eq!(super::total_cents(3, 20), 6000);
    }
}
