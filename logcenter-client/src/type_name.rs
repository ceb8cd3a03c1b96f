//! One name for each error type, whatever the compiler calls it.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Write};

/// Internal paths of well-known types, and the public paths they are used by.
const PUBLIC: &[(&str, &str)] = &[
    ("core::num::error::ParseIntError", "std::num::ParseIntError"),
    ("core::num::error::TryFromIntError", "std::num::TryFromIntError"),
    ("core::num::dec2flt::ParseFloatError", "std::num::ParseFloatError"),
    ("core::num::imp::dec2flt::ParseFloatError", "std::num::ParseFloatError"),
    ("core::str::error::Utf8Error", "std::str::Utf8Error"),
    ("core::str::error::ParseBoolError", "std::str::ParseBoolError"),
    ("core::char::convert::ParseCharError", "std::char::ParseCharError"),
    ("core::net::parser::AddrParseError", "std::net::AddrParseError"),
    ("core::array::TryFromSliceError", "std::array::TryFromSliceError"),
    ("alloc::string::FromUtf8Error", "std::string::FromUtf8Error"),
    ("std::io::error::Error", "std::io::Error"),
    ("std::sync::mpsc::RecvError", "std::sync::mpsc::RecvError"),
    ("std::time::SystemTimeError", "std::time::SystemTimeError"),
    ("sqlx_core::error::Error", "sqlx::Error"),
    ("reqwest::error::Error", "reqwest::Error"),
    ("serde_json::error::Error", "serde_json::Error"),
    ("hyper::error::Error", "hyper::Error"),
    ("tokio::time::error::Elapsed", "tokio::time::Elapsed"),
    ("tokio::runtime::task::error::JoinError", "tokio::task::JoinError"),
];

/// The type of an error about which nothing is known.
pub(crate) const UNKNOWN: &str = "Error";

/// The name of `E`, without generics; `None` if it says nothing about the error, as with a box or a string.
pub(crate) fn of<E: ?Sized>() -> Option<Cow<'static, str>> {
    let name = std::any::type_name::<E>();
    let bare = name.split('<').next().unwrap_or(name).trim_start_matches('&');
    let says_nothing = name.starts_with("dyn ")
        || matches!(bare, "alloc::boxed::Box" | "alloc::string::String" | "str" | "alloc::sync::Arc")
        || is_report(bare);
    if says_nothing {
        return None;
    }
    let public = PUBLIC.iter().find(|(private, _)| *private == bare).map(|(_, public)| *public);
    Some(Cow::Borrowed(public.unwrap_or(bare)))
}

/// Whether a type is a report, which holds errors and is none itself.
fn is_report(name: &str) -> bool {
    name.starts_with("anyhow::") && name.ends_with("Error")
        || name.starts_with("eyre::") && name.ends_with("Report")
        || name.starts_with("error_stack::")
}

/// Whether `E` is a report whose `Debug` output says more than its sources do.
pub(crate) fn is_telling_report<E: ?Sized>() -> bool {
    let name = std::any::type_name::<E>();
    is_report(name.split('<').next().unwrap_or(name)) && !name.starts_with("anyhow::")
}

/// The error that a report of `error-stack` is about: `error_stack::report::Report<shop::Stalled>` → `shop::Stalled`.
pub(crate) fn of_report<E: ?Sized>() -> &'static str {
    let name = std::any::type_name::<E>();
    let inner = name.split_once('<').filter(|(outer, _)| is_report(outer));
    let inner = inner.and_then(|(_, rest)| rest.strip_suffix('>'));
    inner.filter(|inner| !inner.contains(['<', '['])).unwrap_or(UNKNOWN)
}

