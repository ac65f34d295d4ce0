//! Verifies and makes password hashes, away from the async workers.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};

use super::costs::{Costs, format_of};
use crate::{
    config::{Config, Fidelity, random_hex},
    error::{Error, Result},
    flask::werkzeug,
    text::is_invisible,
};

/// Bytes of a password that bcrypt looks at; more would be cut off silently.
pub const MAX_BCRYPT_BYTES: usize = 72;
/// What Flask-Scaffold 1.0's edit form is given in place of the hash that the original sent: the form cannot be
/// saved without a password, and sends this one back.
pub const PLACEHOLDER: &str = "********";
/// What is said of [`PLACEHOLDER`] as a new password.
pub const UNCHANGED: &str = "This text stands for an unchanged password.";
/// What is wrong with a password that [`looks_like_hash`].
pub const HASH_SHAPED: &str = "It has the form of a stored hash; give the password itself.";
/// bcrypt costs above this are refused unread: one check would take seconds.
const MAX_BCRYPT_COST: u32 = 15;
/// Hashing jobs that may wait; more are answered with 503 at once.
const MAX_WAITING: usize = 64;

/// Hashes passwords, at most one per processor core at a time.
#[derive(Debug)]
pub struct Passwords {
    scheme: Scheme,
    weak_allowed: bool,
    min_chars: usize,
    cores: Arc<Semaphore>,
    permits: Arc<Semaphore>,
    costs: Arc<Costs>,
}

/// What became of a job on a core.
struct Done<T> {
    result: T,
    /// When the job had its core: how long it waited for one must not count.
    began: Instant,
    taken: Duration,
}

/// What a password was found to be.
#[derive(Debug)]
pub struct Verdict {
    /// Whether it is the right one.
    pub is_right: bool,
    told_at: Instant,
}

impl Verdict {
    /// Waits until a wrong password may be told: as long as the dearest format in use takes, whatever is stored.
    pub async fn wait(&self) {
        sleep_until(self.told_at).await;
    }
}

/// How new hashes are made.
#[derive(Clone, Copy, Debug)]
enum Scheme {
    Bcrypt { cost: u32 },
    Pbkdf2 { iterations: u32 },
}

