//! Rows of Flask-Scaffold 1.0's users table, and of those of 0.6 and 0.7.

use chrono::NaiveDateTime;

use super::active::Active;
use crate::{
    accounts::{
        models::Addresses,
        users::further::models::{Changes, Extended, by_attributes, inserting, selecting, updating},
    },
    args,
    auth::{
        changes::{note_change, note_deletion, note_new},
        identity::models::{Known, created_as_text},
        models::require_locked,
    },
    config::Profile,
    db::{self, Arg, Db, Engine, FromRow, Pages, Row, Unreadable},
    error::{Error, Result},
    flask::tables::UsersTable,
};

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// The table's key.
    pub id: i64,
    /// The address to log in with, whatever its form.
    pub email: String,
    /// The display name.
    pub name: String,
    /// 0 for a user who is switched off.
    pub active: i64,
    /// When the row was made.
    pub creation_time: NaiveDateTime,
    /// When the row was changed, where somebody notes it.
    pub modification_time: Option<NaiveDateTime>,
    /// The name of the user's role.
    pub role: Option<String>,
    /// What of these could not be read.
    pub unreadable: Vec<Unreadable>,
}

impl FromRow for User {
    fn from_row(row: &Row) -> Result<Self> {
        let id = row.id()?;
        Ok(Self {
            id,
            email: row.get("email")?,
            name: row.get("name")?,
            active: row.get("active")?,
            creation_time: row.get("creation_time")?,
            modification_time: row.get_nullable("modification_time")?,
            role: row.get_nullable("role")?,
            unreadable: row.unreadable("users", id),
        })
    }
}

/// A user to be added.
pub struct NewUser {
    /// The address to log in with.
    pub email: String,
    /// The display name.
    pub name: String,
    /// The hash, not the password.
    pub password_hash: String,
    /// Whether the user may log in.
    pub active: Active,
    /// The name of an existing role.
    pub role: Option<String>,
    /// The values of the further columns.
    pub further: Vec<Arg>,
}

/// What of a user changes; `None` stays.
#[derive(Default)]
pub struct UserChange {
    /// The address to log in with.
    pub email: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The hash, not the password.
    pub password_hash: Option<String>,
    /// Whether the user may log in.
    pub active: Option<Active>,
    /// When the row was made.
    pub creation_time: Option<NaiveDateTime>,
    /// When the row was changed; `Some(None)` is NULL.
    pub modification_time: Option<Option<NaiveDateTime>>,
    /// The name of an existing role.
    pub role: Option<String>,
    /// What of the further columns changes.
    pub further: Changes,
}

/// A statement about the columns of all tables or of 0.6's, which have one more.
macro_rules! with_columns {
    ($table:expr, $before:literal, $after:expr) => {
        match $table.modification_time {
            None => concat!(
                $before,
                " id, email, name, active as active, creation_time, null as modification_time, role ",
                $after
            ),
            Some(_) => concat!(
                $before,
                " id, email, name, active as active, creation_time, modification_time, role ",
                $after
            ),
        }
    };
}

/// All users by id.
pub fn list(db: &Db, table: UsersTable) -> Pages {
    let sql = with_columns!(table, "select", "from users where id >= ? order by id limit ?");
    db.pages(selecting(db, sql), args![])
}

/// The user with this id.
///
/// # Errors
/// [`Error::NotFound`] if there is none; [`Error::Database`], as for every query here.
pub async fn find(db: &Db, table: UsersTable, id: i64) -> Result<Extended<User>> {
    let sql = with_columns!(table, "select", "from users where id = ?");
    db.fetch_optional(selecting(db, sql), args![id])
        .await?
        .ok_or(Error::NotFound)
}

/// Adds a user. When it was modified is left to the database, as it was by 0.6.
///
/// # Errors
/// [`Error::Constraint`] if the address is taken or there is no such role.
pub async fn create(db: &Db, table: UsersTable, addresses: Addresses, new: NewUser) -> Result<Extended<User>> {
    let sql = with_columns!(
        table,
        "insert into users (email, password, name, active, creation_time, role)
         values (?, ?, ?, ?, ?, ?)
         returning",
        ""
    );
    let sql = inserting(db, sql);
    let email = new.email.clone();
    let mut values = args![
        new.email,
        new.password_hash,
        new.name,
        Active::arg(table, Some(new.active)),
        db::now(),
        new.role
    ];
    values.extend(new.further);
    let created = db.transaction(async |db| {
        addresses.claim(&db, &email, None).await?;
        let user: Extended<User> = db.insert_returning(sql, values.clone()).await?;
        note_new(&db, Profile::Scaffold10, user.row.id, true).await?;
        Ok(user)
    });
    created.await.map_err(by_attributes)
}

/// Changes what is given.
///
/// # Errors
/// [`Error::NotFound`] if there is no such user; [`Error::Constraint`] as [`create`].
pub async fn update(
    db: &Db,
    table: UsersTable,
    addresses: Addresses,
    id: i64,
    change: UserChange,
) -> Result<Extended<User>> {
    let sql = "update users
               set email = coalesce(?, email), password = coalesce(?, password), name = coalesce(?, name),
                   active = coalesce(?, active), creation_time = coalesce(?, creation_time), role = coalesce(?, role)
               where id = ?";
    let sql = updating(db, sql);
    let email = change.email.clone();
    let mut values = args![
        change.email,
        change.password_hash,
        change.name,
        Active::arg(table, change.active),
        change.creation_time,
        change.role
    ];
    values.extend(change.further.into_args());
    values.push(id.into());
    let changed = db.transaction(async |db| {
        if let Some(email) = &email {
            addresses.claim(&db, email, Some(id)).await?;
        }
        let before = require_locked(&db, Profile::Scaffold10, id).await?;
        db.execute(sql, values.clone()).await?;
        if let Some(moment) = change.modification_time {
            let sql = "update users set modification_time = ? where id = ?";
            db.execute(sql, args![moment, id]).await?;
        }
        let after = find_changed(&db, table, id).await?;
        note_change(&db, before, &after.traits).await?;
        Ok(after.row)
    });
    changed.await.map_err(by_attributes)
}

/// The user as it is now, with what it is known by.
async fn find_changed(db: &Db, table: UsersTable, id: i64) -> Result<Known<Extended<User>>> {
    macro_rules! select {
        ($engine:ident) => {
            with_columns!(
                table,
                "select",
                concat!(
                    ", password, ",
                    created_as_text!($engine, "creation_time"),
                    " as created from users where id = ?"
                )
            )
        };
    }
    let sql = match db.engine() {
        Engine::Sqlite => select!(Sqlite),
        Engine::Postgres => select!(Postgres),
        Engine::MySql => select!(MySql),
    };
    db.fetch_optional(selecting(db, sql), args![id])
        .await?
        .ok_or(Error::NotFound)
}

/// Removes a user.
///
/// # Errors
/// [`Error::NotFound`] if there is no such user.
pub async fn delete(db: &Db, id: i64) -> Result<()> {
    db.transaction(async |db| {
        let before = require_locked(&db, Profile::Scaffold10, id).await?;
        db.execute("delete from users where id = ?", args![id]).await?;
        note_deletion(&db, before).await
    })
    .await
}
