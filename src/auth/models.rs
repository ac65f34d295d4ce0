//! The accounts: rows of the profile's own users table, joined with what we keep beside it.

use crate::{
    args,
    config::Profile,
    db::{Db, FromRow, Pages, Row},
    error::{Error, Result},
    flask::datetime::now,
};

/// How far back resets of a user are counted, in seconds; older ones are forgotten and their tokens over.
pub const RESET_WINDOW_SECONDS: i64 = 3600;
/// Resets that a user can ask for in that time.
const MAX_RESETS_PER_WINDOW: usize = 3;
/// The time between more of them that other networks ask for.
const RESET_PAUSE_SECONDS: i64 = 600;

/// A user as far as logging in is concerned.
#[derive(Clone)]
pub struct Account {
    /// The users table's key.
    pub id: i64,
    /// The address, exactly as stored.
    pub email: String,
    /// The display name, which some originals allow to be missing.
    pub name: Option<String>,
    /// The stored hash; whatever an old app left there.
    pub password_hash: String,
    /// Whether the user may log in (tutorial `is_enabled`, Flask-Scaffold 1.0 `active != 0`).
    pub is_enabled: bool,
    /// The name of the user's role, where the profile has roles.
    pub role: Option<String>,
    /// Whether the user administers (Flask-Scaffold 1.0 `role = 'admin'`, elsewhere our own mark).
    pub is_admin: bool,
    /// When we last changed the password, in Unix seconds.
    pub password_changed_at: Option<i64>,
}

impl FromRow for Account {
    fn from_row(row: &Row) -> Result<Self> {
        // What cannot be read lets nobody in: no hash, disabled, no administrator.
        let account = Self {
            id: row.id()?,
            email: row.get("email")?,
            name: row.get_nullable("name")?,
            password_hash: row.get("password")?,
            is_enabled: row.get("is_enabled")?,
            role: row.get_nullable("role")?,
            is_admin: row.get("is_admin")?,
            password_changed_at: row.get_nullable("password_changed_at")?,
        };
        row.unreadable("users", account.id);
        Ok(account)
    }
}

/// A user to be created.
#[derive(Clone, Copy)]
pub struct NewAccount<'a> {
    /// The address, not yet taken.
    pub email: &'a str,
    /// The display name.
    pub name: &'a str,
    /// The hash, not the password.
    pub password_hash: &'a str,
    /// Whether the user administers.
    pub is_admin: bool,
}

/// The queries on accounts, for the profile's users table.
#[derive(Clone, Debug)]
pub struct Accounts {
    db: Db,
    profile: Profile,
}

/// The select list of each profile, completed by the given clause.
///
/// The mark is joined by id and address: a database may give the id of a deleted user to the next one.
macro_rules! select_accounts {
    ($profile:expr, $clause:literal) => {
        match $profile {
            Profile::Tutorial => concat!(
                "select u.id, u.email, u.name, u.password, u.is_enabled as is_enabled, null as role,
                        coalesce(a.is_admin, false) as is_admin, a.password_changed_at
                 from users u
                 left join poem_scaffold_accounts a on a.user_id = u.id and a.email = u.email ",
                $clause
            ),
            Profile::Scaffold10 => concat!(
                "select u.id, u.email, u.name, u.password, u.active <> 0 as is_enabled, u.role,
                        coalesce(u.role = 'admin', false) as is_admin, a.password_changed_at
                 from users u
                 left join poem_scaffold_accounts a on a.user_id = u.id and a.email = u.email ",
                $clause
            ),
            Profile::Scaffold20 => concat!(
                "select u.id, u.email, u.name, u.password, not coalesce(a.is_disabled, false) as is_enabled,
                        null as role, coalesce(a.is_admin, false) as is_admin, a.password_changed_at
                 from users u
                 left join poem_scaffold_accounts a on a.user_id = u.id and a.email = u.email ",
                $clause
            ),
        }
    };
}

impl Accounts {
    /// The accounts in `profile`'s users table.
    pub fn new(db: Db, profile: Profile) -> Self {
        Self { db, profile }
    }

