#[test]
fn a_letter_is_not_cut_in_two() {
    assert_eq!(excerpt::excerpt("caf\u{e9} au lait", 4), "caf");
}
