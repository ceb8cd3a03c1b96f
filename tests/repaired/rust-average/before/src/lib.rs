//! Prices.

/// The average of some prices, in cents.
pub fn average(cents: &[u64]) -> u64 {
    let sum: u64 = cents.iter().sum();
    sum / cents.len() as u64
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_two() {
        assert_eq!(super::average(&[200, 400]), 300);
    }
}
