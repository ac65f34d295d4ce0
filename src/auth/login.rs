//! A mail address and a password for a token.

use std::time::Duration;

use chrono::Utc;

use super::{
    callers::Auth,
    models::Account,
    queue::{Lane, Turn},
    throttle::{Attempt, ClientAddress},
};
use crate::{
    config::Permission,
    error::{Error, Result},
};

/// The answer to an unknown address, and to a wrong password (all originals, `app/users/views.py`).
pub const INVALID_CREDENTIALS: &str = "invalid username/password";

/// How long a login waits for the second of a change to be over, with clocks that differ a little.
const MAX_WAIT: Duration = Duration::from_secs(5);

impl Auth {
    /// Checks a mail address and a password and issues a token.
    ///
    /// # Errors
    /// [`Error::Credentials`] for an unknown address, a wrong password, or a
    /// disabled user unless `DISABLED_USERS=allow`; [`Error::TooManyAttempts`]; [`Error::Busy`] if too many logins
    /// wait.
    pub async fn log_in(&self, email: &str, password: &str, client: &ClientAddress) -> Result<String> {
        let mut attempt = self.throttle.admit(email, client, now_in_milliseconds()).await?;
        let lane = if attempt.is_known() {
            Lane::Known
        } else {
            Lane::Stranger
        };
        let turn = self.queue.turn(lane).await?;
        let now = now_in_milliseconds();
        self.throttle.count(&mut attempt, turn.has_waited, now).await?;
        self.check_credentials(email, password, turn, attempt).await
    }

    async fn check_credentials(&self, email: &str, password: &str, turn: Turn, attempt: Attempt) -> Result<String> {
        // Before the hash is read: every change from this second on voids the token.
        let now = Utc::now().timestamp();
        // Who may not log in is nobody here, and takes as long.
        let found = self.accounts.find_by_email(email).await?;
        let account = found.filter(|account| !self.is_shut_out(account));
        let stored = account.as_ref().map(|account| account.password_hash.as_str());
        let verdict = self.passwords.verify(password, stored).await?;
        let is_known = account.is_some();
        let Some(account) = account.filter(|_| verdict.is_right) else {
            // Others hash while this one waits, and must find it counted.
            self.throttle.failed(attempt, now_in_milliseconds()).await?;
            drop(turn);
            verdict.wait().await;
            return Err(Error::Credentials { is_known });
        };
        let renew = self.rehash && self.passwords.is_old(&account.password_hash) && self.passwords.can_hash(password);
        let renewed = match renew {
            true => Some(self.passwords.hash(password).await?),
            false => None,
        };
        drop(turn);
        let token = self.admit(&account, renewed.as_deref(), now).await?;
        self.throttle.succeeded(attempt, now_in_milliseconds()).await?;
        Ok(token)
    }

    /// The token of a user whose password was found right, unless the user was changed since `seen` was read.
    async fn admit(&self, seen: &Account, renewed_hash: Option<&str>, mut now: i64) -> Result<String> {
        if renewed_hash.is_none() && self.accounts.admit_unchanged(seen, now).await? {
            return self.issue(seen, now);
        }
        loop {
            let admitted = self.accounts.admit(seen, renewed_hash, now).await?;
            let account = admitted
                .filter(|account| !self.is_shut_out(account))
                .ok_or(Error::Credentials { is_known: true })?;
            if self.stale_tokens == Permission::Allow || !account.voids(now) {
                return self.issue(&account, now);
            }
            wait_past(account.tokens_void_until()).await?;
            now = Utc::now().timestamp();
        }
    }

    /// Finds out how long failed logins take, for a task beside the server: the users table may be large.
    pub async fn measure_passwords(&self) {
        let measured = match self.accounts.costly_formats().await {
            Ok(formats) => self.passwords.measure(&formats).await,
            Err(error) => self.passwords.measure(&[]).await.and(Err(error)),
        };
        if let Err(error) = measured {
            tracing::warn!(error = %error.with_causes(), "the formats of stored passwords are not known yet");
        }
    }
}

/// The time in Unix milliseconds.
pub(super) fn now_in_milliseconds() -> i64 {
    Utc::now().timestamp_millis()
}

/// Waits until tokens are no longer void that are issued now.
///
/// Token times are whole seconds: a token of the second of a password change could be from before the change or after
/// it, so all of them are void, and none is issued.
///
/// # Errors
/// [`Error::Busy`] if that takes longer than clocks may differ by.
pub(super) async fn wait_past(void_until: Option<i64>) -> Result<()> {
    let Some(void_until) = void_until else { return Ok(()) };
    let left = (void_until + 1) * 1000 - Utc::now().timestamp_millis();
    let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
    if left > MAX_WAIT {
        tracing::warn!(
            void_until,
            "a user's tokens are void until a time to come: compare the servers' clocks"
        );
        return Err(Error::Busy);
    }
    tokio::time::sleep(left).await;
    Ok(())
}