    /// The account with exactly this address.
    ///
    /// # Errors
    /// [`Error::Database`], as for every query here.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<Account>> {
        // No address has a NUL, and PostgreSQL would refuse the query instead of finding nothing.
        if email.contains('\0') {
            return Ok(None);
        }
        let sql = select_accounts!(self.profile, "where u.email = ?");
        let found: Vec<Account> = self.db.fetch_all(sql, args![email]).await?;
        // The column's collation may ignore case or accents.
        Ok(found.into_iter().find(|account| account.email == email))
    }

    /// The account with exactly this address, for the command line.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none.
    pub async fn require(&self, email: &str) -> Result<Account> {
        self.find_by_email(email).await?.ok_or_else(|| {
            Error::Refused(format!(
                "there is no user {email}; `poem-scaffold user list` shows those there are"
            ))
        })
    }

    /// The account with this id.
    pub async fn find(&self, id: i64) -> Result<Option<Account>> {
        let sql = select_accounts!(self.profile, "where u.id = ?");
        self.db.fetch_optional(sql, args![id]).await
    }

    /// All accounts by id.
    pub fn list(&self) -> Pages {
        let sql = select_accounts!(self.profile, "where u.id >= ? order by u.id limit ?");
        self.db.pages(sql, args![])
    }

    /// Whether there is anybody.
    pub async fn has_any(&self) -> Result<bool> {
        let sql = "select email as column_name from users limit 1";
        let found: Option<String> = self.db.fetch_optional(sql, args![]).await?;
        Ok(found.is_some())
    }

    /// Whether anybody administers.
    pub async fn has_administrator(&self) -> Result<bool> {
        let sql = match self.profile {
            Profile::Scaffold10 => "select email as column_name from users where role = 'admin' limit 1",
            Profile::Tutorial | Profile::Scaffold20 => {
                "select u.email as column_name
                 from users u
                 join poem_scaffold_accounts a on a.user_id = u.id and a.email = u.email
                 where a.is_admin
                 limit 1"
            }
        };
        let found: Option<String> = self.db.fetch_optional(sql, args![]).await?;
        Ok(found.is_some())
    }

    /// Adds an enabled user and returns its id.
    ///
    /// # Errors
    /// [`Error::is_unique_violation`] tells that the address is taken.
    pub async fn create(&self, new: NewAccount<'_>) -> Result<i64> {
        let now = now();
        let (sql, values) = match self.profile {
            Profile::Tutorial => (
                "insert into users (email, name, password, is_enabled) values (?, ?, ?, ?)",
                args![new.email, new.name, new.password_hash, true],
            ),
            Profile::Scaffold10 => (
                "insert into users (email, name, password, active, creation_time) values (?, ?, ?, 1, ?)",
                args![new.email, new.name, new.password_hash, now],
            ),
            Profile::Scaffold20 => (
                "insert into users (email, name, password, createddate, createdby, updateddate, updatedby)
                 values (?, ?, ?, ?, 'Self Signup', ?, 'Self Signup')",
                args![new.email, new.name, new.password_hash, now, now],
            ),
        };
        self.db
            .transaction(async |db| {
                let id = db.insert(sql, values.clone()).await?;
                if new.is_admin {
                    self.write_admin(&db, id, new.email, true).await?;
                }
                Ok(id)
            })
            .await
    }

    /// Stores a new hash and when it was set (Unix seconds), so that older tokens can be told.
    pub async fn set_password(&self, account: &Account, hash: &str, now: i64) -> Result<()> {
        self.db
            .transaction(async |db| write_password(&db, account, hash, now).await)
            .await
    }

    /// Notes at `now` (Unix seconds) that a reset was asked for under `id`, or is sent again; `false` if this user's
    /// are used up for now.
    pub async fn record_reset(&self, id: &str, user_id: i64, network: &str, now: i64) -> Result<bool> {
        self.db
            .transaction(async |db| {
                // Of two requests at once the second waits here until the first is counted.
                lock_user(&db, user_id).await?;
                let sql = "delete from poem_scaffold_resets where issued_at < ?";
                db.execute(sql, args![now - RESET_WINDOW_SECONDS]).await?;
                let sql = "select id, network, issued_at from poem_scaffold_resets where user_id = ?";
                let recent: Vec<RecentReset> = db.fetch_all(sql, args![user_id]).await?;
                let is_sent_again = recent.iter().any(|reset| reset.id == id);
                let granted = is_sent_again || may_reset(&recent, network, now);
                if is_sent_again {
                    let sql = "update poem_scaffold_resets set issued_at = ? where id = ?";
                    db.execute(sql, args![now, id]).await?;
                } else if granted {
                    let sql = "insert into poem_scaffold_resets (id, user_id, network, issued_at) values (?, ?, ?, ?)";
                    db.execute(sql, args![id, user_id, network, now]).await?;
                }
                Ok(granted)
            })
            .await
    }

    /// Stores a new hash for the reset `id`; `false` if it was used or never asked for.
    pub async fn use_reset(&self, id: &str, account: &Account, hash: &str, now: i64) -> Result<bool> {
        self.db
            .transaction(async |db| {
                // Of two uses at once the second waits here for the first, and then changes no row.
                lock_user(&db, account.id).await?;
                let sql =
                    "update poem_scaffold_resets set used_at = ? where id = ? and user_id = ? and used_at is null";
                let is_used = db.execute(sql, args![now, id, account.id]).await? == 0;
                if !is_used {
                    write_password(&db, account, hash, now).await?;
                }
                Ok(!is_used)
            })
            .await
    }

    /// Stores a better hash of the same password, unless the password was changed meanwhile.
    pub async fn replace_hash(&self, account: &Account, hash: &str) -> Result<()> {
        let sql = "update users set password = ? where id = ? and password = ?";
        let old = account.password_hash.as_str();
        self.db.execute(sql, args![hash, account.id, old]).await.map(drop)
    }

    /// Lets the user log in, or not.
    pub async fn set_enabled(&self, account: &Account, enabled: bool) -> Result<()> {
        match self.profile {
            Profile::Tutorial => {
                let sql = "update users set is_enabled = ? where id = ?";
                self.db.execute(sql, args![enabled, account.id]).await
            }
            Profile::Scaffold10 => {
                let sql = "update users set active = ? where id = ?";
                self.db.execute(sql, args![i64::from(enabled), account.id]).await
            }
            // The original had no way to disable a user, so its table has no column for it.
            Profile::Scaffold20 => {
                self.db
                    .transaction(async |db| {
                        ensure_mark(&db, account.id, &account.email).await?;
                        let sql = "update poem_scaffold_accounts set is_disabled = ? where user_id = ?";
                        db.execute(sql, args![!enabled, account.id]).await
                    })
                    .await
            }
        }
        .map(drop)
    }

    /// Makes the user an administrator, or takes it back.
    pub async fn set_admin(&self, account: &Account, is_admin: bool) -> Result<()> {
        self.db
            .transaction(async |db| self.write_admin(&db, account.id, &account.email, is_admin).await)
            .await
    }

    async fn write_admin(&self, db: &Db, id: i64, email: &str, is_admin: bool) -> Result<()> {
        match self.profile {
            Profile::Tutorial | Profile::Scaffold20 => {
                ensure_mark(db, id, email).await?;
                let sql = "update poem_scaffold_accounts set is_admin = ? where user_id = ?";
                db.execute(sql, args![is_admin, id]).await?;
            }
            Profile::Scaffold10 => {
                let role = is_admin.then_some("admin");
                if is_admin {
                    // users.role refers to roles.name.
                    let sql = "insert into roles (name) select 'admin' from (select 1 as one) as once
                               where not exists (select 1 from roles where name = 'admin')";
                    db.execute(sql, args![]).await?;
                }
                let sql = "update users set role = ? where id = ?";
                db.execute(sql, args![role, id]).await?;
            }
        }
        Ok(())
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

/// Keeps what we know of a user when a transaction of another room changes its row.
///
/// `now` (Unix seconds) is given when the password is among the changes.
pub async fn follow_change(db: &Db, id: i64, emails: (&str, &str), now: Option<i64>) -> Result<()> {
    let (old, new) = emails;
    let sql = "update poem_scaffold_accounts set email = ? where user_id = ? and email = ?";
    db.execute(sql, args![new, id, old]).await?;
    match now {
        Some(now) => mark_password(db, id, new, now).await,
        None => Ok(()),
    }
}

/// Notes in a transaction that adds a user of Flask-Scaffold 2.0 that an administrator must enable it.
pub async fn disable_new(db: &Db, id: i64, email: &str) -> Result<()> {
    ensure_mark(db, id, email).await?;
    let sql = "update poem_scaffold_accounts set is_disabled = ? where user_id = ?";
    db.execute(sql, args![true, id]).await.map(drop)
}

/// Forgets what we know of a user that a transaction of another room deletes.
pub async fn forget(db: &Db, id: i64) -> Result<()> {
    let sql = "delete from poem_scaffold_accounts where user_id = ?";
    db.execute(sql, args![id]).await?;
    let sql = "delete from poem_scaffold_resets where user_id = ?";
    db.execute(sql, args![id]).await.map(drop)
}

/// Has other transactions on this user wait for the end of this one.
///
/// The user comes before its marks and its resets in every transaction: two that took them in different orders
/// would each wait for the other.
async fn lock_user(db: &Db, id: i64) -> Result<()> {
    let sql = "select email as column_name from users where id = ?";
    db.fetch_locked::<String>(sql, args![id]).await.map(drop)
}

async fn write_password(db: &Db, account: &Account, hash: &str, now: i64) -> Result<()> {
    let sql = "update users set password = ? where id = ?";
    db.execute(sql, args![hash, account.id]).await?;
    mark_password(db, account.id, &account.email, now).await
}

async fn mark_password(db: &Db, id: i64, email: &str, now: i64) -> Result<()> {
    ensure_mark(db, id, email).await?;
    let sql = "update poem_scaffold_accounts set password_changed_at = ? where user_id = ?";
    db.execute(sql, args![now, id]).await.map(drop)
}

/// Makes sure that the user has a row in our own table, and that it is this user's.
async fn ensure_mark(db: &Db, id: i64, email: &str) -> Result<()> {
    let sql = "delete from poem_scaffold_accounts where user_id = ? and email <> ?";
    db.execute(sql, args![id, email]).await?;
    let sql = "update poem_scaffold_accounts set email = ? where user_id = ?";
    if db.execute(sql, args![email, id]).await? == 0 {
        let sql = "insert into poem_scaffold_accounts (user_id, email, is_admin) values (?, ?, ?)";
        db.execute(sql, args![id, email, false]).await?;
    }
    Ok(())
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
