#[test]
fn the_last_page_may_be_short() {
    assert_eq!(pages::page(&[1, 2, 3, 4], 1, 3), [4]);
    assert!(pages::page(&[1, 2, 3, 4], 2, 3).is_empty());
}
