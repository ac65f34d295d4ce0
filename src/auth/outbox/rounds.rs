//! Sends the mails that wait.
//!
//! Of all processes on the database one sends a mail: whoever has moved its next try ahead. A process that is killed
//! between the mail server's yes and the removal of the row leaves a mail that is sent again. That is meant: a mail that
//! comes twice carries the same reset, which is good once; one that does not come locks its reader out.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use tokio::{
    sync::{Notify, Semaphore, watch},
    task::JoinHandle,
};

use super::models::{Mails, Waiting};
use crate::{
    auth::reset::issuer::{Issuer, Prepared},
    config::random_hex,
    db::Db,
    error::Result,
    mail::Delivery,
};

/// Mails that are handed in at the same time.
const MAX_SENDING: u32 = 4;
/// How often the table is looked at for what other processes have left.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often what counts no more is removed from other tables.
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// How long nobody else sends a mail that is being sent, unless this process says again that it is.
const LEASE: Duration = Duration::from_secs(10);
/// How often it says so.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// How long handing in a mail may take.
const SENDING_TIMEOUT: Duration = Duration::from_secs(120);
/// The pause after the first failure, which doubles with each.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// After this time a mail is given up: its link would have ended.
const LIFETIME: Duration = Duration::from_secs(3600);
/// Characters that the column of addresses holds; nobody has a longer one.
const MAX_ADDRESS_CHARS: usize = 250;
/// How long a stop waits for mails that are being handed in; the others wait in the table.
const FAREWELL: Duration = Duration::from_secs(5);

/// Where mails are left to be sent.
pub struct Outbox {
    mails: Mails,
    wake: Arc<Notify>,
}

/// What sends them.
pub struct Postman {
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Postman {
    /// Starts no more mails and waits for those that are being handed in, until `deadline` at most.
    pub async fn finish(self, deadline: tokio::time::Instant) {
        let _ = self.stop.send(true);
        let until = deadline.min(tokio::time::Instant::now() + FAREWELL);
        if tokio::time::timeout_at(until, self.task).await.is_err() {
            tracing::info!("stopped while mails were being handed in; the next start hands them in again");
        }
    }
}

impl Outbox {
    /// Starts sending what waits in `db`.
    pub fn start(db: Db, issuer: Arc<Issuer>) -> (Self, Postman) {
        let outbox = Self {
            mails: Mails::new(db),
            wake: Arc::default(),
        };
        let (stop, stopping) = watch::channel(false);
        let rounds = Rounds {
            mails: outbox.mails.clone(),
            issuer,
            permits: Arc::new(Semaphore::new(MAX_SENDING as usize)),
        };
        let task = tokio::spawn(rounds.run(outbox.wake.clone(), stopping));
        (outbox, Postman { task, stop })
    }

    /// Leaves a mail for the user with this address, if there is one, for whoever asked from this network.
    ///
    /// # Errors
    /// [`crate::error::Error::Database`].
    pub async fn leave(&self, email: &str, network: &str) -> Result<()> {
        // PostgreSQL refuses NUL, which no address has.
        if email.contains('\0') || email.chars().count() > MAX_ADDRESS_CHARS {
            return Ok(());
        }
        self.mails.add(&random_hex(16)?, email, network, now()).await?;
        self.wake.notify_one();
        Ok(())
    }
}

struct Rounds {
    mails: Mails,
    issuer: Arc<Issuer>,
    permits: Arc<Semaphore>,
}

impl Rounds {
    async fn run(self, wake: Arc<Notify>, mut stopping: watch::Receiver<bool>) {
        let mut is_down = false;
        let mut tidied_at = None;
        while !*stopping.borrow() {
            let outcome = self.round(&stopping).await;
            if let (Err(error), false) = (&outcome, is_down) {
                tracing::warn!(error = %error.with_causes(), "waiting mails cannot be read");
            }
            is_down = outcome.is_err();
            if tidied_at.is_none_or(|at: Instant| at.elapsed() > TIDY_EVERY) {
                self.issuer.tidy().await;
                tidied_at = Some(Instant::now());
            }
            // More may have become due meanwhile.
            if outcome.is_ok_and(|begun| begun > 0) {
                continue;
            }
            tokio::select! {
                () = wake.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stopping.changed() => {}
            }
        }
        let _ = self.permits.acquire_many(MAX_SENDING).await;
    }

    /// Begins to send what is due; gives how many these are.
    async fn round(&self, stopping: &watch::Receiver<bool>) -> Result<usize> {
        let mut begun = 0;
        for mut waiting in self.mails.due(now()).await? {
            // The semaphore is never closed.
            let Ok(permit) = self.permits.clone().acquire_owned().await else {
                break;
            };
            if *stopping.borrow() {
                break;
            }
            let tries = waiting.tries + 1;
            if !self
                .mails
                .put_off(&mut waiting, now() + milliseconds(LEASE), tries)
                .await?
            {
                continue;
            }
            begun += 1;
            let (mails, issuer) = (self.mails.clone(), self.issuer.clone());
            tokio::spawn(async move {
                if let Err(error) = send(&mails, &issuer, waiting).await {
                    // The row is still there, so another try follows.
                    tracing::warn!(error = %error.with_causes(), "a reset mail cannot be sent yet");
                }
                drop(permit);
            });
        }
        Ok(begun)
    }
}

async fn send(mails: &Mails, issuer: &Issuer, mut waiting: Waiting) -> Result<()> {
    let delivery = match issuer.prepare(&waiting).await {
        Ok(None) => return mails.remove(&waiting.id).await,
        Ok(Some(mail)) => hand_in(mails, issuer, &mail, &mut waiting).await?,
        Err(error) => Delivery::Later(error.with_causes()),
    };
    let reason = match delivery {
        Delivery::Done => return mails.remove(&waiting.id).await,
        Delivery::Never(reason) => reason,
        Delivery::Later(reason) => {
            let next_try_at = now() + milliseconds(pause(waiting.tries));
            if next_try_at < waiting.asked_at + milliseconds(LIFETIME) {
                tracing::warn!(reason, "a reset mail cannot be sent yet");
                let tries = waiting.tries;
                return mails.put_off(&mut waiting, next_try_at, tries).await.map(drop);
            }
            reason
        }
    };
    tracing::error!(reason, "a reset mail was not sent");
    mails.remove(&waiting.id).await
}

/// Hands the mail in, and keeps it from other processes meanwhile.
async fn hand_in(mails: &Mails, issuer: &Issuer, mail: &Prepared, waiting: &mut Waiting) -> Result<Delivery> {
    let mut handing_in = std::pin::pin!(tokio::time::timeout(SENDING_TIMEOUT, issuer.hand_in(mail)));
    loop {
        tokio::select! {
            outcome = &mut handing_in => {
                return Ok(outcome.unwrap_or_else(|_| Delivery::Later("it takes too long".to_owned())));
            }
            () = tokio::time::sleep(RENEW_EVERY) => {
                let tries = waiting.tries;
                // If another process has it meanwhile, this one still ends what it has begun.
                mails.put_off(waiting, now() + milliseconds(LEASE), tries).await?;
            }
        }
    }
}

fn pause(tries: i64) -> Duration {
    let doublings = u32::try_from(tries - 1).unwrap_or_default().min(16);
    FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn now() -> i64 {
    Utc::now().timestamp_millis()
}
