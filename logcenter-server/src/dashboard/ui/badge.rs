//! Small pieces of pages.

use askama::Template;
use logcenter_core::Timestamp;

/// A moment: exact for programs and on hover; the page's script says it in the reader's words and zone.
#[derive(Template)]
#[template(source = r#"<time datetime="{{ at }}" title="{{ at }}">{{ self.plain() }}</time>"#, ext = "html")]
pub(crate) struct When {
    pub(crate) at: Timestamp,
}

impl When {
    /// For readers without scripts.
    fn plain(&self) -> String {
        let text = self.at.to_string();
        let minutes = text.get(..16).unwrap_or(&text);
        format!("{} UTC", minutes.replace('T', " "))
    }
}

/// A word of a closed set.
#[derive(Template)]
#[template(source = r#"<span class="badge {{ class }}" title="{{ title }}">{{ word }}</span>"#, ext = "html")]
pub(crate) struct Badge {
    pub(crate) class: String,
    pub(crate) word: &'static str,
    pub(crate) title: &'static str,
}
