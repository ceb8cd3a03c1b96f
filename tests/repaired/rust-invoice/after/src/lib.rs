//! Invoices.

/// An amount in cents, for a number of pieces at a price in euros.
pub fn total_cents(pieces: u32, euros: u32) -> u64 {
    u64::from(pieces) * u64::from(euros) * 100
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_small_order() {
        assert_eq!(super::total_cents(3, 20), 6000);
    }
}
