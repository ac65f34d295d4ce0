//! The accounts: rows of the profile's own users table, joined with what we keep beside it.

use chrono::Utc;
use sha2::{Digest, Sha256};

use super::identity::{self, Mark, Sighting, Traits};
use crate::{
    args,
    config::{Profile, program},
    db::{self, Arg, Db, Engine, FromRow, Pages, Row},
    error::{Constraint, Error, Refusal, Result},
    flask::{hashlib::hex, tables::UsersTable},
};

/// The name of the administrators' role in Flask-Scaffold 1.0.
const ADMIN_ROLE: &str = "admin";

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
    /// Whether the user may log in (tutorial `is_enabled`, Flask-Scaffold 1.0 `active != 0`, 2.0 our own mark).
    pub is_enabled: bool,
    /// The name of the user's role, where the profile has roles.
    pub role: Option<String>,
    /// Whether the user administers (Flask-Scaffold 1.0 `role = 'admin'`, elsewhere our own mark).
    pub is_admin: bool,
    /// What the row is known by.
    traits: Traits,
    /// What we noted of the id.
    mark: Option<Mark>,
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
    fn has_credentials_of(&self, other: &Self) -> bool {
        (&self.email, &self.password_hash) == (&other.email, &other.password_hash)
    }

    /// The mark after a token is issued at `now`.
    fn issued(&self, now: i64) -> Mark {
        let mark = self.mark.clone().unwrap_or_default();
        Mark {
            last_issued_at: mark.last_issued_at.max(Some(now)),
            ..mark
        }
    }

    fn with_mark(mut self, mark: Option<Mark>) -> Self {
        let is_disabled = mark.as_ref().is_some_and(|mark| mark.disables(&self.traits));
        self.is_enabled = self.is_enabled_by_row && !is_disabled;
        let is_marked = mark.as_ref().is_some_and(|mark| mark.makes_admin(&self.traits));
        self.is_admin = is_marked || self.role.as_deref() == Some(ADMIN_ROLE);
        self.mark = mark;
        self
    }
}

