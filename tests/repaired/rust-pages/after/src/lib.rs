//! Lists in pages.

/// The entries on a page; pages count from 0.
pub fn page<T>(entries: &[T], number: usize, size: usize) -> &[T] {
    let first = (number * size).min(entries.len());
    &entries[first..(first + size).min(entries.len())]
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn full_pages() {
        let entries: Vec<u32> = (0..6).collect();
        assert_eq!(page(&entries, 0, 3), [0, 1, 2]);
        assert_eq!(page(&entries, 1, 3), [3, 4, 5]);
    }
}
