//! Rows of the users table as they are listed.

use crate::{
    args,
    config::Profile,
    db::{Db, FromRow, Row},
    error::Result,
};

/// A user as listed.
#[derive(Clone, Debug)]
pub struct User {
    /// The table's key.
    pub id: i64,
    /// The stored address, valid or not.
    pub email: String,
    /// The display name.
    pub name: String,
    /// Whether the user may log in.
    pub is_enabled: bool,
}

impl FromRow for User {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            email: row.get("email")?,
            name: row.get("name")?,
            is_enabled: row.get("is_enabled")?,
        })
    }
}

/// All users by id.
///
/// # Errors
/// [`crate::error::Error::Database`].
pub async fn list(db: &Db, profile: Profile) -> Result<Vec<User>> {
    let sql = match profile {
        Profile::Tutorial => "select id, email, name, is_enabled from users order by id",
        // Flask-Scaffold 2.0 has no such route.
        Profile::Scaffold10 | Profile::Scaffold20 => {
            "select id, email, name, active <> 0 as is_enabled from users order by id"
        }
    };
    db.fetch_all(sql, args![]).await
}
