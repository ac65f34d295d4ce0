//! How many attempts are allowed in which time. Pure: attempts of the past in, a time to wait until out.

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
/// How far back attempts count, in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;

/// At most so many attempts in any time of this length.
#[derive(Clone, Copy)]
struct Limit {
    attempts: usize,
    window: i64,
}

const fn limit(attempts: usize, window: i64) -> Limit {
    Limit { attempts, window }
}

/// Failed logins to an account from one network.
const ACCOUNT_AND_NETWORK: [Limit; 1] = [limit(5, 5 * MINUTE)];
/// Failed logins from one address, whichever accounts they are for.
const ADDRESS: [Limit; 2] = [limit(10, MINUTE), limit(100, HOUR)];
/// Failed logins to an account from networks that nobody logged in to it from.
const ACCOUNT: Limit = limit(100, HOUR);
/// As many of those may follow each other closely; then they are spread over the hour.
const ACCOUNT_AT_ONCE: Limit = limit(40, HOUR);
/// The time between those that are spread: 40 at once and one a minute are 100 in an hour.
const SPREAD: i64 = MINUTE;
/// Sign-ups, and requests for reset mails, from one address and from one network.
const REQUESTS_OF_ADDRESS: [Limit; 2] = [limit(20, MINUTE), limit(100, HOUR)];
const REQUESTS_OF_NETWORK: [Limit; 2] = [limit(60, MINUTE), limit(300, HOUR)];

/// The times of past attempts in Unix milliseconds, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Logins {
    /// Failures of the account from the network that asks.
    pub of_account_and_network: Vec<i64>,
    /// Failures of the account from anywhere.
    pub of_account: Vec<i64>,
    /// Failures of all accounts from the address that asks.
    pub of_address: Vec<i64>,
    /// Whether somebody logged in to the account from the network that asks.
    pub is_known: bool,
}

impl Logins {
    /// When the next password may be checked.
    ///
    /// From a known network nobody else's failures count: what others do must not keep an account's owner out.
    pub fn allowed_from(&self) -> i64 {
        let own = latest(&ACCOUNT_AND_NETWORK, &self.of_account_and_network);
        if self.is_known {
            return own;
        }
        own.max(latest(&ADDRESS, &self.of_address))
            .max(self.account_allowed_from())
    }

    /// An account under attack still takes a password a minute from new networks, and those that have failed least
    /// come first: the owner at a new place need not outrun the attackers.
    fn account_allowed_from(&self) -> i64 {
        let failures = i64::try_from(self.of_account_and_network.len()).unwrap_or(i64::MAX);
        let spread = match self.of_account.first() {
            Some(last) => last.saturating_add(SPREAD.saturating_mul(failures.saturating_add(1))),
            None => 0,
        };
        let at_once = ACCOUNT_AT_ONCE.allowed_from(&self.of_account);
        ACCOUNT.allowed_from(&self.of_account).max(at_once.min(spread))
    }
}

/// The times of past sign-ups or requests for mails in Unix milliseconds, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// Those from the address that asks.
    pub of_address: Vec<i64>,
    /// Those from its network.
    pub of_network: Vec<i64>,
}

impl Requests {
    /// When the next one may follow.
    pub fn allowed_from(&self) -> i64 {
        latest(&REQUESTS_OF_ADDRESS, &self.of_address).max(latest(&REQUESTS_OF_NETWORK, &self.of_network))
    }
}

impl Limit {
    /// When fewer attempts than allowed are left in the window.
    fn allowed_from(self, attempts: &[i64]) -> i64 {
        let oldest = self.attempts.checked_sub(1).and_then(|index| attempts.get(index));
        oldest.map_or(0, |oldest| oldest + self.window)
    }
}

fn latest(limits: &[Limit], attempts: &[i64]) -> i64 {
    let times = limits.iter().map(|limit| limit.allowed_from(attempts));
    times.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many attempts, one a second, the newest at `last`.
    fn attempts(count: i64, last: i64) -> Vec<i64> {
        (0..count).map(|n| last - n * SECOND).collect()
    }

    #[test]
    fn the_sixth_failure_from_a_network_waits_until_the_first_is_five_minutes_old() {
        let now = 10 * HOUR;
        for is_known in [false, true] {
            let mut logins = Logins {
                of_account_and_network: attempts(4, now),
                of_account: attempts(4, now),
                of_address: attempts(4, now),
                is_known,
            };
            assert!(logins.allowed_from() <= now);
            logins.of_account_and_network = attempts(5, now);
            assert_eq!(logins.allowed_from(), now - 4 * SECOND + 5 * MINUTE);
        }
    }

    #[test]
    fn an_address_has_ten_failures_a_minute_and_a_hundred_an_hour() {
        let now = 10 * HOUR;
        let of = |of_address| {
            Logins {
                of_address,
                ..Logins::default()
            }
            .allowed_from()
        };
        assert!(of(attempts(9, now)) <= now);
        assert_eq!(of(attempts(10, now)), now - 9 * SECOND + MINUTE);
        let slow: Vec<i64> = (0..100).map(|n| now - n * 30 * SECOND).collect();
        assert!(of(slow[..99].to_vec()) <= now);
        assert_eq!(of(slow.clone()), slow[99] + HOUR);
    }

    #[test]
    fn an_attacked_account_is_slowed_down_and_never_locked() {
        let now = 10 * HOUR;
        let clean = |of_account| Logins {
            of_account,
            ..Logins::default()
        };
        assert!(clean(attempts(39, now)).allowed_from() <= now);
        assert_eq!(clean(attempts(40, now)).allowed_from(), now + MINUTE);
        let failed = Logins {
            of_account_and_network: vec![now - 10 * MINUTE; 2],
            ..clean(attempts(40, now))
        };
        assert_eq!(
            failed.allowed_from(),
            now + 3 * MINUTE,
            "those that have failed come later"
        );
        let known = Logins {
            is_known: true,
            ..clean(attempts(100, now))
        };
        assert!(known.allowed_from() <= now);
    }

    #[test]
    fn no_hour_has_more_than_a_hundred_guesses_of_an_account_whoever_guesses() {
        let mut verified: Vec<i64> = Vec::new();
        let mut longest = 0;
        for step in 0..200_000_i64 {
            let now = step * SECOND;
            let recent: Vec<i64> = verified
                .iter()
                .rev()
                .take(200)
                .copied()
                .filter(|at| *at > now - HOUR)
                .collect();
            assert!(recent.len() <= 100, "{} at {now}", recent.len());
            if (Logins {
                of_account: recent,
                ..Logins::default()
            })
            .allowed_from()
                <= now
            {
                longest = longest.max(now - verified.last().unwrap_or(&now));
                verified.push(now);
            }
        }
        assert!(longest <= MINUTE, "a clean network waited {longest} ms");
    }
}
