//! How often passwords may be tried, accounts be made and mails be asked for, over all processes on a database.
//!
//! An attempt is a row of the database. It is written before its password is checked, and what others wrote is counted
//! after that, so of attempts at the same time, in any number of processes, no more are checked than the limits allow.

mod client;
mod limits;
mod models;

pub use client::ClientAddress;
pub use models::AttemptKind;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sha2::{Digest, Sha256};

use crate::{
    config::random_hex,
    db::Db,
    error::{Error, Result},
    flask::hashlib::hex,
};
use limits::{HOUR, Logins, Requests};
use models::{Attempts, Past};

/// A network that was seen in this time need not be noted again, in milliseconds.
const REMEMBERED_FOR: i64 = 24 * HOUR;

/// Decides who may try, and counts.
///
/// `now` is in Unix milliseconds everywhere.
#[derive(Debug)]
pub struct Throttle {
    attempts: Attempts,
    is_on: bool,
    /// The attempts of this process whose passwords are being checked.
    checking: Arc<Mutex<HashSet<String>>>,
    /// The accounts that got a network since the last sweep, which may have too many now.
    grown: Arc<Mutex<HashSet<String>>>,
}

/// A login that may try its password.
#[derive(Debug)]
pub struct Attempt {
    account: String,
    client: ClientAddress,
    /// When somebody last logged in from there, as far as noted.
    known_at: Option<i64>,
    counted: Option<Counted>,
}

impl Attempt {
    /// Whether somebody logged in to the account from this network before, or attempts are not counted at all.
    pub fn is_known(&self) -> bool {
        self.known_at.is_some()
    }
}

/// An attempt that is counted, and being checked until this is dropped.
#[derive(Debug)]
struct Counted {
    id: String,
    checking: Arc<Mutex<HashSet<String>>>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        locked(&self.checking).remove(&self.id);
    }
}

impl Throttle {
    /// Counts in `db`, or nothing at all.
    pub fn new(db: Db, is_on: bool) -> Self {
        Self {
            attempts: Attempts::new(db),
            is_on,
            checking: Arc::default(),
            grown: Arc::default(),
        }
    }

    /// Lets a login with this mail address wait for its turn.
    ///
    /// Who is refused here costs a query and no hash.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`].
    pub async fn admit(&self, email: &str, client: &ClientAddress, now: i64) -> Result<Attempt> {
        let mut attempt = Attempt {
            account: account_of(email),
            client: client.clone(),
            known_at: Some(i64::MAX),
            counted: None,
        };
        if self.is_on {
            self.check(&mut attempt, now).await?;
        }
        Ok(attempt)
    }

    /// Counts the attempt, right before its password is checked.
    ///
    /// From a known network the attempt is counted only if it fails: most logins come from there and are right.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`] if others used up what there was while this one waited for its turn.
    pub async fn count(&self, attempt: &mut Attempt, has_waited: bool, now: i64) -> Result<()> {
        if !self.is_on || (attempt.is_known() && !has_waited) {
            return Ok(());
        }
        if attempt.is_known() {
            return self.check(attempt, now).await;
        }
        let id = random_hex(16)?;
        locked(&self.checking).insert(id.clone());
        let counted = attempt.counted.insert(Counted {
            id,
            checking: self.checking.clone(),
        });
        let id = counted.id.clone();
        let (account, client) = (&attempt.account, &attempt.client);
        self.attempts.add(&id, AttemptKind::Login, account, client, now).await?;
        let outcome = self.check(attempt, now).await;
        if outcome.is_err() {
            self.attempts.remove(&id).await?;
        }
        outcome
    }

    /// The password was wrong.
    pub async fn failed(&self, attempt: Attempt, now: i64) -> Result<()> {
        if !self.is_on || attempt.counted.is_some() {
            return Ok(());
        }
        let (id, client) = (random_hex(16)?, &attempt.client);
        self.attempts
            .add(&id, AttemptKind::Login, &attempt.account, client, now)
            .await
    }

    /// The password was right: the network is known from now on.
    pub async fn succeeded(&self, attempt: Attempt, now: i64) -> Result<()> {
        if !self.is_on {
            return Ok(());
        }
        let is_fresh = attempt
            .known_at
            .is_some_and(|known_at| known_at >= now - REMEMBERED_FOR);
        if !is_fresh {
            let network = &attempt.client.network;
            self.note_network(&attempt.account, network, attempt.is_known(), now)
                .await?;
        }
        match &attempt.counted {
            Some(counted) => self.attempts.remove(&counted.id).await,
            None => Ok(()),
        }
    }

