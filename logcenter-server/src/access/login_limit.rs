//! Counts wrong tokens and passwords, to limit guessing.

use logcenter_core::Timestamp;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Failed attempts allowed per address and minute.
const FAILURES: u32 = 10;

/// Addresses that are counted individually. Beyond that, the rest share one count.
const ADDRESSES: usize = 10_000;

const MINUTE_MILLIS: i64 = 60_000;

/// Where a secret was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum GuessScope {
    /// Where only a token or a password is accepted.
    Login,
    /// Where any string may be an ingest key. Counted separately: a client with an old key must not lock people out.
    Ingest,
}

/// What shares a count: IPv6 addresses are grouped by /64, since one customer gets a whole network. Clients without an
/// address count as one.
type Origin = (GuessScope, Option<IpAddr>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    failures: HashMap<Origin, u32>,
}

/// Failed attempts in the current minute.
#[derive(Debug, Default)]
pub(crate) struct LoginLimiter(Mutex<Minute>);

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

impl LoginLimiter {
    fn minute(&self, now: Timestamp) -> MutexGuard<'_, Minute> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.millis() / MINUTE_MILLIS;
        if minute.number != number {
            *minute = Minute { number, failures: HashMap::new() };
        }
        minute
    }

    /// Whether an address may make another attempt.
    pub(crate) fn may_try(&self, scope: GuessScope, client: Option<IpAddr>, now: Timestamp) -> bool {
        let minute = self.minute(now);
        let failures = |origin| minute.failures.get(&(scope, origin)).copied();
        let origin = client.map(network);
        let counted = failures(origin)
            .or_else(|| if minute.failures.len() < ADDRESSES { None } else { failures(None) });
        counted.is_none_or(|failures| failures < FAILURES)
    }

    /// Records a failed attempt.
    pub(crate) fn failed(&self, scope: GuessScope, client: Option<IpAddr>, now: Timestamp) {
        let mut minute = self.minute(now);
        let origin = (scope, client.map(network));
        let is_full = minute.failures.len() >= ADDRESSES && !minute.failures.contains_key(&origin);
        let origin = if is_full { (scope, None) } else { origin };
        *minute.failures.entry(origin).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_767_323_045_000)
    }

    fn exhaust(limiter: &LoginLimiter, client: Option<IpAddr>) {
        for _ in 0..FAILURES {
            assert!(limiter.may_try(GuessScope::Login, client, now()));
            limiter.failed(GuessScope::Login, client, now());
        }
        assert!(!limiter.may_try(GuessScope::Login, client, now()));
    }

    #[test]
    fn whoever_is_wrong_too_often_waits_for_the_next_minute() {
        let limiter = LoginLimiter::default();
        let (one, other) = (Some([192, 0, 2, 1].into()), Some([192, 0, 2, 2].into()));
        exhaust(&limiter, one);
        assert!(limiter.may_try(GuessScope::Login, other, now()));
        assert!(limiter.may_try(GuessScope::Ingest, one, now()));
        assert!(limiter.may_try(
            GuessScope::Login,
            one,
            Timestamp::from_millis(now().millis() + MINUTE_MILLIS)
        ));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let limiter = LoginLimiter::default();
        let address = |text: &str| Some(text.parse().unwrap());
        exhaust(&limiter, address("2001:db8::1"));
        assert!(!limiter.may_try(GuessScope::Login, address("2001:db8::ffff:1"), now()));
        assert!(limiter.may_try(GuessScope::Login, address("2001:db8:0:1::1"), now()));
        exhaust(&limiter, address("::ffff:192.0.2.7"));
        assert!(!limiter.may_try(GuessScope::Login, address("192.0.2.7"), now()));
    }

    #[test]
    fn many_addresses_do_not_wipe_what_was_counted() {
        let limiter = LoginLimiter::default();
        let guesser = Some([192, 0, 2, 1].into());
        exhaust(&limiter, guesser);
        for number in 0..2 * ADDRESSES as u32 {
            limiter.failed(
                GuessScope::Login,
                Some(std::net::Ipv4Addr::from_bits(0x0A00_0000 + number).into()),
                now(),
            );
        }
        assert!(!limiter.may_try(GuessScope::Login, guesser, now()));
        assert!(!limiter.may_try(GuessScope::Login, Some([198, 51, 100, 1].into()), now()));
    }
}
