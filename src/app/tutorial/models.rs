//! Rows of the users table as they are listed.

use crate::{
    args,
    config::Profile,
    db::{Db, Pages},
};

/// All users by id.
pub fn list(db: &Db, profile: Profile) -> Pages {
    let sql = match profile {
        Profile::Tutorial => "select id, email, name, is_enabled from users where id >= ? order by id limit ?",
        // Flask-Scaffold 2.0 has no such route.
        Profile::Scaffold10 | Profile::Scaffold20 => {
            "select id, email, name, active <> 0 as is_enabled from users where id >= ? order by id limit ?"
        }
    };
    db.pages(sql, args![])
}
