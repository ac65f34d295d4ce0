//! Reset mails that were not handed in yet.

use crate::{
    args,
    db::{Db, FromRow, Row},
    error::Result,
};

/// A mail that waits.
#[derive(Clone)]
pub struct Waiting {
    /// The mail's key, which is also that of the reset it is for.
    pub id: String,
    /// The address that was asked for, whether anybody has it or not.
    pub email: String,
    /// The network that asked.
    pub network: String,
    /// When it asked, in Unix milliseconds, as all times here.
    pub asked_at: i64,
    /// How often it was tried to hand the mail in.
    pub tries: i64,
    /// When to try, or until when another process tries.
    pub next_try_at: i64,
}

impl FromRow for Waiting {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            email: row.get("email")?,
            network: row.get("network")?,
            asked_at: row.get("asked_at")?,
            tries: row.get("tries")?,
            next_try_at: row.get("next_try_at")?,
        })
    }
}

/// The table of waiting mails.
#[derive(Clone)]
pub struct Mails {
    db: Db,
}

impl Mails {
    /// The table in `db`.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Adds a mail to be sent at once.
    ///
    /// # Errors
    /// [`crate::error::Error::Database`], as for every query here.
    pub async fn add(&self, id: &str, email: &str, network: &str, now: i64) -> Result<()> {
        let sql = "insert into poem_scaffold_mails (id, email, network, asked_at, tries, next_try_at)
                   values (?, ?, ?, ?, 0, ?)";
        let args = args![id, email, network, now, now];
        self.db.execute(sql, args).await.map(drop)
    }

    /// Some of the mails to be sent now, the longest waiting first.
    pub async fn due(&self, now: i64) -> Result<Vec<Waiting>> {
        let sql = "select id, email, network, asked_at, tries, next_try_at
                   from poem_scaffold_mails
                   where next_try_at <= ?
                   order by next_try_at
                   limit 16";
        self.db.fetch_all(sql, args![now]).await
    }

    /// Moves the mail's next try, unless another process did; `false` if so.
    ///
    /// Whoever moved it sends it: until then no other process sees it.
    pub async fn put_off(&self, mail: &mut Waiting, next_try_at: i64, tries: i64) -> Result<bool> {
        let sql = "update poem_scaffold_mails set next_try_at = ?, tries = ? where id = ? and next_try_at = ?";
        let args = args![next_try_at, tries, mail.id.as_str(), mail.next_try_at];
        let is_ours = self.db.execute(sql, args).await? == 1;
        if is_ours {
            (mail.next_try_at, mail.tries) = (next_try_at, tries);
        }
        Ok(is_ours)
    }

    /// Takes out a mail that was sent, or never will be.
    pub async fn remove(&self, id: &str) -> Result<()> {
        let sql = "delete from poem_scaffold_mails where id = ?";
        self.db.execute(sql, args![id]).await.map(drop)
    }
}
