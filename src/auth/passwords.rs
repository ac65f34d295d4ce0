//! Verifies and makes password hashes, away from the async workers.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    config::{Config, Fidelity, random_hex},
    error::{Error, Result},
    flask::werkzeug,
};

/// Bytes of a password that bcrypt looks at; more would be cut off silently.
pub const MAX_BCRYPT_BYTES: usize = 72;
/// Characters that a new password must have in `safe`.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// What Flask-Scaffold 1.0's edit form is given in place of the hash that the original sent: the form cannot be
/// saved without a password, and sends this one back.
pub const PLACEHOLDER: &str = "********";
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
    cores: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// How new hashes are made.
#[derive(Clone, Copy, Debug)]
enum Scheme {
    Bcrypt { cost: u32 },
    Pbkdf2 { iterations: u32 },
}

impl Passwords {
    /// `flask` writes hashes that Flask can check beside us, `safe` writes bcrypt.
    pub fn new(config: &Config) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            scheme: match config.fidelity {
                Fidelity::Safe => Scheme::Bcrypt {
                    cost: config.bcrypt_cost,
                },
                Fidelity::Flask => Scheme::Pbkdf2 {
                    iterations: config.password_iterations,
                },
            },
            weak_allowed: config.fidelity == Fidelity::Flask,
            cores: Arc::new(Semaphore::new(cores)),
            places: Arc::new(Semaphore::new(cores + MAX_WAITING)),
        }
    }

    /// Whether `password` is the one that `stored` was made from; no stored text causes an error.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many passwords wait to be checked.
    pub async fn verify(&self, password: &str, stored: &str) -> Result<bool> {
        let (password, stored, weak_allowed) = (password.to_owned(), stored.to_owned(), self.weak_allowed);
        self.on_a_core(move || {
            if stored.starts_with("$2") {
                verify_bcrypt(&password, &stored)
            } else {
                werkzeug::verify(&password, &stored, weak_allowed)
            }
        })
        .await
    }

    /// Takes as long as a check does: an unknown user must not be answered faster than a known one.
    ///
    /// # Errors
    /// As [`Passwords::verify`].
    pub async fn verify_nobody(&self, password: &str) -> Result<()> {
        self.hash(password).await.map(drop)
    }

    /// A hash for storing; the caller has checked the password with [`Passwords::check_new`].
    ///
    /// # Errors
    /// [`Error::Busy`] as [`Passwords::verify`]; [`Error::Internal`] if there are no random bytes for the salt.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let (password, scheme) = (password.to_owned(), self.scheme);
        self.on_a_core(move || match scheme {
            Scheme::Bcrypt { cost } => {
                bcrypt::hash(&password, cost).map_err(|error| Error::Internal(format!("bcrypt failed: {error}")))
            }
            Scheme::Pbkdf2 { iterations } => {
                let salt = random_hex(8)?;
                werkzeug::hash_pbkdf2_sha256(&password, &salt, iterations)
                    .ok_or_else(|| Error::Internal(format!("{iterations} iterations cannot be verified")))
            }
        })
        .await?
    }

    /// Whether `stored` is of another kind than new hashes.
    pub fn is_old(&self, stored: &str) -> bool {
        match self.scheme {
            Scheme::Bcrypt { .. } => !stored.starts_with("$2"),
            Scheme::Pbkdf2 { .. } => !stored.starts_with("pbkdf2:sha256:") && !stored.starts_with("scrypt:"),
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
    /// [`Error::Refused`] says what is wrong: as [`Passwords::objection`], or too short in `safe`.
    pub fn check_new(&self, password: &str) -> Result<()> {
        let refuse = |text: String| Err(Error::Refused(format!("the password cannot be taken: {text}")));
        if looks_like_hash(password) {
            return refuse(HASH_SHAPED.to_owned());
        }
        if let Some(objection) = self.objection(password) {
            return refuse(objection);
        }
        let characters = password.chars().count();
        if matches!(self.scheme, Scheme::Bcrypt { .. }) && characters < MIN_PASSWORD_CHARS {
            return refuse(format!(
                "It has {characters} characters, at least {MIN_PASSWORD_CHARS} are needed."
            ));
        }
        Ok(())
    }

    /// What speaks against `password`, whoever sets it.
    pub fn objection(&self, password: &str) -> Option<String> {
        if password == PLACEHOLDER {
            return Some("This text stands for an unchanged password.".to_owned());
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
    async fn on_a_core<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = self.places.try_acquire().map_err(|_| Error::Busy)?;
        let core = self.cores.clone().acquire_owned().await.map_err(|_| Error::Busy)?;
        tokio::task::spawn_blocking(move || {
            let result = job();
            drop(core);
            result
        })
        .await
        .map_err(|error| Error::Internal(format!("a password job failed: {error}")))
    }
}

/// Whether `password` has the form of a hash that could be stored as it is.
pub fn looks_like_hash(password: &str) -> bool {
    werkzeug::looks_like_hash(password)
}

fn verify_bcrypt(password: &str, stored: &str) -> bool {
    let cost = stored.get(4..6).and_then(|digits| digits.parse::<u32>().ok());
    if cost.is_none_or(|cost| cost > MAX_BCRYPT_COST) {
        return false;
    }
    // bcrypt ignores what follows the 72nd byte; such a password was never stored by us, but costs the same.
    let whole = password.len() <= MAX_BCRYPT_BYTES;
    bcrypt::verify(password, stored).unwrap_or(false) && whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(scheme: Scheme, places: usize) -> Passwords {
        Passwords {
            scheme,
            weak_allowed: false,
            cores: Arc::new(Semaphore::new(1)),
            places: Arc::new(Semaphore::new(places)),
        }
    }

    #[tokio::test]
    async fn bcrypt_does_not_take_a_longer_password_for_its_first_72_bytes() {
        let passwords = passwords(Scheme::Bcrypt { cost: 4 }, 8);
        let exact = "a".repeat(72);
        let stored = passwords.hash(&exact).await.unwrap();
        assert!(passwords.verify(&exact, &stored).await.unwrap());
        assert!(!passwords.verify(&format!("{exact}x"), &stored).await.unwrap());
        assert!(!passwords.verify(&exact[1..], &stored).await.unwrap());
        assert!(passwords.check_new(&format!("{exact}x")).is_err());
        assert!(passwords.check_new(&exact).is_ok());
    }

    #[tokio::test]
    async fn a_bcrypt_hash_that_would_cost_hours_is_not_computed() {
        let passwords = passwords(Scheme::Bcrypt { cost: 4 }, 8);
        let costly = "$2b$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
        let started = std::time::Instant::now();
        for stored in [costly, "$2b$", "$2", "$2b$xx$", "$2b$04$short", "$2é$04$"] {
            assert!(!passwords.verify("x", stored).await.unwrap(), "{stored}");
        }
        assert!(started.elapsed().as_millis() < 500);
    }

    #[tokio::test]
    async fn more_jobs_than_places_are_refused_at_once() {
        let passwords = passwords(Scheme::Bcrypt { cost: 4 }, 0);
        assert!(matches!(passwords.hash("x").await, Err(Error::Busy)));
    }

    #[tokio::test]
    async fn new_hashes_are_not_old_and_short_passwords_are_refused() {
        for scheme in [Scheme::Bcrypt { cost: 4 }, Scheme::Pbkdf2 { iterations: 1000 }] {
            let passwords = passwords(scheme, 8);
            let stored = passwords.hash("correct horse").await.unwrap();
            assert!(!passwords.is_old(&stored), "{stored}");
            assert!(passwords.is_old("sha1$a$b"));
            assert!(passwords.check_new("plain$$x").is_err());
        }
        assert!(passwords(Scheme::Bcrypt { cost: 4 }, 8).check_new("seven77").is_err());
        assert!(
            passwords(Scheme::Pbkdf2 { iterations: 1000 }, 8)
                .check_new("seven77")
                .is_ok()
        );
    }
}
