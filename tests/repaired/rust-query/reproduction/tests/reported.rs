#[test]
fn blanks_before_the_number_are_no_error() {
    assert_eq!(query::page_number(" 12").unwrap(), 12);
}
