//! What is done to users in every profile: adding them, letting them in, and making them administrators.

use sha2::{Digest, Sha256};

use crate::{
    accounts::users::further::models::{by_attributes, inserting},
    args,
    auth::{
        active_column,
        callers::Auth,
        changes::{self, note_admin, note_enabled, note_new},
        models::{ADMIN_ROLE, Account, Accounts, require_locked},
    },
    config::{Profile, program},
    db::{self, Arg, Db},
    error::{Constraint, ConstraintViolation, Error, Result},
    flask::{hashlib::hex, tables::UsersTable},
};

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
    /// The values of the further columns.
    pub further: &'a [Arg],
}

/// The users of a profile, for whoever runs the server.
pub struct Users {
    /// The queries on them.
    pub accounts: Accounts,
    db: Db,
    profile: Profile,
    table: UsersTable,
}

impl Users {
    /// The users in `profile`'s table, which was found to be like this.
    pub fn new(db: Db, profile: Profile, table: UsersTable) -> Self {
        Self {
            accounts: Accounts::new(db.clone(), profile),
            db,
            profile,
            table,
        }
    }

    /// Whether there is anybody.
    pub async fn has_any(&self) -> Result<bool> {
        let sql = "select email as column_name from users limit 1";
        let found: Option<String> = self.db.fetch_optional(sql, args![]).await?;
        Ok(found.is_some())
    }

    /// The account with exactly this address, for the command line.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none.
    pub async fn require(&self, email: &str) -> Result<Account> {
        self.accounts.find_by_email(email).await?.ok_or_else(|| {
            Error::Refused(format!(
                "unknown user {email}; `{} user list` lists all users",
                program()
            ))
        })
    }

    /// Adds an enabled user and returns its id.
    ///
    /// # Errors
    /// [`Error::is_unique_violation`] tells that the address is taken.
    pub async fn create(&self, new: NewAccount<'_>) -> Result<i64> {
        self.create_if(new, || Ok(())).await
    }

    /// As [`Users::create`], where `confirm` has the last word: the user is there once it has agreed.
    ///
    /// # Errors
    /// As [`Users::create`]; also every error of `confirm`.
    pub async fn create_if(&self, new: NewAccount<'_>, confirm: impl Fn() -> Result<()> + Sync) -> Result<i64> {
        let now = db::now();
        let (sql, mut values) = match self.profile {
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
        values.extend_from_slice(new.further);
        let sql = inserting(&self.db, sql);
        let created = self.db.transaction(async |db| {
            Addresses::Unique.claim(&db, new.email, None).await?;
            let id = db.insert(sql, values.clone()).await?;
            let account = note_new(&db, self.profile, id, true).await?;
            if new.is_admin {
                self.write_admin(&db, account, true).await?;
            }
            confirm()?;
            Ok(id)
        });
        created.await.map_err(by_attributes)
    }

    /// Stores a new hash, which voids older tokens.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the user is gone.
    pub async fn set_password(&self, account: &Account, hash: &str) -> Result<()> {
        changes::set_password(&self.db, self.profile, account.id, hash).await
    }

    /// Lets the user log in, or not. While not, the row itself refuses the user's tokens, which stay good otherwise.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the user is gone.
    pub async fn set_enabled(&self, account: &Account, is_enabled: bool) -> Result<()> {
        let id = account.id;
        self.db
            .transaction(async |db| {
                let before = require_locked(&db, self.profile, id).await?;
                let (sql, value) = match self.profile {
                    Profile::Tutorial => ("update users set is_enabled = ? where id = ?", is_enabled.into()),
                    Profile::Scaffold10 => (
                        active_column::in_statement(&db, "update users set active = ? where id = ?"),
                        self.active(is_enabled),
                    ),
                    // The original had no way to disable a user, so its table has no column for it.
                    Profile::Scaffold20 => return note_enabled(&db, before, is_enabled).await,
                };
                db.execute(sql, args![value, id]).await.map(drop)
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
            Profile::Tutorial | Profile::Scaffold20 => note_admin(db, account, is_admin).await,
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
    /// Those that the settings want.
    pub fn of(auth: &Auth) -> Self {
        match auth.has_strict_addresses() {
            true => Addresses::Unique,
            false => Addresses::AsInTable,
        }
    }

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
            false => Err(Error::Constraint(ConstraintViolation::of(Constraint::Unique, "email"))),
        }
    }
}
