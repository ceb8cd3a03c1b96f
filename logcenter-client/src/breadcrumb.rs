//! What a program said before something went wrong.

use logcenter_core::Timestamp;

/// Breadcrumbs kept for a request, and the longest text of each in bytes.
pub(crate) const KEPT: usize = 20;
pub(crate) const TEXT: usize = 256;

/// A log line of the request in which something went wrong later.
#[derive(Debug, Clone)]
pub(crate) struct Breadcrumb {
    pub(crate) at: Timestamp,
    /// As the logger names it: `INFO`.
    pub(crate) level: &'static str,
    pub(crate) text: String,
}

/// The last breadcrumbs of a request. Their texts are reused by the thread's next request.
#[derive(Debug, Default)]
pub(crate) struct Breadcrumbs {
    kept: Vec<Breadcrumb>,
    /// How many were added in this request.
    added: usize,
}

impl Breadcrumbs {
    pub(crate) fn clear(&mut self) {
        self.added = 0;
    }

    pub(crate) fn add(&mut self, at: Timestamp, level: &'static str, text: &str) {
        let text = &text[..text.floor_char_boundary(TEXT)];
        match self.kept.get_mut(self.added % KEPT) {
            Some(kept) => {
                (kept.at, kept.level) = (at, level);
                kept.text.clear();
                kept.text.push_str(text);
            }
            None => self.kept.push(Breadcrumb { at, level, text: text.into() }),
        }
        self.added += 1;
    }

    /// The last ones, oldest first.
    pub(crate) fn to_vec(&self) -> Vec<Breadcrumb> {
        (self.added.saturating_sub(KEPT)..self.added).map(|number| self.kept[number % KEPT].clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_kept_in_order_and_none_of_an_earlier_request() {
        let mut breadcrumbs = Breadcrumbs::default();
        let texts = |breadcrumbs: &Breadcrumbs| -> Vec<String> {
            breadcrumbs.to_vec().into_iter().map(|breadcrumb| breadcrumb.text).collect()
        };
        for number in 0..KEPT + 3 {
            breadcrumbs.add(Timestamp::from_millis(0), "INFO", &number.to_string());
        }
        let expected: Vec<_> = (3..KEPT + 3).map(|number| number.to_string()).collect();
        assert_eq!(texts(&breadcrumbs), expected);
        breadcrumbs.clear();
        breadcrumbs.add(Timestamp::from_millis(0), "INFO", &"é".repeat(TEXT));
        assert_eq!(texts(&breadcrumbs), ["é".repeat(TEXT / 2)]);
    }
}
