#[test]
fn a_large_order() {
    assert_eq!(invoice::total_cents(1000, 50_000), 5_000_000_000);
}