impl Passwords {
    /// Where Flask has to check the hashes too, new ones are its own, and elsewhere bcrypt; `adopted` tells whether the
    /// users table is a Flask app's own.
    pub fn new(config: &Config, adopted: bool) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            scheme: match config.hashes_for_flask(adopted) {
                true => Scheme::Pbkdf2 {
                    iterations: config.password_iterations,
                },
                false => Scheme::Bcrypt {
                    cost: config.bcrypt_cost,
                },
            },
            weak_allowed: config.fidelity == Fidelity::Flask,
            min_chars: config.min_password,
            cores: Arc::new(Semaphore::new(cores)),
            permits: Arc::new(Semaphore::new(cores + MAX_WAITING)),
            costs: Arc::default(),
        }
    }

    /// Whether `password` is the one that `stored`, or nobody's hash, was made from; no stored text causes an error.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many passwords wait to be checked.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verdict> {
        let (is_right, began) = match stored {
            Some(stored) => {
                let done = self.compare(password, stored).await?;
                (done.result, done.began)
            }
            None => (false, self.make(password).await?.began),
        };
        Ok(Verdict {
            is_right,
            told_at: began + self.costs.floor(),
        })
    }

    /// Measures what a hash costs, in the format of new ones and in those of `others`, which are named as
    /// [`super::models::Accounts::costly_formats`] gives them.
    ///
    /// # Errors
    /// As [`Passwords::hash`].
    pub async fn measure(&self, others: &[String]) -> Result<()> {
        self.make("measured").await?;
        for format in others {
            match bcrypt_cost(format) {
                Some(cost) => {
                    let hash = move || bcrypt::hash("measured", cost);
                    let taken = self.on_a_core(hash).await?.taken;
                    self.costs.record(format, taken);
                }
                None => {
                    self.compare("measured", &format!("{format}salt$")).await?;
                }
            }
        }
        Ok(())
    }

    async fn compare(&self, password: &str, stored: &str) -> Result<Done<bool>> {
        let format = format_of(stored).map(str::to_owned);
        let (password, stored, weak_allowed) = (password.to_owned(), stored.to_owned(), self.weak_allowed);
        let Done { result, began, taken } = self
            .on_a_core(move || {
                if stored.starts_with("$2") {
                    compare_bcrypt(&password, &stored)
                } else {
                    werkzeug::compare(&password, &stored, weak_allowed)
                }
            })
            .await?;
        // A broken text in a dear format costs nothing and says nothing of the format.
        if let (Some(format), Some(_)) = (format, result) {
            self.costs.record(&format, taken);
        }
        Ok(Done {
            result: result.unwrap_or(false),
            began,
            taken,
        })
    }

    /// A hash for storing; the caller has checked the password with [`Passwords::check_new`].
    ///
    /// # Errors
    /// [`Error::Busy`] as [`Passwords::verify`]; [`Error::Internal`] if there are no random bytes for the salt.
    pub async fn hash(&self, password: &str) -> Result<String> {
        Ok(self.make(password).await?.result)
    }

    async fn make(&self, password: &str) -> Result<Done<String>> {
        let (password, scheme) = (password.to_owned(), self.scheme);
        let Done { result, began, taken } = self
            .on_a_core(move || match scheme {
                Scheme::Bcrypt { cost } => {
                    bcrypt::hash(&password, cost).map_err(|error| Error::Internal(format!("bcrypt failed: {error}")))
                }
                Scheme::Pbkdf2 { iterations } => {
                    let salt = random_hex(8)?;
                    werkzeug::hash_pbkdf2_sha256(&password, &salt, iterations)
                        .ok_or_else(|| Error::Internal(format!("{iterations} iterations cannot be verified")))
                }
            })
            .await?;
        let result = result?;
        if let Some(format) = format_of(&result) {
            self.costs.record(format, taken);
        }
        Ok(Done { result, began, taken })
    }

    /// Whether `stored` is of another kind than new hashes, or costs less than they do.
    pub fn is_old(&self, stored: &str) -> bool {
        match self.scheme {
            Scheme::Bcrypt { cost } => bcrypt_cost(stored).is_none_or(|stored| stored < cost),
            Scheme::Pbkdf2 { iterations } => {
                let has_fewer = |stored| stored < iterations;
                !stored.starts_with("scrypt:") && werkzeug::pbkdf2_sha256_iterations(stored).is_none_or(has_fewer)
            }
        }
    }

    /// Whether the whole of `password` enters a new hash.
    pub fn can_hash(&self, password: &str) -> bool {
        match self.scheme {
            Scheme::Bcrypt { .. } => password.len() <= MAX_BCRYPT_BYTES,
            Scheme::Pbkdf2 { .. } => true,
        }
    }

    /// Whether `password` may be set from the command line.
    ///
    /// # Errors
    /// [`Error::Refused`] says what is wrong, as [`Passwords::policy_violation`] does.
    pub fn check_new(&self, password: &str) -> Result<()> {
        let refuse = |text: String| Err(Error::Refused(format!("the password cannot be taken: {text}")));
        if looks_like_hash(password) {
            return refuse(HASH_SHAPED.to_owned());
        }
        if let Some(policy_violation) = self.policy_violation(password) {
            return refuse(policy_violation);
        }
        Ok(())
    }

    /// What speaks against `password`, whoever sets it.
    pub fn policy_violation(&self, password: &str) -> Option<String> {
        if password == PLACEHOLDER {
            return Some(UNCHANGED.to_owned());
        }
        // Blanks around it do not make it longer. The originals' own rules know of one character and of none.
        let inner = password.trim_matches(|c| c == ' ' || is_invisible(c));
        if self.min_chars > 1 && inner.chars().count() < self.min_chars {
            return Some(format!("Shorter than minimum length {}.", self.min_chars));
        }
        if !self.can_hash(password) {
            return Some(format!(
                "It has {} bytes, at most {MAX_BCRYPT_BYTES} are allowed.",
                password.len()
            ));
        }
        None
    }

    /// Runs `job` on a blocking thread: on an async worker it would hold up every other request.
    async fn on_a_core<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<Done<T>> {
        let _permit = self.permits.try_acquire().map_err(|_| Error::Busy)?;
        let core = self.cores.clone().acquire_owned().await.map_err(|_| Error::Busy)?;
        let began = Instant::now();
        tokio::task::spawn_blocking(move || {
            let started = Instant::now();
            let result = job();
            let taken = started.elapsed();
            drop(core);
            Done { result, began, taken }
        })
        .await
        .map_err(|error| Error::Internal(format!("a password job failed: {error}")))
    }
}

