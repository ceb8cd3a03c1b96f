//! Browser sessions: a signed cookie. A session is valid until it expires, the user signs out, or the administrator's
//! token changes.

use crate::domain::SecretHash;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use logcenter_core::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Name of the cookie.
const NAME: &str = "logcenter_session";

/// Lifetime of a session in seconds: a week.
const SECONDS: i64 = 7 * 24 * 60 * 60;

/// The signed text: marks the value as a session, and says when it expires.
fn claim(expires: &str) -> String {
    format!("logcenter session until {expires}")
}

/// The `Set-Cookie` value that starts a session.
pub(crate) fn begin(token: &SecretHash, now: Timestamp, path: &str, secure: bool) -> String {
    let expires = (now.millis() + SECONDS * 1000).to_string();
    let signature = token.sign(&claim(&expires));
    cookie(&format!("{expires}.{signature}"), SECONDS, path, secure)
}

/// The `Set-Cookie` value that makes the browser forget a session.
pub(crate) fn forget(path: &str, secure: bool) -> String {
    cookie("", 0, path, secure)
}

fn cookie(value: &str, seconds: i64, path: &str, secure: bool) -> String {
    let path = if path.is_empty() { "/" } else { path };
    let secure = if secure { "; Secure" } else { "" };
    format!("{NAME}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// The validly signed sessions of a request: the expiry and cookie value of each. There may be several, because another
/// program on the same host may have set a cookie of the same name.
fn signed<'a>(token: &SecretHash, headers: &'a HeaderMap) -> impl Iterator<Item = (Timestamp, &'a str)> {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == NAME).filter_map(|(_, value)| {
        let (expires, signature) = value.split_once('.')?;
        let is_ours = token.signed(&claim(expires), signature);
        is_ours.then_some((Timestamp::from_millis(expires.parse().ok()?), value))
    })
}

/// Sessions that were ended early, so that a copied cookie stops working too. A cache of what the store holds. Changing
/// the token ends all sessions for good.
#[derive(Debug, Default)]
pub(crate) struct EndedSessions(Mutex<HashMap<SecretHash, Timestamp>>);

impl EndedSessions {
    /// Whether the request carries a valid session.
    pub(crate) fn holds(&self, token: &SecretHash, headers: &HeaderMap, now: Timestamp) -> bool {
        let ended = self.ended();
        signed(token, headers)
            .any(|(expires, value)| now < expires && !ended.contains_key(&SecretHash::of(value)))
    }

    /// Adds ended sessions and drops those that have expired since.
    pub(crate) fn add(&self, sessions: impl IntoIterator<Item = (SecretHash, Timestamp)>, now: Timestamp) {
        let mut ended = self.ended();
        ended.extend(sessions);
        ended.retain(|_, expires| now < *expires);
    }

    fn ended(&self) -> MutexGuard<'_, HashMap<SecretHash, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sessions of a request, in the form in which ended sessions are stored.
pub(crate) fn carried(token: &SecretHash, headers: &HeaderMap) -> Vec<(SecretHash, Timestamp)> {
    signed(token, headers).map(|(expires, value)| (SecretHash::of(value), expires)).collect()
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
        let sessions = EndedSessions::default();
        let headers =
            |pair: &str| [(COOKIE, format!("theme=dark; {pair}").parse().unwrap())].into_iter().collect();
        let at = |pair: &str, token, now| sessions.holds(token, &headers(pair), now);
        assert!(at(&pair, &token, now));
        assert!(!at(&pair, &other, now));
        assert!(!at(&pair, &token, Timestamp::from_millis(now.millis() + SECONDS * 1000)));
        let longer = pair.replacen("=17", "=27", 1);
        assert_ne!(longer, pair);
        assert!(!at(&longer, &token, now));
        assert!(!at("logcenter_session=", &token, now));
        let other_browser = begin(&token, Timestamp::from_millis(now.millis() + 1), "", true);
        sessions.add(carried(&token, &headers(&pair)), now);
        assert!(!at(&pair, &token, now));
        assert!(at(other_browser.split(';').next().unwrap(), &token, now));
    }
}
