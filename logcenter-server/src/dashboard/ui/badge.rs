//! Small building blocks of pages.

use askama::Template;
use logcenter_core::Timestamp;

/// A timestamp: exact for programs and on hover; the page's script renders it in the reader's language and time zone.
#[derive(Template)]
#[template(source = r#"<time datetime="{{ at }}" title="{{ at }}">{{ self.plain() }}</time>"#, ext = "html")]
pub(crate) struct When {
    pub(crate) at: Timestamp,
}

impl When {
    /// Text for readers without JavaScript.
    fn plain(&self) -> String {
        let text = self.at.to_string();
        let minutes = text.get(..16).unwrap_or(&text);
        format!("{} UTC", minutes.replace('T', " "))
    }
}

/// A time that is counted down to. `text` is what is left, with `{}` for minutes and seconds.
#[derive(Template)]
#[template(
    source = r#"<time datetime="{{ until.at }}" data-left="{{ text }}">{{ until.plain() }}</time>"#,
    ext = "html"
)]
pub(crate) struct Left {
    pub(crate) until: When,
    pub(crate) text: &'static str,
}

/// A coloured label for one of a closed set of words.
#[derive(Template)]
#[template(source = r#"<span class="badge {{ class }}" title="{{ title }}">{{ word }}</span>"#, ext = "html")]
pub(crate) struct Badge {
    pub(crate) class: String,
    pub(crate) word: &'static str,
    pub(crate) title: &'static str,
}
