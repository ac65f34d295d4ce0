//! The resets of the last hour: those that were asked for, and which of them were used.

use chrono::Utc;

use crate::{
    args,
    auth::{
        changes::{note_issue, set_password, write_password},
        models::{Account, lock},
    },
    config::Profile,
    db::{Db, FromRow, Row},
    error::Result,
};

/// How far back resets of a user are counted, in seconds; older ones are forgotten and their tokens over.
pub const RESET_WINDOW_SECONDS: i64 = 3600;
/// Resets that a user can ask for in that time.
const MAX_RESETS_PER_WINDOW: usize = 3;
/// The time between more of them that other networks ask for.
const RESET_PAUSE_SECONDS: i64 = 600;

/// The table of resets.
pub struct ResetRecords {
    db: Db,
    profile: Profile,
}

impl ResetRecords {
    /// The table in `db`, for users of `profile`.
    pub fn new(db: Db, profile: Profile) -> Self {
        Self { db, profile }
    }

    /// Notes at `now` (Unix seconds) that a reset of the user whom `seen` shows was asked for under `id`, or is sent
    /// again; `false` if this user's are used up for now, or the user was changed meanwhile.
    pub async fn record(&self, id: &str, seen: &Account, network: &str, now: i64) -> Result<bool> {
        self.db
            .transaction(async |db| {
                // Of two requests at once the second waits here until the first is counted.
                let account = lock(&db, self.profile, seen.id).await?;
                let Some(account) = account.filter(|account| account.has_credentials_of(seen) && !account.voids(now))
                else {
                    return Ok(false);
                };
                let sql = "delete from poem_scaffold_resets where issued_at < ?";
                db.execute(sql, args![now - RESET_WINDOW_SECONDS]).await?;
                let sql = "select id, network, issued_at from poem_scaffold_resets where user_id = ?";
                let recent: Vec<RecentReset> = db.fetch_all(sql, args![seen.id]).await?;
                let is_sent_again = recent.iter().any(|reset| reset.id == id);
                let granted = is_sent_again || may_reset(&recent, network, now);
                if is_sent_again {
                    let sql = "update poem_scaffold_resets set issued_at = ? where id = ?";
                    db.execute(sql, args![now, id]).await?;
                } else if granted {
                    let sql = "insert into poem_scaffold_resets (id, user_id, network, issued_at) values (?, ?, ?, ?)";
                    db.execute(sql, args![id, seen.id, network, now]).await?;
                }
                if granted {
                    note_issue(&db, &account, now).await?;
                }
                Ok(granted)
            })
            .await
    }

    /// Stores a new hash for a token that is good as often as its holder likes.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFound`] if the user is gone.
    pub async fn set_password(&self, account: &Account, hash: &str) -> Result<()> {
        set_password(&self.db, self.profile, account.id, hash).await
    }

    /// Stores a new hash for the reset `id`; `false` if it was never asked for, was used, or the user was changed
    /// since.
    pub async fn spend(&self, id: &str, account: &Account, hash: &str) -> Result<bool> {
        self.db
            .transaction(async |db| {
                // Of two uses at once the second waits here for the first, and then changes no row.
                let Some(before) = lock(&db, self.profile, account.id).await? else {
                    return Ok(false);
                };
                let sql = "update poem_scaffold_resets set used_at = ?
                           where id = ? and user_id = ? and used_at is null and issued_at > ?";
                let void_until = before.tokens_void_until().unwrap_or(i64::MIN);
                let values = args![Utc::now().timestamp(), id, account.id, void_until];
                if db.execute(sql, values).await? == 0 {
                    return Ok(false);
                }
                write_password(&db, before, hash).await?;
                Ok(true)
            })
            .await
    }
}

/// A reset of the last hour.
struct RecentReset {
    id: String,
    network: Option<String>,
    issued_at: i64,
}

impl FromRow for RecentReset {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            network: row.get_nullable("network")?,
            issued_at: row.get("issued_at")?,
        })
    }
}

/// Whether a user gets one more mail, beyond these, that somebody in `network` asks for.
///
/// One network has three an hour. Others that use up the user's cannot keep the next mail back for longer than
/// [`RESET_PAUSE_SECONDS`].
fn may_reset(recent: &[RecentReset], network: &str, now: i64) -> bool {
    let own = recent.iter().filter(|reset| reset.network.as_deref() == Some(network));
    let last = recent.iter().map(|reset| reset.issued_at).max().unwrap_or_default();
    own.count() < MAX_RESETS_PER_WINDOW && (recent.len() < MAX_RESETS_PER_WINDOW || now - last >= RESET_PAUSE_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reset(network: &str, issued_at: i64) -> RecentReset {
        RecentReset {
            id: String::new(),
            network: Some(network.to_owned()),
            issued_at,
        }
    }

    #[test]
    fn strangers_keep_the_next_mail_from_its_owner_for_ten_minutes_at_most() {
        let now = 1_800_000_000;
        assert!(may_reset(&[], "home", now));
        let own = [now - 3, now - 2, now - 1].map(|at| reset("home", at));
        assert!(!may_reset(&own, "home", now + 3000), "three an hour for one network");
        let strangers = ["a", "b", "c"].map(|network| reset(network, now));
        assert!(!may_reset(&strangers, "home", now + 599));
        assert!(may_reset(&strangers, "home", now + 600));
        let mixed = [reset("a", now), reset("a", now), reset("home", now)];
        assert!(may_reset(&mixed, "home", now + 600));
    }
}
