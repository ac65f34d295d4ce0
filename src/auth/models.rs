//! The accounts: rows of the profile's own users table, joined with what we keep beside it.

use std::fmt;

use chrono::Utc;

use super::{
    active_column::in_statement,
    identity::{
        comparison::{self, Comparison, Mark, Traits},
        models::{close_resets, created_as_text, creation_of, mark_of, release_rows, write_mark},
    },
};
use crate::{
    args,
    config::Profile,
    db::{Db, Engine, FromRow, Pages, Row},
    error::{Error, Result},
};

/// The name of the administrators' role in Flask-Scaffold 1.0.
pub const ADMIN_ROLE: &str = "admin";

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
    /// Whether the user may log in (tutorial `is_enabled`, Flask-Scaffold 1.0 `active != 0`, 2.0 our own mark).
    pub is_enabled: bool,
    /// The name of the user's role, where the profile has roles.
    pub role: Option<String>,
    /// Whether the user administers (Flask-Scaffold 1.0 `role = 'admin'`, elsewhere our own mark).
    pub is_admin: bool,
    /// What the row is known by.
    pub(super) traits: Traits,
    /// What we noted of the id.
    pub(super) mark: Option<Mark>,
    /// Whether the users table itself lets the user log in.
    is_enabled_by_row: bool,
}

impl Account {
    /// The second up to which the user's tokens are void.
    pub fn tokens_void_until(&self) -> Option<i64> {
        self.mark.as_ref().and_then(|mark| mark.void_until)
    }

    /// The second in which the row was made, before which nobody had a token for it.
    pub fn born_at(&self) -> Option<i64> {
        self.mark.as_ref().and_then(|mark| mark.born_at)
    }

    /// Whether a token that is issued in the second `now` is void.
    pub fn voids(&self, now: i64) -> bool {
        self.mark.as_ref().is_some_and(|mark| mark.voids(now))
    }

    /// Whether address and password are the same in both.
    pub(super) fn has_credentials_of(&self, other: &Self) -> bool {
        (&self.email, &self.password_hash) == (&other.email, &other.password_hash)
    }

    /// The mark after a token is issued at `now`.
    pub(super) fn issued(&self, now: i64) -> Mark {
        let mark = self.mark.clone().unwrap_or_default();
        Mark {
            last_issued_at: mark.last_issued_at.max(Some(now)),
            ..mark
        }
    }

    pub(super) fn with_mark(mut self, mark: Option<Mark>) -> Self {
        let is_disabled = mark.as_ref().is_some_and(|mark| mark.disables(&self.traits));
        self.is_enabled = self.is_enabled_by_row && !is_disabled;
        let is_marked = mark.as_ref().is_some_and(|mark| mark.makes_admin(&self.traits));
        self.is_admin = is_marked || self.role.as_deref() == Some(ADMIN_ROLE);
        self.mark = mark;
        self
    }
}

impl fmt::Debug for Account {
    /// Without the hash.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Account").field(&self.id).finish()
    }
}

impl FromRow for Account {
    fn from_row(row: &Row) -> Result<Self> {
        // What cannot be read lets nobody in: no hash, disabled, no administrator.
        let is_enabled = row.get("is_enabled")?;
        let account = Self {
            id: row.id()?,
            traits: Traits::from_row(row)?,
            email: row.get("email")?,
            name: row.get_nullable("name")?,
            password_hash: row.get("password")?,
            is_enabled,
            is_enabled_by_row: is_enabled,
            role: row.get_nullable("role")?,
            is_admin: false,
            mark: None,
        };
        row.unreadable("users", account.id);
        Ok(account.with_mark(mark_of(row)?))
    }
}

/// The queries on accounts, for the profile's users table.
#[derive(Clone, Debug)]
pub struct Accounts {
    db: Db,
    profile: Profile,
}

