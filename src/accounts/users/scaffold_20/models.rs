//! Rows of Flask-Scaffold 2.0's users table.

use chrono::NaiveDateTime;

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
};

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// The table's key.
    pub id: i64,
    /// The address to log in with, whatever its form.
    pub email: String,
    /// The display name; the table allows a user without.
    pub name: Option<String>,
    /// When the row was made.
    pub created_date: Option<NaiveDateTime>,
    /// Who made it.
    pub created_by: String,
    /// When the row was made, until somebody sets it.
    pub updated_date: NaiveDateTime,
    /// Who changed it last.
    pub updated_by: String,
    /// What of these could not be read.
    pub unreadable: Vec<Unreadable>,
}

impl FromRow for User {
    fn from_row(row: &Row) -> Result<Self> {
        let id = row.id()?;
        Ok(Self {
            id,
            email: row.get("email")?,
            name: row.get_nullable("name")?,
            created_date: row.get_nullable("createddate")?,
            created_by: row.get("createdby")?,
            updated_date: row.get("updateddate")?,
            updated_by: row.get("updatedby")?,
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
    /// Whether the user may log in, which we note beside the table.
    pub is_enabled: bool,
    /// Who makes the row; the table refuses nobody.
    pub created_by: Option<String>,
    /// The values of the further columns.
    pub further: Vec<Arg>,
}

/// What of a user changes; `None` stays.
pub struct UserChange {
    /// The address to log in with.
    pub email: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The hash, not the password.
    pub password_hash: Option<String>,
    /// When the row was made; the inner `None` is stored as null.
    pub created_date: Option<Option<NaiveDateTime>>,
    /// Who made it.
    pub created_by: Option<String>,
    /// When it was changed, as far as anybody says so: the original never sets it by itself.
    pub updated_date: Option<NaiveDateTime>,
    /// Who changes it now; the table refuses nobody.
    pub updated_by: Option<String>,
    /// What of the further columns changes.
    pub further: Changes,
}

const FIND: &str = "select id, email, name, createddate, createdby, updateddate, updatedby from users where id = ?";

/// All users by id.
pub fn list(db: &Db) -> Pages {
    let sql = "select id, email, name, createddate, createdby, updateddate, updatedby
               from users
               where id >= ?
               order by id
               limit ?";
    db.pages(selecting(db, sql), args![])
}

/// The user with this id.
///
/// # Errors
/// [`Error::NotFound`] if there is none; [`Error::Database`], as for every query here.
pub async fn find(db: &Db, id: i64) -> Result<Extended<User>> {
    db.fetch_optional(selecting(db, FIND), args![id])
        .await?
        .ok_or(Error::NotFound)
}

/// Adds a user.
///
/// # Errors
/// [`Error::Constraint`] if the address or the name is taken, or nobody makes the row.
pub async fn create(db: &Db, addresses: Addresses, new: NewUser) -> Result<Extended<User>> {
    let sql = "insert into users (email, password, name, createddate, createdby, updateddate, updatedby)
               values (?, ?, ?, ?, ?, ?, ?)
               returning id, email, name, createddate, createdby, updateddate, updatedby";
    let (now, by) = (db::now(), new.created_by.as_deref());
    let email = new.email.clone();
    let mut values = args![new.email, new.password_hash, new.name, now, by, now, by];
    values.extend(new.further);
    let sql = inserting(db, sql);
    let created = db.transaction(async |db| {
        addresses.claim(&db, &email, None).await?;
        let user: Extended<User> = db.insert_returning(sql, values.clone()).await?;
        note_new(&db, Profile::Scaffold20, user.row.id, new.is_enabled).await?;
        Ok(user)
    });
    created.await.map_err(by_attributes)
}

/// Changes what is given.
///
/// # Errors
/// [`Error::NotFound`] if there is no such user; [`Error::Constraint`] as [`create`].
pub async fn update(db: &Db, addresses: Addresses, id: i64, change: UserChange) -> Result<Extended<User>> {
    let sql = "update users
               set email = coalesce(?, email), password = coalesce(?, password), name = coalesce(?, name),
                   createddate = case when ? then ? else createddate end, createdby = coalesce(?, createdby),
                   updateddate = coalesce(?, updateddate), updatedby = ?
               where id = ?";
    let sql = updating(db, sql);
    let email = change.email.clone();
    let mut values = args![
        change.email,
        change.password_hash,
        change.name,
        change.created_date.is_some(),
        change.created_date.flatten(),
        change.created_by,
        change.updated_date,
        change.updated_by
    ];
    values.extend(change.further.into_args());
    values.push(id.into());
    let changed = db.transaction(async |db| {
        if let Some(email) = &email {
            addresses.claim(&db, email, Some(id)).await?;
        }
        let before = require_locked(&db, Profile::Scaffold20, id).await?;
        db.execute(sql, values.clone()).await?;
        let after = find_changed(&db, id).await?;
        note_change(&db, before, &after.traits).await?;
        Ok(after.row)
    });
    changed.await.map_err(by_attributes)
}

/// The user as it is now, with what it is known by.
async fn find_changed(db: &Db, id: i64) -> Result<Known<Extended<User>>> {
    macro_rules! select {
        ($engine:ident) => {
            concat!(
                "select id, email, name, createddate, createdby, updateddate, updatedby, password, ",
                created_as_text!($engine, "createddate"),
                " as created from users where id = ?"
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
        let before = require_locked(&db, Profile::Scaffold20, id).await?;
        db.execute("delete from users where id = ?", args![id]).await?;
        note_deletion(&db, before).await
    })
    .await
}
