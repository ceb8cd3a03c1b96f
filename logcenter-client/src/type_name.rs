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
        || bare.starts_with("anyhow::") && bare.ends_with("Error")
        || bare.starts_with("eyre::") && bare.ends_with("Report");
    if says_nothing {
        return None;
    }
    let public = PUBLIC.iter().find(|(private, _)| *private == bare).map(|(_, public)| *public);
    Some(Cow::Borrowed(public.unwrap_or(bare)))
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
    of_debug(error).map_or(Cow::Borrowed(UNKNOWN), Cow::Owned)
}

/// The identifier that a derived `Debug` starts with.
fn of_debug(error: &dyn Error) -> Option<String> {
    struct Prefix(String);
    impl Write for Prefix {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            for c in part.chars() {
                if !(c.is_ascii_alphanumeric() || c == '_') || self.0.len() >= 64 {
                    // This ends the name: a derived Debug continues with fields, or not at all.
                    self.0.push(c);
                    return Err(fmt::Error);
                }
                self.0.push(c);
            }
            Ok(())
        }
    }
    let mut prefix = Prefix(String::new());
    let write = std::panic::AssertUnwindSafe(|| write!(prefix, "{error:?}"));
    let _ = std::panic::catch_unwind(write).ok()?;
    let name = prefix.0.trim_end_matches(['(', '{', ' ']);
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && name.len() < 64;
    is_name.then(|| name.into())
}

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

    #[test]
    fn errors_behind_a_dyn_are_known_by_what_they_show() {
        let io: Box<dyn Error> = Box::new(std::io::Error::other("no"));
        assert_eq!(of_dyn(&*io), "std::io::Error");
        assert_eq!(of_dyn(&Refused { _why: "so" }), "Refused");
        let text: Box<dyn Error> = "something went wrong".into();
        assert_eq!(of_dyn(&*text), "Error");
    }
}
