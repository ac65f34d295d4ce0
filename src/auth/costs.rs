//! What verifying a password costs in each format in use: the dearest decides how long a failed login takes.
//!
//! Without it, the time of an answer would tell which addresses have an account, and which of them an old hash.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Bytes of the longest name of a format that is kept; Werkzeug's longest are about half of it.
const MAX_FORMAT_BYTES: usize = 64;
/// Bytes of a bcrypt hash up to its salt: `$2b$12$`.
const BCRYPT_PREFIX_BYTES: usize = 7;

/// The measured costs.
#[derive(Debug, Default)]
pub(super) struct Costs(Mutex<HashMap<String, Duration>>);

impl Costs {
    /// Takes in that a hash of `format` was computed in `taken`.
    ///
    /// The costs follow the machine's load slowly, and one stalled computation raises them by an eighth at most.
    pub(super) fn record(&self, format: &str, taken: Duration) {
        let mut costs = self.lock();
        let floor = dearest(&costs);
        if let Some(cost) = costs.get_mut(format) {
            *cost = (*cost * 7 + taken.min(*cost * 2)) / 8;
        } else if taken > floor {
            // A cheaper format decides nothing, and there is no end of names in broken texts.
            costs.insert(format.to_owned(), taken);
        }
    }

    /// How long a failed login takes: as long as the dearest format, and a little more for its variations.
    pub(super) fn floor(&self) -> Duration {
        dearest(&self.lock()) * 11 / 10
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Duration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn dearest(costs: &HashMap<String, Duration>) -> Duration {
    costs.values().max().copied().unwrap_or_default()
}

/// The part of a stored hash that decides its cost: `$2b$12$`, or the method up to its `$`.
pub(super) fn format_of(stored: &str) -> Option<&str> {
    let format = if stored.starts_with("$2") {
        stored.get(..BCRYPT_PREFIX_BYTES)
    } else {
        stored.find('$').and_then(|end| stored.get(..=end))
    };
    format.filter(|format| format.len() <= MAX_FORMAT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearest_format_decides_and_one_stall_changes_little() {
        let costs = Costs::default();
        assert_eq!(costs.floor(), Duration::ZERO);
        let milliseconds = Duration::from_millis;
        costs.record("pbkdf2:sha256:50000$", milliseconds(20));
        costs.record("$2b$12$", milliseconds(200));
        costs.record("sha1$", milliseconds(1));
        assert_eq!(costs.floor(), milliseconds(220));
        costs.record("$2b$12$", Duration::from_secs(30));
        assert_eq!(costs.floor(), milliseconds(225) * 11 / 10);
        // A load that lasts is followed, and so is its end.
        (0..50).for_each(|_| costs.record("$2b$12$", milliseconds(400)));
        assert!(costs.floor() > milliseconds(430), "{:?}", costs.floor());
        (0..50).for_each(|_| costs.record("$2b$12$", milliseconds(200)));
        assert!(costs.floor() < milliseconds(225), "{:?}", costs.floor());
        assert!(!costs.lock().contains_key("sha1$"));
    }

    #[test]
    fn the_format_is_what_stands_before_the_salt() {
        for (stored, format) in [
            ("$2b$12$abcdefghijklmnopqrstuu", Some("$2b$12$")),
            ("pbkdf2:sha256:50000$salt$00", Some("pbkdf2:sha256:50000$")),
            ("scrypt:32768:8:1$salt$00", Some("scrypt:32768:8:1$")),
            ("plain$$secret", Some("plain$")),
            ("$2", None),
            ("$2é$04$", Some("$2é$04")),
            ("secret", None),
            ("", None),
        ] {
            assert_eq!(format_of(stored), format, "{stored}");
        }
        assert_eq!(format_of(&format!("{}$", "x".repeat(100))), None);
    }
}
