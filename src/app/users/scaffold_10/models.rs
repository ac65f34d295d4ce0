//! Rows of Flask-Scaffold 1.0's users table.

use chrono::NaiveDateTime;

use crate::{
    args,
    auth::models::{note_change, note_deletion, note_new, require_locked},
    config::Profile,
    db::{Db, FromRow, Pages, Row, Unreadable},
    error::{Error, Result},
    flask::datetime,
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
    /// 0 for a user who is switched off.
    pub active: i64,
    /// The name of an existing role.
    pub role: Option<String>,
}

/// What of a user changes; `None` stays.
#[derive(Default)]
pub struct Change {
    /// The address to log in with.
    pub email: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The hash, not the password.
    pub password_hash: Option<String>,
    /// 0 to switch the user off.
    pub active: Option<i64>,
    /// When the row was made.
    pub creation_time: Option<NaiveDateTime>,
    /// The name of an existing role.
    pub role: Option<String>,
}

const FIND: &str = "select id, email, name, active, creation_time, role from users where id = ?";

/// All users by id.
pub fn list(db: &Db) -> Pages {
    let sql = "select id, email, name, active, creation_time, role
               from users
               where id >= ?
               order by id
               limit ?";
    db.pages(sql, args![])
}

/// The user with this id.
///
/// # Errors
/// [`Error::NotFound`] if there is none; [`Error::Database`], as for every query here.
pub async fn find(db: &Db, id: i64) -> Result<User> {
    db.fetch_optional(FIND, args![id]).await?.ok_or(Error::NotFound)
}

/// Adds a user.
///
/// # Errors
/// [`Error::Constraint`] if the address is taken or there is no such role.
pub async fn create(db: &Db, new: NewUser) -> Result<User> {
    let sql = "insert into users (email, password, name, active, creation_time, role)
               values (?, ?, ?, ?, ?, ?)
               returning id, email, name, active, creation_time, role";
    let values = args![
        new.email,
        new.password_hash,
        new.name,
        new.active,
        datetime::now(),
        new.role
    ];
    db.transaction(async |db| {
        let user: User = db.insert_returning(sql, values.clone()).await?;
        note_new(&db, Profile::Scaffold10, user.id, true).await?;
        Ok(user)
    })
    .await
}

/// Changes what is given.
///
/// # Errors
/// [`Error::NotFound`] if there is no such user; [`Error::Constraint`] as [`create`].
pub async fn update(db: &Db, id: i64, change: Change) -> Result<User> {
    let sql = "update users
               set email = coalesce(?, email), password = coalesce(?, password), name = coalesce(?, name),
                   active = coalesce(?, active), creation_time = coalesce(?, creation_time), role = coalesce(?, role)
               where id = ?";
    let values = args![
        change.email,
        change.password_hash,
        change.name,
        change.active,
        change.creation_time,
        change.role,
        id
    ];
    db.transaction(async |db| {
        let before = require_locked(&db, Profile::Scaffold10, id).await?;
        db.execute(sql, values.clone()).await?;
        note_change(&db, Profile::Scaffold10, before).await?;
        find(&db, id).await
    })
    .await
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