/// The name of an error of type `E`, with the variant if it is an enum of the program's own or of a lesser-known crate:
/// `shop::Error::Sqlx`. Without a telling `E`, the most likely name.
pub(crate) fn of_error<E: ?Sized>(error: &(dyn Error + 'static)) -> Cow<'static, str> {
    let Some(name) = of::<E>() else { return of_dyn(error) };
    let is_known = PUBLIC.iter().any(|(_, public)| *public == name);
    if is_known || ["std::", "core::", "alloc::"].iter().any(|start| name.starts_with(start)) {
        return name;
    }
    match of_debug(&error) {
        Some(variant) if name.rsplit("::").next() != Some(&*variant) => format!("{name}::{variant}").into(),
        _ => name,
    }
}

/// The most likely name of an error behind a `dyn`: a well-known type, or the name that its `Debug` output starts
/// with.
pub(crate) fn of_dyn(error: &(dyn Error + 'static)) -> Cow<'static, str> {
    macro_rules! known {
        ($($type:ty),+) => {
            $(if error.is::<$type>() {
                return of::<$type>().unwrap_or(Cow::Borrowed(UNKNOWN));
            })+
        };
    }
    known!(
        std::io::Error,
        fmt::Error,
        std::num::ParseIntError,
        std::num::ParseFloatError,
        std::num::TryFromIntError,
        std::str::Utf8Error,
        std::str::ParseBoolError,
        std::string::FromUtf8Error,
        std::net::AddrParseError,
        std::time::SystemTimeError,
        serde_json::Error
    );
    of_debug(&error).map_or(Cow::Borrowed(UNKNOWN), Cow::Owned)
}

/// The identifier that a derived `Debug` starts with. What follows it is nothing, `(` or ` {`.
pub(crate) fn of_debug(error: &dyn fmt::Debug) -> Option<String> {
    struct Prefix(String);
    impl Write for Prefix {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            let room = (NAME + 2) - self.0.len();
            self.0.push_str(&part[..part.floor_char_boundary(room)]);
            let has_ended = self.0.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let is_enough = has_ended.is_some_and(|end| self.0.len() >= end + 2) || self.0.len() >= NAME;
            if is_enough { Err(fmt::Error) } else { Ok(()) }
        }
    }
    let mut prefix = Prefix(String::new());
    let write = std::panic::AssertUnwindSafe(|| write!(prefix, "{error:?}"));
    let _ = std::panic::catch_unwind(write).ok()?;
    let text = prefix.0;
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_derived = rest.is_empty() || rest.starts_with('(') || rest.starts_with(" {");
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.len() < NAME;
    (is_derived && is_name).then(|| name.into())
}

/// Longest name that is believed, in bytes.
const NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Refused {
        _why: &'static str,
    }
    impl fmt::Display for Refused {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("refused")
        }
    }
    impl Error for Refused {}

    #[test]
    fn types_have_the_name_they_are_used_by() {
        assert_eq!(of::<std::io::Error>().unwrap(), "std::io::Error");
        assert_eq!(of::<std::num::ParseIntError>().unwrap(), "std::num::ParseIntError");
        assert_eq!(of::<Refused>().unwrap(), "logcenter_client::type_name::tests::Refused");
        assert_eq!(of::<dyn Error>(), None);
        assert_eq!(of::<String>(), None);
        assert_eq!(of::<Box<dyn Error>>(), None);
    }

    #[derive(Debug)]
    enum Shop {
        Closed,
        Text(#[expect(dead_code, reason = "shown by Debug")] &'static str),
    }
    impl fmt::Display for Shop {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("shop")
        }
    }
    impl Error for Shop {}

    /// Its `Debug` is a sentence, as anyhow's is.
    struct Prose;
    impl fmt::Debug for Prose {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Failed to store the token\n\nCaused by:\n\tno")
        }
    }
    impl fmt::Display for Prose {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Failed to store the token")
        }
    }
    impl Error for Prose {}

    #[test]
    fn an_enum_tells_its_variant_and_a_sentence_is_no_name() {
        let module = "logcenter_client::type_name::tests";
        assert_eq!(of_error::<Shop>(&Shop::Closed), format!("{module}::Shop::Closed"));
        assert_eq!(of_error::<Shop>(&Shop::Text("x")), format!("{module}::Shop::Text"));
        assert_eq!(of_error::<Refused>(&Refused { _why: "so" }), format!("{module}::Refused"));
        assert_eq!(of_error::<Prose>(&Prose), format!("{module}::Prose"));
        assert_eq!(of_dyn(&Prose), "Error");
        assert_eq!(of_error::<std::io::Error>(&std::io::Error::other("x")), "std::io::Error");
    }

    #[test]
    fn errors_behind_a_dyn_are_known_by_what_they_show() {
        let io: Box<dyn Error> = Box::new(std::io::Error::other("no"));
        assert_eq!(of_dyn(&*io), "std::io::Error");
        assert_eq!(of_dyn(&Refused { _why: "so" }), "Refused");
        let text: Box<dyn Error> = "something went wrong".into();
        assert_eq!(of_dyn(&*text), "Error");
    }
}
