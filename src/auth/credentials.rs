//! Addresses and passwords that are to be stored: whether they can be, and the password's hash.

use super::{
    callers::Auth,
    login::now_in_milliseconds,
    models::Account,
    passwords::{HASH_SHAPED, PLACEHOLDER, looks_like_hash},
    queue::Lane,
    throttle::{AttemptKind, ClientAddress},
};
use crate::{
    config::SignupPolicy,
    error::{Error, Fault, Result},
    text::is_invisible,
};

/// What changes of the data that a user logs in with.
pub struct CredentialChange {
    /// The new address.
    pub email: Option<String>,
    /// The hash of the new password.
    pub password_hash: Option<String>,
}

impl Auth {
    /// The hash of a new user's password, if both address and password can be taken.
    ///
    /// # Errors
    /// [`Error::Document`] with all that is wrong with them; [`Error::Busy`] if too many wait to be hashed.
    pub async fn hash_new(&self, email: &str, password: &str) -> Result<String> {
        refuse([self.wrong_email(email), self.wrong_password(password)])?;
        self.hash_in(Lane::Known, password).await
    }

    /// The hash of the password of somebody who signs up.
    ///
    /// # Errors
    /// As [`Auth::hash_new`]; [`Error::TooManyAttempts`] if too many sign up from there.
    pub async fn hash_signup(&self, email: &str, password: &str, client: &ClientAddress) -> Result<String> {
        refuse([self.wrong_email(email), self.wrong_password(password)])?;
        let now = now_in_milliseconds();
        self.throttle.count_request(AttemptKind::SignUp, client, now).await?;
        self.hash_in(Lane::Stranger, password).await
    }

    /// The hash of the password that a reset sets.
    ///
    /// # Errors
    /// As [`Auth::hash_new`].
    pub(super) async fn hash_reset(&self, password: &str) -> Result<String> {
        refuse([self.wrong_password(password)])?;
        self.hash_in(Lane::Known, password).await
    }

    async fn hash_in(&self, lane: Lane, password: &str) -> Result<String> {
        let _turn = self.queue.turn(lane).await?;
        self.passwords.hash(password).await
    }

    /// What changes of `account` by an address and a password that were sent for it.
    ///
    /// The user's own address may be sent back, also one that would be refused as a new one. Some texts mean an unchanged password.
    /// Flask-Scaffold 1.0 stored the password that it was given, which a client could make a hash of its choice.
    ///
    /// # Errors
    /// As [`Auth::hash_new`]; also for a password that looks like a hash.
    pub async fn change_of(
        &self,
        account: &Account,
        email: Option<String>,
        password: Option<String>,
    ) -> Result<CredentialChange> {
        let email = email.filter(|email| *email != account.email);
        let password = password.filter(|password| *password != PLACEHOLDER && *password != account.password_hash);
        let wrong_password = password
            .as_deref()
            .and_then(|password| match looks_like_hash(password) {
                true => Some(Fault::of("password", HASH_SHAPED)),
                false => self.wrong_password(password),
            });
        refuse([
            email.as_deref().and_then(|email| self.wrong_email(email)),
            wrong_password,
        ])?;
        let password_hash = match password {
            Some(password) => Some(self.hash_in(Lane::Known, &password).await?),
            None => None,
        };
        Ok(CredentialChange { email, password_hash })
    }

    /// What is not seen in an address makes it look like another one; the originals looked at no address.
    fn wrong_email(&self, email: &str) -> Option<Fault> {
        let is_wrong = self.strict_addresses && email.contains(|c| c == ' ' || is_invisible(c));
        is_wrong.then(|| Fault::of("email", "Not a valid email address."))
    }

    fn wrong_password(&self, password: &str) -> Option<Fault> {
        let policy_violation = self.passwords.policy_violation(password)?;
        Some(Fault::of("password", &policy_violation))
    }

    /// Whether no two users may have one address, even where the table would let them.
    pub fn has_strict_addresses(&self) -> bool {
        self.strict_addresses
    }

    /// Whether those who sign up may log in at once.
    ///
    /// # Errors
    /// [`Error::SignupClosed`] if nobody may sign up.
    pub fn enables_signups(&self) -> Result<bool> {
        match self.signup {
            SignupPolicy::Open => Ok(true),
            SignupPolicy::Approval => Ok(false),
            SignupPolicy::Off => Err(Error::SignupClosed),
        }
    }
}

/// Refuses a document that has these faults, unless there are none.
fn refuse(faults: impl IntoIterator<Item = Option<Fault>>) -> Result<()> {
    let faults: Vec<Fault> = faults.into_iter().flatten().collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Document {
            faults,
            is_scaffolded: false,
        })
    }
}