/// The query of each profile and engine, completed by the given clause.
macro_rules! select_accounts {
    ($db:expr, $profile:expr, $clause:literal) => {{
        let sql = match ($profile, $db.engine()) {
            (Profile::Tutorial, _) => select_account!("u.is_enabled", "null", "null", $clause),
            (Profile::Scaffold10, Engine::Sqlite) => {
                select_account!(
                    "u.active <> 0",
                    "u.role",
                    created_as_text!(Sqlite, "u.creation_time"),
                    $clause
                )
            }
            // A number, or 0.6's truth value.
            (Profile::Scaffold10, Engine::Postgres) => select_account!(
                "u.active::text not in ('0', 'false')",
                "u.role",
                created_as_text!(Postgres, "u.creation_time"),
                $clause
            ),
            (Profile::Scaffold10, Engine::MySql) => {
                select_account!(
                    "u.active <> 0",
                    "u.role",
                    created_as_text!(MySql, "u.creation_time"),
                    $clause
                )
            }
            (Profile::Scaffold20, Engine::Sqlite) => {
                select_account!("true", "null", created_as_text!(Sqlite, "u.createddate"), $clause)
            }
            (Profile::Scaffold20, Engine::Postgres) => {
                select_account!("true", "null", created_as_text!(Postgres, "u.createddate"), $clause)
            }
            (Profile::Scaffold20, Engine::MySql) => {
                select_account!("true", "null", created_as_text!(MySql, "u.createddate"), $clause)
            }
        };
        in_statement(&$db, sql)
    }};
}

macro_rules! select_account {
    ($is_enabled:literal, $role:literal, $created:expr, $clause:literal) => {
        concat!(
            "select u.id, u.email, u.name, u.password, ",
            $is_enabled,
            " as is_enabled, ",
            $role,
            " as role, ",
            $created,
            " as created, a.email as noted_email, a.password_digest, a.created as noted_created, a.born_at,
              a.tokens_void_until, a.last_issued_at, a.is_admin as is_marked_admin, a.is_disabled, a.is_deleted
              from users u
              left join poem_scaffold_accounts a on a.user_id = u.id ",
            $clause
        )
    };
}

impl Accounts {
    /// The accounts in `profile`'s users table.
    pub fn new(db: Db, profile: Profile) -> Self {
        Self { db, profile }
    }