impl FromRow for Account {
    fn from_row(row: &Row) -> Result<Self> {
        // What cannot be read lets nobody in: no hash, disabled, no administrator.
        let (email, password_hash): (String, String) = (row.get("email")?, row.get("password")?);
        let created: Option<String> = row.get_nullable("created")?;
        let is_enabled = row.get("is_enabled")?;
        let account = Self {
            id: row.id()?,
            traits: Traits::of(&email, &password_hash, created.as_deref()),
            email,
            name: row.get_nullable("name")?,
            password_hash,
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

/// The columns of `poem_scaffold_accounts`; `None` where the left join found no row.
fn mark_of(row: &Row) -> Result<Option<Mark>> {
    let Some(email) = row.get_nullable("noted_email")? else {
        return Ok(None);
    };
    let (password_digest, created) = (row.get_nullable("password_digest")?, row.get_nullable("noted_created")?);
    Ok(Some(Mark {
        traits: Traits::noted(email, password_digest, created),
        born_at: row.get_nullable("born_at")?,
        void_until: row.get_nullable("tokens_void_until")?,
        last_issued_at: row.get_nullable("last_issued_at")?,
        is_admin: row.get("is_marked_admin")?,
        is_disabled: row.get("is_disabled")?,
        is_deleted: row.get("is_deleted")?,
    }))
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
    table: UsersTable,
}

/// The query of each profile and engine, completed by the given clause.
///
/// Creation times are read as texts: only whether they are the same counts, and no stored value must keep anybody
/// from logging in.
macro_rules! select_accounts {
    ($db:expr, $profile:expr, $clause:literal) => {
        match ($profile, $db.engine()) {
            (Profile::Tutorial, _) => {
                select_account!("u.is_enabled as is_enabled, null as role, null as created", $clause)
            }
            (Profile::Scaffold10, Engine::Sqlite) => {
                select_account!(
                    "u.active <> 0 as is_enabled, u.role, cast(u.creation_time as text) as created",
                    $clause
                )
            }
            // A number, or 0.6's truth value.
            (Profile::Scaffold10, Engine::Postgres) => select_account!(
                "u.active::text not in ('0', 'false') as is_enabled, u.role, to_char(u.creation_time, 'YYYY-MM-DD HH24:MI:SS.US') as created",
                $clause
            ),
            (Profile::Scaffold10, Engine::MySql) => select_account!(
                "u.active <> 0 as is_enabled, u.role, date_format(u.creation_time, '%Y-%m-%d %H:%i:%s.%f') as created",
                $clause
            ),
            (Profile::Scaffold20, Engine::Sqlite) => {
                select_account!(
                    "true as is_enabled, null as role, cast(u.createddate as text) as created",
                    $clause
                )
            }
            (Profile::Scaffold20, Engine::Postgres) => select_account!(
                "true as is_enabled, null as role, to_char(u.createddate, 'YYYY-MM-DD HH24:MI:SS.US') as created",
                $clause
            ),
            (Profile::Scaffold20, Engine::MySql) => select_account!(
                "true as is_enabled, null as role, date_format(u.createddate, '%Y-%m-%d %H:%i:%s.%f') as created",
                $clause
            ),
        }
    };
}

macro_rules! select_account {
    ($columns:literal, $clause:literal) => {
        concat!(
            "select u.id, u.email, u.name, u.password, ",
            $columns,
            ", a.email as noted_email, a.password_digest, a.created as noted_created, a.born_at, a.tokens_void_until,
              a.last_issued_at, a.is_admin as is_marked_admin, a.is_disabled, a.is_deleted
              from users u
              left join poem_scaffold_accounts a on a.user_id = u.id ",
            $clause
        )
    };
}

impl Accounts {
    /// The accounts in `profile`'s users table, which was found to be like this.
    pub fn new(db: Db, profile: Profile, table: UsersTable) -> Self {
        Self { db, profile, table }
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

    /// The account with exactly this address, for the command line.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none.
    pub async fn require(&self, email: &str) -> Result<Account> {
        self.find_by_email(email).await?.ok_or_else(|| {
            Error::Refused(format!(
                "there is no user {email}; `{} user list` shows those there are",
                program()
            ))
        })
    }

    /// The account with this id.
    pub async fn find(&self, id: i64) -> Result<Option<Account>> {
        let account = read(&self.db, self.profile, id).await?;
        self.settled(account).await
    }

    /// The account, after what has become of it since it was last seen is noted.
    async fn settled(&self, account: Option<Account>) -> Result<Option<Account>> {
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
        let (mark, _) = identity::see(account.mark.as_ref(), &account.traits, created_at, now);
        Ok(account.with_mark(Some(mark)))
    }

    /// All accounts by id.
    pub fn list(&self) -> Pages {
        let sql = select_accounts!(self.db, self.profile, "where u.id >= ? order by u.id limit ?");
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

    /// Adds an enabled user and returns its id.
    ///
    /// # Errors
    /// [`Error::is_unique_violation`] tells that the address is taken.
    pub async fn create(&self, new: NewAccount<'_>) -> Result<i64> {
        self.create_if(new, || Ok(())).await
    }

    /// As [`Accounts::create`], where `confirm` has the last word: the user is there once it has agreed.
    ///
    /// # Errors
    /// As [`Accounts::create`], and whatever `confirm` says.
    pub async fn create_if(&self, new: NewAccount<'_>, confirm: impl Fn() -> Result<()> + Sync) -> Result<i64> {
        let now = db::now();
        let (sql, values) = match self.profile {
            Profile::Tutorial => (
                "insert into users (email, name, password, is_enabled) values (?, ?, ?, ?)",
                args![new.email, new.name, new.password_hash, true],
            ),
            Profile::Scaffold10 => (
                "insert into users (email, name, password, active, creation_time) values (?, ?, ?, ?, ?)",
                args![new.email, new.name, new.password_hash, self.active(true), now],
            ),
            Profile::Scaffold20 => (
                "insert into users (email, name, password, createddate, createdby, updateddate, updatedby)
                 values (?, ?, ?, ?, 'Self Signup', ?, 'Self Signup')",
                args![new.email, new.name, new.password_hash, now, now],
            ),
        };
        self.db
            .transaction(async |db| {
                Addresses::Unique.claim(&db, new.email, None).await?;
                let id = db.insert(sql, values.clone()).await?;
                let account = note_new(&db, self.profile, id, true).await?;
                if new.is_admin {
                    self.write_admin(&db, account, true).await?;
                }
                confirm()?;
                Ok(id)
            })
            .await
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
                    let sql = "update users set password = ? where id = ?";
                    db.execute(sql, args![hash, account.id]).await?;
                    let created = account.traits.created();
                    mark.traits = Traits::of(&account.email, hash, created);
                    account.traits = mark.traits.clone();
                }
                write_mark(&db, account.id, &mark).await?;
                Ok(Some(account.with_mark(Some(mark))))
            })
            .await
    }

    /// Stores a new hash, which voids older tokens.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the user is gone.
    pub async fn set_password(&self, account: &Account, hash: &str) -> Result<()> {
        self.db
            .transaction(async |db| {
                let before = require_locked(&db, self.profile, account.id).await?;
                write_password(&db, self.profile, before, hash).await
            })
            .await
    }

    /// Notes at `now` (Unix seconds) that a reset of the user whom `seen` shows was asked for under `id`, or is sent
    /// again; `false` if this user's are used up for now, or the user was changed meanwhile.
    pub async fn record_reset(&self, id: &str, seen: &Account, network: &str, now: i64) -> Result<bool> {
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
                    write_mark(&db, seen.id, &account.issued(now)).await?;
                }
                Ok(granted)
            })
            .await
    }

    /// Stores a new hash for the reset `id`; `false` if it was never asked for, was used, or the user was changed
    /// since.
    pub async fn use_reset(&self, id: &str, account: &Account, hash: &str) -> Result<bool> {
        self.db
            .transaction(async |db| {
                // Of two uses at once the second waits here for the first, and then changes no row.
                let Some(before) = lock(&db, self.profile, account.id).await? else {
                    return Ok(false);
                };
                let sql = "update poem_scaffold_resets set used_at = ?
                           where id = ? and user_id = ? and used_at is null and issued_at > ?";
                let void_until = before.tokens_void_until().unwrap_or(i64::MIN);
                let values = args![unix_now(), id, account.id, void_until];
                if db.execute(sql, values).await? == 0 {
                    return Ok(false);
                }
                write_password(&db, self.profile, before, hash).await?;
                Ok(true)
            })
            .await
    }

    /// Lets the user log in, or not. While not, the row itself refuses the user's tokens, which stay good otherwise.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the user is gone.
    pub async fn set_enabled(&self, account: &Account, enabled: bool) -> Result<()> {
        let id = account.id;
        self.db
            .transaction(async |db| {
                let mut before = require_locked(&db, self.profile, id).await?;
                match self.profile {
                    Profile::Tutorial => {
                        let sql = "update users set is_enabled = ? where id = ?";
                        db.execute(sql, args![enabled, id]).await?;
                    }
                    Profile::Scaffold10 => {
                        let sql = "update users set active = ? where id = ?";
                        db.execute(sql, args![self.active(enabled), id]).await?;
                    }
                    // The original had no way to disable a user, so its table has no column for it.
                    Profile::Scaffold20 => {
                        if let Some(mark) = &mut before.mark {
                            mark.is_disabled = !enabled;
                        }
                    }
                }
                note_change(&db, self.profile, before).await
            })
            .await
    }

    fn active(&self, enabled: bool) -> Arg {
        active_arg(self.table, Some(enabled.into()))
    }

    /// Makes the user an administrator, or takes it back.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the user is gone.
    pub async fn set_admin(&self, account: &Account, is_admin: bool) -> Result<()> {
        self.db
            .transaction(async |db| {
                let account = require_locked(&db, self.profile, account.id).await?;
                self.write_admin(&db, account, is_admin).await
            })
            .await
    }

    async fn write_admin(&self, db: &Db, account: Account, is_admin: bool) -> Result<()> {
        match self.profile {
            Profile::Tutorial | Profile::Scaffold20 => {
                let mark = account.mark.unwrap_or_default();
                write_mark(db, account.id, &Mark { is_admin, ..mark }).await
            }
            Profile::Scaffold10 => {
                let role = is_admin.then_some(ADMIN_ROLE);
                if is_admin {
                    // users.role refers to roles.name.
                    let sql = "insert into roles (name) select 'admin' from (select 1 as one) as once
                               where not exists (select 1 from roles where name = 'admin')";
                    db.execute(sql, args![]).await?;
                }
                let sql = "update users set role = ? where id = ?";
                db.execute(sql, args![role, account.id]).await.map(drop)
            }
        }
    }
}

