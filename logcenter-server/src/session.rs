//! The session of a browser: a signed cookie. It holds until it expires, the browser forgets it, or the administrator's token
//! is another.

use crate::secret::SecretHash;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use logcenter_core::Timestamp;

/// The cookie's name.
const NAME: &str = "logcenter_session";

/// How long a session lasts, in seconds: a week.
const SECONDS: i64 = 7 * 24 * 60 * 60;

/// What is signed: that it is a session, and when it ends.
fn claim(expires: &str) -> String {
    format!("logcenter session until {expires}")
}

/// The value of `Set-Cookie` that begins a session now.
pub(crate) fn begin(token: &SecretHash, now: Timestamp, path: &str, secure: bool) -> String {
    let expires = (now.millis() + SECONDS * 1000).to_string();
    let signature = token.sign(&claim(&expires));
    cookie(&format!("{expires}.{signature}"), SECONDS, path, secure)
}

/// The value of `Set-Cookie` that ends a session.
pub(crate) fn end(path: &str, secure: bool) -> String {
    cookie("", 0, path, secure)
}

fn cookie(value: &str, seconds: i64, path: &str, secure: bool) -> String {
    let path = if path.is_empty() { "/" } else { path };
    let secure = if secure { "; Secure" } else { "" };
    format!("{NAME}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// Whether a request comes with a session that holds.
pub(crate) fn holds(token: &SecretHash, headers: &HeaderMap, now: Timestamp) -> bool {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    // Another program on the same host may have left a cookie of the same name.
    pairs.any(|(name, value)| {
        name == NAME
            && value.split_once('.').is_some_and(|(expires, signature)| {
                token.signed(&claim(expires), signature)
                    && expires.parse::<i64>().is_ok_and(|expires| now.millis() < expires)
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_signed_one_holds_and_only_for_its_time() {
        let (token, other) = (SecretHash::of("token"), SecretHash::of("other"));
        let now = Timestamp::from_millis(1_767_323_045_000);
        let set = begin(&token, now, "/logs", true);
        assert!(set.ends_with("; Path=/logs; Max-Age=604800; HttpOnly; SameSite=Strict; Secure"), "{set}");
        let pair = set.split(';').next().unwrap().to_owned();
        let at = |pair: &str, token, now| {
            let headers = [(COOKIE, format!("theme=dark; {pair}").parse().unwrap())].into_iter().collect();
            holds(token, &headers, now)
        };
        assert!(at(&pair, &token, now));
        assert!(!at(&pair, &other, now));
        assert!(!at(&pair, &token, Timestamp::from_millis(now.millis() + SECONDS * 1000)));
        let longer = pair.replacen("=17", "=27", 1);
        assert_ne!(longer, pair);
        assert!(!at(&longer, &token, now));
        assert!(!at("logcenter_session=", &token, now));
    }
}