    /// The account with exactly this address; of several the oldest.
    ///
    /// Flask-Scaffold 0.7 let users share an address, and took the row that its database gave it first: the oldest, until
    /// one of them was changed.
    ///
    /// # Errors
    /// [`Error::Database`], as for every query here.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<Account>> {
        // No address has a NUL, and PostgreSQL would refuse the query instead of finding nothing.
        if email.contains('\0') {
            return Ok(None);
        }
        let sql = select_accounts!(self.db, self.profile, "where u.email = ? order by u.id");
        let found: Vec<Account> = self.db.fetch_all(sql, args![email]).await?;
        // The column's collation may ignore case or accents.
        let found = found.into_iter().find(|account| account.email == email);
        let settled = self.settled(found).await?;
        Ok(settled.filter(|account| account.email == email))
    }

    /// The account with this id.
    pub async fn find(&self, id: i64) -> Result<Option<Account>> {
        let account = read(&self.db, self.profile, id).await?;
        self.settled(account).await
    }

    /// The accounts with these two ids, by one query; the second one may still have to be settled.
    pub(super) async fn find_two(&self, id: i64, other: i64) -> Result<(Option<Account>, Option<Account>)> {
        let sql = select_accounts!(self.db, self.profile, "where u.id in (?, ?)");
        let found: Vec<Account> = self.db.fetch_all(sql, args![id, other]).await?;
        let (mut first, second): (Vec<_>, Vec<_>) = found.into_iter().partition(|account| account.id == id);
        Ok((self.settled(first.pop()).await?, second.into_iter().next()))
    }

    /// The account, after what has become of it since it was last seen is noted.
    pub(super) async fn settled(&self, account: Option<Account>) -> Result<Option<Account>> {
        match account {
            Some(account) if !is_settled(&account) => {
                let id = account.id;
                let noted = self.db.transaction(async |db| lock(&db, self.profile, id).await).await;
                match noted {
                    // A read-only database is read.
                    Err(Error::Denied(_)) => self.unnoted(account).await.map(Some),
                    noted => noted,
                }
            }
            account => Ok(account),
        }
    }

    /// The account as it would be noted if anything could be written.
    async fn unnoted(&self, account: Account) -> Result<Account> {
        let now = unix_now();
        let read = async |db: Db| creation_of(&db, self.profile, account.id, now).await;
        let created_at = match self.db.engine() {
            // Its transactions begin with the right to write.
            Engine::Sqlite => read(self.db.clone()).await?,
            Engine::Postgres | Engine::MySql => self.db.transaction(read).await?,
        };
        let (mark, _) = comparison::see(account.mark.as_ref(), &account.traits, created_at, now);
        Ok(account.with_mark(Some(mark)))
    }

    /// All accounts by id.
    pub fn list(&self) -> Pages {
        let sql = select_accounts!(self.db, self.profile, "where u.id >= ? order by u.id limit ?");
        self.db.pages(sql, args![])
    }

    /// Whether anybody administers.
    pub async fn has_administrator(&self) -> Result<bool> {
        let sql = match self.profile {
            Profile::Scaffold10 => select_accounts!(self.db, self.profile, "where u.role = 'admin' limit 1"),
            Profile::Tutorial | Profile::Scaffold20 => select_accounts!(self.db, self.profile, "where a.is_admin"),
        };
        let marked: Vec<Account> = self.db.fetch_all(sql, args![]).await?;
        Ok(marked.iter().any(|account| account.is_admin))
    }

    /// What decides the cost of stored hashes, for the formats that can cost much: `$2b$12$`, `pbkdf2:sha256:50000$`.
    pub async fn costly_formats(&self) -> Result<Vec<String>> {
        let sql = match self.db.engine() {
            Engine::Sqlite | Engine::MySql => {
                "select distinct case when password like '$2%' then substr(password, 1, 7)
                                      else substr(password, 1, instr(password, '$')) end as column_name
                 from users
                 where password like '$2%' or password like 'pbkdf2%' or password like 'scrypt%'
                 limit 100"
            }
            Engine::Postgres => {
                "select distinct case when password like '$2%' then substr(password, 1, 7)
                                      else substr(password, 1, strpos(password, '$')) end as column_name
                 from users
                 where password like '$2%' or password like 'pbkdf2%' or password like 'scrypt%'
                 limit 100"
            }
        };
        self.db.fetch_all(sql, args![]).await
    }

    /// As [`Accounts::admit`], in one statement: whether nothing that we noted of the user was changed since.
    ///
    /// A change that nobody has noted yet, because it was made beside us, voids the token when it is.
    pub async fn admit_unchanged(&self, seen: &Account, now: i64) -> Result<bool> {
        let Some(mark) = seen.mark.as_ref().filter(|mark| !mark.voids(now)) else {
            return Ok(false);
        };
        let sql = "update poem_scaffold_accounts
                   set last_issued_at = case when last_issued_at > ? then last_issued_at else ? end
                   where user_id = ? and email = ? and password_digest = ? and coalesce(tokens_void_until, 0) = ?
                     and is_disabled = ? and is_deleted = ?";
        let values = args![
            now,
            now,
            seen.id,
            mark.traits.email(),
            mark.traits.password_digest(),
            mark.void_until.unwrap_or_default(),
            mark.is_disabled,
            mark.is_deleted
        ];
        Ok(self.db.execute(sql, values).await? > 0)
    }

    /// Lets a login that found `seen` at `now` (Unix seconds) have a token, unless the user was changed meanwhile.
    ///
    /// Gives the user as it is now; `None` if address or password have changed. Where [`Account::voids`] `now`, the
    /// login is not noted and must come again later. A better hash of the same password is stored with it.
    pub async fn admit(&self, seen: &Account, renewed_hash: Option<&str>, now: i64) -> Result<Option<Account>> {
        self.db
            .transaction(async |db| {
                let account = lock(&db, self.profile, seen.id).await?;
                let Some(mut account) = account.filter(|account| account.has_credentials_of(seen)) else {
                    return Ok(None);
                };
                if account.voids(now) {
                    return Ok(Some(account));
                }
                let mut mark = account.issued(now);
                if let Some(hash) = renewed_hash {
                    store_hash(&db, account.id, hash).await?;
                    let created = account.traits.created();
                    mark.traits = Traits::of(&account.email, hash, created);
                    account.traits = mark.traits.clone();
                }
                write_mark(&db, account.id, &mark).await?;
                Ok(Some(account.with_mark(Some(mark))))
            })
            .await
    }
}

