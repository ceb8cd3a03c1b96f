//! The language of the pages: the one selected, or else the browser's.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The supported languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

/// The texts of a language, by key.
pub(crate) struct Catalogue(HashMap<String, String>);

impl Catalogue {
    fn read(json: &str) -> Self {
        Self(serde_json::from_str(json).unwrap_or_default())
    }

    /// The text for a key. A missing key shows as `?`; a test makes sure that none is missing.
    pub(crate) fn text(&'static self, key: &str) -> &'static str {
        self.0.get(key).map_or("?", String::as_str)
    }
}

pub(crate) const COOKIE_NAME: &str = "logcenter_language";

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The language tag (BCP 47), as used in `lang`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The language's name in that language.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    pub(crate) fn catalogue(self) -> &'static Catalogue {
        static ENGLISH: LazyLock<Catalogue> =
            LazyLock::new(|| Catalogue::read(include_str!("../../../locales/en.json")));
        static CHINESE: LazyLock<Catalogue> =
            LazyLock::new(|| Catalogue::read(include_str!("../../../locales/zh.json")));
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }

    /// The language for a tag, by its primary part.
    pub(crate) fn tagged(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        match primary.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// The language that the reader selected, or the supported one that the browser prefers, or English.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let texts = |name| headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        let cookies = texts(COOKIE).flat_map(|value| value.split(';'));
        let chosen =
            cookies.filter_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('=')).next();
        let wanted = || {
            let ranges = texts(ACCEPT_LANGUAGE).flat_map(|value| value.split(','));
            let weighed = ranges.filter_map(|range| {
                let (tag, rest) = range.split_once(';').unwrap_or((range, ""));
                let weight =
                    rest.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse::<f32>().ok())?;
                Some((Self::tagged(tag)?, weight))
            });
            // The first wins among equals.
            let best = weighed.reduce(|best, next| if next.1 > best.1 { next } else { best });
            best.filter(|(_, weight)| *weight > 0.0).map(|(language, _)| language)
        };
        chosen.and_then(Self::tagged).or_else(wanted).unwrap_or(Self::English)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_wins_over_the_browser() {
        let of = |accept: &str, cookie: &str| {
            let headers = [(ACCEPT_LANGUAGE, accept.parse().unwrap()), (COOKIE, cookie.parse().unwrap())];
            Language::of(&headers.into_iter().collect())
        };
        assert_eq!(of("fr, zh-Hans;q=0.8, en;q=0.5", "a=b"), Language::Chinese);
        assert_eq!(of("en-GB, zh;q=0.8", ""), Language::English);
        assert_eq!(of("en", "a=b; logcenter_language=zh-CN"), Language::Chinese);
        assert_eq!(of("de", ""), Language::English);
        assert_eq!(of("zh;q=0, en;q=0", ""), Language::English);
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let [english, chinese] = Language::ALL.map(|language| {
            let mut keys: Vec<_> = language.catalogue().0.keys().cloned().collect();
            keys.sort();
            assert!(language.catalogue().0.values().all(|text| !text.is_empty()));
            keys
        });
        assert_eq!(english, chinese);
        for key in &english {
            let holes = Language::ALL.map(|language| language.catalogue().text(key).matches("{}").count());
            assert_eq!(holes[0], holes[1], "{key}");
        }
    }
}
