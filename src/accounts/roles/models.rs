//! Rows of the roles table.

use crate::{
    args,
    db::{Db, FromRow, Pages, Row, Unreadable},
    error::{Error, Result},
};

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// The table's key.
    pub id: i64,
    /// What users refer to it by; the table allows a role without.
    pub name: Option<String>,
    /// What of these could not be read.
    pub unreadable: Vec<Unreadable>,
}

impl FromRow for Role {
    fn from_row(row: &Row) -> Result<Self> {
        let id = row.id()?;
        Ok(Self {
            id,
            name: row.get_nullable("name")?,
            unreadable: row.unreadable("roles", id),
        })
    }
}

/// All roles by id.
pub fn list(db: &Db) -> Pages {
    db.pages("select id, name from roles where id >= ? order by id limit ?", args![])
}

/// The role with this id.
///
/// # Errors
/// [`Error::NotFound`] if there is none; [`Error::Database`], as for every query here.
pub async fn find(db: &Db, id: i64) -> Result<Role> {
    let role = db.fetch_optional("select id, name from roles where id = ?", args![id]);
    role.await?.ok_or(Error::NotFound)
}

/// Adds a role.
///
/// # Errors
/// [`Error::Constraint`] if the name is taken.
pub async fn create(db: &Db, name: &str, description: Option<String>) -> Result<Role> {
    let sql = "insert into roles (name, description) values (?, ?)";
    let id = db.insert(sql, args![name, description]).await?;
    Ok(Role {
        id,
        name: Some(name.to_owned()),
        unreadable: Vec::new(),
    })
}

/// Changes what is given; an inner `None` is stored as null.
///
/// # Errors
/// [`Error::NotFound`] if there is no such role; [`Error::Constraint`] if the name is taken, or if users have the
/// role and so refer to its old name.
pub async fn update(db: &Db, id: i64, name: Option<String>, description: Option<Option<String>>) -> Result<Role> {
    let sql = "update roles
               set name = coalesce(?, name), description = case when ? then ? else description end
               where id = ?";
    let values = args![name, description.is_some(), description.flatten(), id];
    db.transaction(async |db| {
        db.execute(sql, values.clone()).await?;
        find(&db, id).await
    })
    .await
}

/// Removes a role, and takes it from the users who have it.
///
/// # Errors
/// [`Error::NotFound`] if there is no such role.
pub async fn delete(db: &Db, id: i64) -> Result<()> {
    db.transaction(async |db| {
        // SQLAlchemy did so for the relation `Users.role_relation`.
        let sql = "update users set role = null where role = (select name from roles where id = ?)";
        db.execute(sql, args![id]).await?;
        match db.execute("delete from roles where id = ?", args![id]).await? {
            0 => Err(Error::NotFound),
            _ => Ok(()),
        }
    })
    .await
}