/// The argument that `users.active` of Flask-Scaffold 1.0 and before takes; `None` is a NULL of its type.
pub fn active_arg(table: UsersTable, number: Option<i64>) -> Arg {
    match table.active_is_boolean {
        true => number.map(|number| number != 0).into(),
        false => number.into(),
    }
}

/// Whether two users may have the same address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// They may not, even where the table would let them.
    Unique,
    /// The table decides; that of Flask-Scaffold 0.7 let them.
    AsInTable,
}

impl Addresses {
    /// Makes sure that nobody but the user `owner` has the address, nor gets it before the transaction ends.
    ///
    /// It comes first in the transaction: of two at once the second waits here, holding nothing, and then sees the other's
    /// user. What they wait for is a row that is never committed, which needs no index of an adopted table.
    ///
    /// # Errors
    /// [`Error::Constraint`] if somebody has it. An address that is the owner's already may be shared.
    pub async fn claim(self, db: &Db, email: &str, owner: Option<i64>) -> Result<()> {
        if self == Addresses::AsInTable {
            return Ok(());
        }
        let digest = Sha256::digest(email.to_lowercase().as_bytes());
        let key = format!("claim:{}", hex(&digest[..12]));
        let sql = "insert into poem_scaffold_attempts (id, kind, account, network, address, tried_at)
                   values (?, 'claim', '', '', '', 0)";
        db.execute(sql, args![key.as_str()]).await?;
        let sql = "delete from poem_scaffold_attempts where id = ?";
        db.execute(sql, args![key]).await?;
        let ids: Vec<i64> = db
            .fetch_all("select id from users where email = ?", args![email])
            .await?;
        match ids.is_empty() || owner.is_some_and(|owner| ids.contains(&owner)) {
            true => Ok(()),
            false => Err(Error::Constraint(Refusal::of(Constraint::Unique, "email"))),
        }
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

fn unix_now() -> i64 {
    Utc::now().timestamp()
}

async fn read(db: &Db, profile: Profile, id: i64) -> Result<Option<Account>> {
    let sql = select_accounts!(db, profile, "where u.id = ?");
    db.fetch_optional(sql, args![id]).await
}

fn is_settled(account: &Account) -> bool {
    identity::compare(account.mark.as_ref(), &account.traits) == Sighting::Unchanged
}

/// The account of a transaction: nobody else changes it until the end, and what has become of it is noted.
///
/// The user comes before its mark and its resets in every transaction: two that took them in different orders
/// would each wait for the other. The time of a change is taken after this, so that no token of before is younger.
pub async fn lock(db: &Db, profile: Profile, id: i64) -> Result<Option<Account>> {
    let sql = "select email as column_name from users where id = ?";
    if db.fetch_locked::<String>(sql, args![id]).await?.is_none() {
        return Ok(None);
    }
    // Read after the lock is there: what the first query read may be from before.
    let Some(account) = read(db, profile, id).await? else {
        return Ok(None);
    };
    if is_settled(&account) {
        return Ok(Some(account));
    }
    let now = unix_now();
    let created_at = creation_of(db, profile, id, now).await?;
    let (mark, sighting) = identity::see(account.mark.as_ref(), &account.traits, created_at, now);
    if account
        .mark
        .as_ref()
        .is_some_and(|noted| noted.traits.email() != mark.traits.email())
    {
        close_resets(db, id).await?;
    }
    if sighting == Sighting::Another {
        close_resets(db, id).await?;
    }
    if identity::leaves_rows(account.mark.as_ref(), &account.traits) {
        release_rows(db, id).await?;
    }
    write_mark(db, id, &mark).await?;
    Ok(Some(account.with_mark(Some(mark))))
}

/// As [`lock`], of a user who must be there.
///
/// # Errors
/// [`Error::NotFound`] if there is none.
pub async fn require_locked(db: &Db, profile: Profile, id: i64) -> Result<Account> {
    lock(db, profile, id).await?.ok_or(Error::NotFound)
}

/// Notes a user whom the transaction has added; nothing of whoever had the id before is left.
pub async fn note_new(db: &Db, profile: Profile, id: i64, is_enabled: bool) -> Result<Account> {
    let account = read(db, profile, id).await?.ok_or(Error::NotFound)?;
    let mark = Mark {
        is_disabled: !is_enabled,
        ..identity::add(account.mark.as_ref(), &account.traits, unix_now())
    };
    close_resets(db, id).await?;
    release_rows(db, id).await?;
    write_mark(db, id, &mark).await?;
    Ok(account.with_mark(Some(mark)))
}

/// Notes what the transaction has changed of a user since it was [locked](lock) as `before`.
pub async fn note_change(db: &Db, profile: Profile, before: Account) -> Result<()> {
    let after = read(db, profile, before.id).await?.ok_or(Error::NotFound)?;
    let mark = before.mark.unwrap_or_default();
    if mark.traits.email() != after.traits.email() {
        close_resets(db, before.id).await?;
    }
    let mark = identity::change(mark, &after.traits, unix_now());
    write_mark(db, before.id, &mark).await
}

/// Notes that the transaction has deleted a user who was [locked](lock) as `before`.
pub async fn note_deletion(db: &Db, before: Account) -> Result<()> {
    close_resets(db, before.id).await?;
    let mark = identity::delete(before.mark.unwrap_or_default(), unix_now());
    write_mark(db, before.id, &mark).await
}

/// Takes back the resets that were asked for; they still count as asked for.
async fn close_resets(db: &Db, user_id: i64) -> Result<()> {
    let sql = "update poem_scaffold_resets set used_at = ? where user_id = ? and used_at is null";
    db.execute(sql, args![unix_now(), user_id]).await.map(drop)
}

/// Takes the rows from a deleted user whose id somebody else has now.
///
/// The other engines do so at the deletion. SQLite leaves it to whoever deletes, and SQLAlchemy does not.
async fn release_rows(db: &Db, user_id: i64) -> Result<()> {
    match db.engine() {
        Engine::Sqlite => db.set_references_null("users", user_id).await,
        Engine::Postgres | Engine::MySql => Ok(()),
    }
}

async fn write_password(db: &Db, profile: Profile, before: Account, hash: &str) -> Result<()> {
    let sql = "update users set password = ? where id = ?";
    db.execute(sql, args![hash, before.id]).await?;
    note_change(db, profile, before).await
}

async fn write_mark(db: &Db, id: i64, mark: &Mark) -> Result<()> {
    let sql = "update poem_scaffold_accounts
               set email = ?, password_digest = ?, created = ?, born_at = ?, tokens_void_until = ?, last_issued_at = ?,
                   is_admin = ?, is_disabled = ?, is_deleted = ?
               where user_id = ?";
    let values = args![
        mark.traits.email(),
        mark.traits.password_digest(),
        mark.traits.created(),
        mark.born_at,
        mark.void_until,
        mark.last_issued_at,
        mark.is_admin,
        mark.is_disabled,
        mark.is_deleted,
        id
    ];
    if db.execute(sql, values.clone()).await? > 0 {
        return Ok(());
    }
    let sql = "insert into poem_scaffold_accounts
               (email, password_digest, created, born_at, tokens_void_until, last_issued_at, is_admin, is_disabled,
                is_deleted, user_id)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    db.execute(sql, values).await.map(drop)
}

/// The two times that a creation column can mean.
struct Creation {
    /// Read in the database's own time zone, which `current_timestamp` wrote.
    in_its_zone: Option<i64>,
    /// Read as UTC, which Python's `utcnow` wrote.
    in_utc: Option<i64>,
}

impl FromRow for Creation {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            in_its_zone: row.get_nullable("in_its_zone")?,
            in_utc: row.get_nullable("in_utc")?,
        })
    }
}

