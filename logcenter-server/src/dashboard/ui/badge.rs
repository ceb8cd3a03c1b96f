//! Small building blocks of pages.

use askama::Template;
use logcenter_core::{Level, Timestamp};

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

/// A mark that tells a level by its shape, so that a list can be looked over.
#[derive(Template)]
#[template(
    source = r#"<span class="severity {{ level }}" title="{{ level }}"><span aria-hidden="true">{{ self.shape() }}</span><span class="sr">{{ level }}</span></span>"#,
    ext = "html"
)]
pub(crate) struct Severity {
    pub(crate) level: Level,
}

impl Severity {
    const fn shape(&self) -> &'static str {
        match self.level {
            Level::Warning => "●",
            Level::Error => "▲",
            Level::Critical => "■",
        }
    }
}

/// A coloured label for one of a closed set of words.
#[derive(Template)]
#[template(source = r#"<span class="badge {{ class }}" title="{{ title }}">{{ word }}</span>"#, ext = "html")]
pub(crate) struct Badge {
    pub(crate) class: String,
    pub(crate) word: &'static str,
    pub(crate) title: &'static str,
}
