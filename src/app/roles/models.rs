//! Rows of the roles table.

use crate::{
    args,
    db::{Db, FromRow, Row},
    error::{Error, Result},
};

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// The table's key.
    pub id: i64,
    /// What users refer to it by; the table allows a role without.
    pub name: Option<String>,
}

impl FromRow for Role {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get_nullable("name")?,
        })
    }
}

/// All roles by id.
///
/// # Errors
/// [`Error::Database`], as for every query here.
pub async fn list(db: &Db) -> Result<Vec<Role>> {
    db.fetch_all("select id, name from roles order by id", args![]).await
}

/// The role with this id.
///
/// # Errors
/// [`Error::NotFound`] if there is none.
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