/// Whether `password` has the form of a hash that could be stored as it is.
pub fn looks_like_hash(password: &str) -> bool {
    werkzeug::looks_like_hash(password)
}

/// The cost in a bcrypt hash, unless it is beyond [`MAX_BCRYPT_COST`].
fn bcrypt_cost(stored: &str) -> Option<u32> {
    let digits = stored.strip_prefix("$2")?.get(2..4)?;
    digits.parse().ok().filter(|cost| *cost <= MAX_BCRYPT_COST)
}

/// Whether it is the password; `None` where nothing had to be computed to know that it is not.
fn compare_bcrypt(password: &str, stored: &str) -> Option<bool> {
    bcrypt_cost(stored)?;
    // bcrypt ignores what follows the 72nd byte; such a password was never stored by us, but costs the same.
    let whole = password.len() <= MAX_BCRYPT_BYTES;
    bcrypt::verify(password, stored).ok().map(|is_right| is_right && whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(scheme: Scheme, permits: usize) -> Passwords {
        Passwords {
            scheme,
            weak_allowed: false,
            min_chars: 8,
            cores: Arc::new(Semaphore::new(1)),
            permits: Arc::new(Semaphore::new(permits)),
            costs: Arc::default(),
        }
    }

    /// As a login does it.
    async fn verify(passwords: &Passwords, password: &str, stored: Option<&str>) -> bool {
        let verdict = passwords.verify(password, stored).await.unwrap();
        if !verdict.is_right {
            verdict.wait().await;
        }
        verdict.is_right
    }

    #[tokio::test]
    async fn bcrypt_does_not_take_a_longer_password_for_its_first_72_bytes() {
        let passwords = passwords(Scheme::Bcrypt { cost: 4 }, 8);
        let exact = "a".repeat(72);
        let stored = passwords.hash(&exact).await.unwrap();
        assert!(verify(&passwords, &exact, Some(&stored)).await);
        assert!(!verify(&passwords, &format!("{exact}x"), Some(&stored)).await);
        assert!(!verify(&passwords, &exact[1..], Some(&stored)).await);
        assert!(passwords.check_new(&format!("{exact}x")).is_err());
        assert!(passwords.check_new(&exact).is_ok());
    }

    #[tokio::test]
    async fn a_bcrypt_hash_that_would_cost_hours_is_not_computed() {
        let passwords = passwords(Scheme::Bcrypt { cost: 4 }, 8);
        let costly = "$2b$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
        let started = std::time::Instant::now();
        for stored in [costly, "$2b$", "$2", "$2b$xx$", "$2b$04$short", "$2é$04$"] {
            assert!(!verify(&passwords, "x", Some(stored)).await, "{stored}");
        }
        assert!(started.elapsed().as_millis() < 500);
    }

    #[tokio::test]
    async fn a_wrong_password_takes_as_long_as_the_dearest_format_in_use() {
        let passwords = passwords(Scheme::Bcrypt { cost: 4 }, 8);
        passwords
            .measure(&["pbkdf2:sha256:50000$".to_owned(), "$2b$06$".to_owned()])
            .await
            .unwrap();
        let floor = passwords.costs.floor();
        let cheap = passwords.hash("correct horse").await.unwrap();
        let (long, nobody) = ("x".repeat(100), None);
        for stored in [
            Some(cheap.as_str()),
            Some("pbkdf2:sha1:1000$s$00"),
            Some(""),
            Some("$2b$31$"),
            Some("$2b$06$broken"),
            nobody,
        ] {
            for password in ["wrong", "", &long] {
                let started = Instant::now();
                assert!(!verify(&passwords, password, stored).await);
                assert!(
                    started.elapsed() >= floor * 9 / 10,
                    "{stored:?} {:?} {floor:?}",
                    started.elapsed()
                );
            }
        }
        // A dearer one that turns up later raises it.
        assert!(!verify(&passwords, "x", Some("pbkdf2:sha256:500000$salt$00")).await);
        assert!(passwords.costs.floor() > floor * 2);
        let started = Instant::now();
        assert!(verify(&passwords, "correct horse", Some(&cheap)).await);
        assert!(started.elapsed() < floor, "the right password waits for nothing");
    }

    #[tokio::test]
    async fn more_jobs_than_places_are_refused_at_once() {
        let passwords = passwords(Scheme::Bcrypt { cost: 4 }, 0);
        assert!(matches!(passwords.hash("x").await, Err(Error::Busy)));
    }

    #[test]
    fn a_hash_of_lower_cost_is_old_and_one_of_higher_cost_is_not() {
        let bcrypt = passwords(Scheme::Bcrypt { cost: 12 }, 8);
        let pbkdf2 = passwords(Scheme::Pbkdf2 { iterations: 50_000 }, 8);
        for (passwords, stored, is_old) in [
            (&bcrypt, "$2b$11$salt", true),
            (&bcrypt, "$2a$04$salt", true),
            (&bcrypt, "$2y$12$salt", false),
            (&bcrypt, "$2b$13$salt", false),
            (&bcrypt, "pbkdf2:sha256:1000000$salt$00", true),
            (&pbkdf2, "pbkdf2:sha256:49999$salt$00", true),
            (&pbkdf2, "pbkdf2:sha256$salt$00", true),
            (&pbkdf2, "pbkdf2:sha256:50000$salt$00", false),
            (&pbkdf2, "pbkdf2:sha256:600000$salt$00", false),
            (&pbkdf2, "pbkdf2:blake2b:600000$salt$00", true),
            (&pbkdf2, "scrypt:32768:8:1$salt$00", false),
        ] {
            assert_eq!(passwords.is_old(stored), is_old, "{stored}");
        }
    }

    #[tokio::test]
    async fn new_hashes_are_not_old_and_short_passwords_are_refused() {
        let short = "Shorter than minimum length 8.";
        for scheme in [Scheme::Bcrypt { cost: 4 }, Scheme::Pbkdf2 { iterations: 1000 }] {
            let passwords = passwords(scheme, 8);
            let stored = passwords.hash("correct horse").await.unwrap();
            assert!(!passwords.is_old(&stored), "{stored}");
            assert!(passwords.is_old("sha1$a$b"));
            assert!(passwords.is_old("pbkdf2:sha1:1000000$a$b"));
            assert!(passwords.check_new("plain$$x").is_err());
        }
        let mut passwords = passwords(Scheme::Bcrypt { cost: 4 }, 8);
        for password in [
            "seven77",
            "",
            "        ",
            "\t seven77 \n",
            "\u{200b}seven77\u{200b}",
            "éééé",
        ] {
            assert_eq!(
                passwords.policy_violation(password).as_deref(),
                Some(short),
                "{password:?}"
            );
            assert!(passwords.check_new(password).is_err());
        }
        for password in ["eight888", "éééééééé", "a  b  c d"] {
            assert_eq!(passwords.policy_violation(password), None, "{password:?}");
        }
        passwords.min_chars = 1;
        for password in ["x", " ", ""] {
            assert_eq!(passwords.policy_violation(password), None, "{password:?}");
        }
    }
}