    /// Who has used a reset link has shown that the account is theirs, which makes their network a known one.
    pub async fn remember(&self, email: &str, client: &ClientAddress, now: i64) -> Result<()> {
        if !self.is_on {
            return Ok(());
        }
        self.note_network(&account_of(email), &client.network, true, now).await
    }

    /// Has the network known from now on; whether it may be already decides only which statement comes first.
    async fn note_network(&self, account: &str, network: &str, may_be_known: bool, now: i64) -> Result<()> {
        if may_be_known && self.attempts.renew_network(account, network, now).await? {
            return Ok(());
        }
        self.attempts.add_network(account, network, now).await?;
        locked(&self.grown).insert(account.to_owned());
        Ok(())
    }

    /// Counts a sign-up or a request for a mail.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`].
    pub async fn count_request(&self, kind: AttemptKind, client: &ClientAddress, now: i64) -> Result<()> {
        if !self.is_on {
            return Ok(());
        }
        let id = random_hex(16)?;
        self.check_requests(kind, client, &id, now).await?;
        self.attempts.add(&id, kind, "", client, now).await?;
        let outcome = self.check_requests(kind, client, &id, now).await;
        if outcome.is_err() {
            self.attempts.remove(&id).await?;
        }
        outcome
    }

    /// Removes what counts no more, and of an account's networks all but the newest.
    pub async fn sweep(&self, now: i64) -> Result<()> {
        let grown: Vec<String> = locked(&self.grown).iter().cloned().collect();
        for account in grown {
            locked(&self.grown).remove(&account);
            if let Err(error) = self.attempts.trim_networks(&account).await {
                locked(&self.grown).insert(account);
                return Err(error);
            }
        }
        self.attempts.sweep(now).await
    }

    async fn check(&self, attempt: &mut Attempt, now: i64) -> Result<()> {
        let past = self.attempts.logins(&attempt.account, &attempt.client, now).await?;
        let known = past.iter().find(|row| row.found_by == "known");
        attempt.known_at = known.map(|row| row.at);
        let own = attempt.counted.as_ref().map(|counted| counted.id.as_str());
        let checking = locked(&self.checking);
        let times = |found_by: &str, keep: &dyn Fn(&Past) -> bool| {
            let rows = past.iter().filter(|row| row.found_by == found_by);
            times(rows.filter(|row| own != Some(&row.id) && keep(row)), now)
        };
        let network = &attempt.client.network;
        let logins = Logins {
            of_account_and_network: times("account", &|row| row.network == *network),
            of_account: times("account", &|_| true),
            // Those that are being checked may be right: a class that logs in at once is no attack.
            of_address: times("address", &|row| !checking.contains(&row.id)),
            is_known: attempt.is_known(),
        };
        refuse_before(logins.allowed_from(), now)
    }

    async fn check_requests(&self, kind: AttemptKind, client: &ClientAddress, own: &str, now: i64) -> Result<()> {
        let past = self.attempts.requests(kind, client, now).await?;
        let others = || past.iter().filter(|row| row.id != own);
        let requests = Requests {
            of_address: times(others().filter(|row| row.address == client.address), now),
            of_network: times(others(), now),
        };
        refuse_before(requests.allowed_from(), now)
    }
}

fn locked(keys: &Mutex<HashSet<String>>) -> MutexGuard<'_, HashSet<String>> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When the attempts were made; a clock that was set back must not make any of them last longer.
fn times<'a>(rows: impl Iterator<Item = &'a Past>, now: i64) -> Vec<i64> {
    rows.map(|row| row.at.min(now)).collect()
}

fn refuse_before(allowed_from: i64, now: i64) -> Result<()> {
    match u64::try_from(allowed_from - now) {
        Ok(milliseconds) if milliseconds > 0 => Err(Error::TooManyAttempts {
            retry_after: milliseconds.div_ceil(1000),
        }),
        _ => Ok(()),
    }
}

/// The key of the account that has exactly this mail address, or would have.
fn account_of(email: &str) -> String {
    hex(&Sha256::digest(email.as_bytes())[..16])
}
