//! Wrong tokens and passwords, counted, so that nobody can go on guessing.

use logcenter_core::Timestamp;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often an address may be wrong in a minute.
const FAILURES: u32 = 10;

/// Addresses that are counted one by one. Beyond it, the rest shares one count.
const ADDRESSES: usize = 10_000;

const MINUTE_MILLIS: i64 = 60_000;

/// Where a secret was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Door {
    /// Where only a token or a password is taken.
    Login,
    /// Where any word may stand for an ingest key. Counted apart: a client with an old key must not lock people out.
    Ingest,
}

/// What is counted together: an IPv6 address by its /64 network, which one customer has as a whole. Clients without an
/// address count as one.
type Origin = (Door, Option<IpAddr>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    failures: HashMap<Origin, u32>,
}

/// Who was wrong how often in the current minute.
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

    /// Whether an address may try now.
    pub(crate) fn may_try(&self, door: Door, client: Option<IpAddr>, now: Timestamp) -> bool {
        let minute = self.minute(now);
        let failures = |origin| minute.failures.get(&(door, origin)).copied();
        let origin = client.map(network);
        let counted = failures(origin)
            .or_else(|| if minute.failures.len() < ADDRESSES { None } else { failures(None) });
        counted.is_none_or(|failures| failures < FAILURES)
    }

    /// An address was wrong.
    pub(crate) fn failed(&self, door: Door, client: Option<IpAddr>, now: Timestamp) {
        let mut minute = self.minute(now);
        let origin = (door, client.map(network));
        let is_full = minute.failures.len() >= ADDRESSES && !minute.failures.contains_key(&origin);
        let origin = if is_full { (door, None) } else { origin };
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
            assert!(limiter.may_try(Door::Login, client, now()));
            limiter.failed(Door::Login, client, now());
        }
        assert!(!limiter.may_try(Door::Login, client, now()));
    }

    #[test]
    fn whoever_is_wrong_too_often_waits_for_the_next_minute() {
        let limiter = LoginLimiter::default();
        let (one, other) = (Some([192, 0, 2, 1].into()), Some([192, 0, 2, 2].into()));
        exhaust(&limiter, one);
        assert!(limiter.may_try(Door::Login, other, now()));
        assert!(limiter.may_try(Door::Ingest, one, now()));
        assert!(limiter.may_try(Door::Login, one, Timestamp::from_millis(now().millis() + MINUTE_MILLIS)));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let limiter = LoginLimiter::default();
        let address = |text: &str| Some(text.parse().unwrap());
        exhaust(&limiter, address("2001:db8::1"));
        assert!(!limiter.may_try(Door::Login, address("2001:db8::ffff:1"), now()));
        assert!(limiter.may_try(Door::Login, address("2001:db8:0:1::1"), now()));
        exhaust(&limiter, address("::ffff:192.0.2.7"));
        assert!(!limiter.may_try(Door::Login, address("192.0.2.7"), now()));
    }

    #[test]
    fn many_addresses_do_not_wipe_what_was_counted() {
        let limiter = LoginLimiter::default();
        let guesser = Some([192, 0, 2, 1].into());
        exhaust(&limiter, guesser);
        for number in 0..2 * ADDRESSES as u32 {
            limiter.failed(
                Door::Login,
                Some(std::net::Ipv4Addr::from_bits(0x0A00_0000 + number).into()),
                now(),
            );
        }
        assert!(!limiter.may_try(Door::Login, guesser, now()));
        assert!(!limiter.may_try(Door::Login, Some([198, 51, 100, 1].into()), now()));
    }
}