fn unix_now() -> i64 {
    Utc::now().timestamp()
}

/// The account with this id as the tables have it, without a note of what changed since.
pub(super) async fn read(db: &Db, profile: Profile, id: i64) -> Result<Option<Account>> {
    let sql = select_accounts!(db, profile, "where u.id = ?");
    db.fetch_optional(sql, args![id]).await
}

/// Stores the hash of a user's password.
pub(super) async fn store_hash(db: &Db, id: i64, hash: &str) -> Result<()> {
    let sql = "update users set password = ? where id = ?";
    db.execute(sql, args![hash, id]).await.map(drop)
}

fn is_settled(account: &Account) -> bool {
    comparison::compare(account.mark.as_ref(), &account.traits) == Comparison::Unchanged
}

/// The account of a transaction: nobody else changes it until the end, and what has become of it is noted.
///
/// The user comes before its mark and its resets in every transaction: two that took them in different orders
/// would each wait for the other. The time of a change is taken after this, so that no token of before is younger.
pub async fn lock(db: &Db, profile: Profile, id: i64) -> Result<Option<Account>> {
    // Both rows are locked: what is locked is read as it is then, and all else may be from before. The condition leaves no
    // row without a mark, which could not be locked.
    let sql = select_accounts!(db, profile, "where u.id = ? and a.user_id = u.id");
    let account = match db.fetch_locked(sql, args![id]).await? {
        Some(account) => Some(account),
        None => lock_without_mark(db, profile, id).await?,
    };
    let Some(account) = account else {
        return Ok(None);
    };
    if is_settled(&account) {
        return Ok(Some(account));
    }
    let now = unix_now();
    let created_at = creation_of(db, profile, id, now).await?;
    let (mark, comparison) = comparison::see(account.mark.as_ref(), &account.traits, created_at, now);
    let noted = account.mark.as_ref().map(|noted| noted.traits.email());
    let has_moved = noted.is_some_and(|noted| noted != mark.traits.email());
    if has_moved || comparison == Comparison::Another {
        close_resets(db, id).await?;
    }
    if comparison::leaves_rows(account.mark.as_ref(), &account.traits) {
        release_rows(db, id).await?;
    }
    write_mark(db, id, &mark).await?;
    Ok(Some(account.with_mark(Some(mark))))
}

async fn lock_without_mark(db: &Db, profile: Profile, id: i64) -> Result<Option<Account>> {
    let sql = "select email as column_name from users where id = ?";
    if db.fetch_locked::<String>(sql, args![id]).await?.is_none() {
        return Ok(None);
    }
    read(db, profile, id).await
}

/// As [`lock`], of a user who must be there.
///
/// # Errors
/// [`Error::NotFound`] if there is none.
pub async fn require_locked(db: &Db, profile: Profile, id: i64) -> Result<Account> {
    lock(db, profile, id).await?.ok_or(Error::NotFound)
}