/// When the row was made (Unix seconds), as far as its creation column tells and that is not to come.
///
/// Flask-Scaffold 1.0 left it to the database (`server_default=current_timestamp`, `app/users/models.py`), 2.0 wrote
/// `utcnow`. In 2.0 the later of the two readings counts, because SQL beside the app writes the database's.
async fn creation_of(db: &Db, profile: Profile, id: i64, now: i64) -> Result<Option<i64>> {
    let sql = match (profile, db.engine()) {
        (Profile::Tutorial, _) => return Ok(None),
        (Profile::Scaffold10, Engine::Sqlite) => {
            "select cast(strftime('%s', creation_time) as integer) as in_its_zone, null as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold10, Engine::Postgres) => {
            "select case when isfinite(creation_time)
                         then floor(extract(epoch from creation_time::timestamptz))::bigint end as in_its_zone,
                    null::bigint as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold10, Engine::MySql) => {
            "select cast(floor(case when (select c.data_type from information_schema.columns c
                                          where c.table_schema = database() and c.table_name = 'users'
                                            and c.column_name = 'creation_time') = 'timestamp'
                                    then unix_timestamp(creation_time)
                                    else unix_timestamp(convert_tz(creation_time, @@global.time_zone, '+00:00'))
                               end) as signed) as in_its_zone,
                    null as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold20, Engine::Sqlite) => {
            "select null as in_its_zone, cast(strftime('%s', createddate) as integer) as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold20, Engine::Postgres) => {
            "select case when isfinite(createddate)
                         then floor(extract(epoch from createddate::timestamptz))::bigint end as in_its_zone,
                    case when isfinite(createddate)
                         then floor(extract(epoch from createddate::timestamp))::bigint end as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold20, Engine::MySql) => {
            "select cast(floor(unix_timestamp(convert_tz(createddate, @@global.time_zone, '+00:00'))) as signed)
                        as in_its_zone,
                    cast(floor(unix_timestamp(createddate)) as signed) as in_utc
             from users where id = ?"
        }
    };
    db.use_own_time_zone().await?;
    let read: Option<Creation> = db.fetch_optional(sql, args![id]).await?;
    let readings = read.map_or([None, None], |creation| [creation.in_its_zone, creation.in_utc]);
    Ok(readings.into_iter().flatten().filter(|moment| *moment <= now).max())
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
