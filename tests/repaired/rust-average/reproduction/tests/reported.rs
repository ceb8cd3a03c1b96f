#[test]
fn nothing_costs_nothing() {
    assert_eq!(average::average(&[]), 0);
}
