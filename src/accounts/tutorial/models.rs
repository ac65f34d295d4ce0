//! Rows of the users table as they are listed.

use crate::{
    args,
    auth::active_column,
    config::Profile,
    db::{Db, Engine, Pages},
};

/// All users by id.
pub fn list(db: &Db, profile: Profile) -> Pages {
    let sql = match (profile, db.engine()) {
        (Profile::Tutorial, _) => "select id, email, name, is_enabled from users where id >= ? order by id limit ?",
        // Flask-Scaffold 2.0 has no such route.
        (Profile::Scaffold10 | Profile::Scaffold20, Engine::Sqlite | Engine::MySql) => {
            "select id, email, name, active <> 0 as is_enabled from users where id >= ? order by id limit ?"
        }
        // A number, or 0.6's truth value.
        (Profile::Scaffold10 | Profile::Scaffold20, Engine::Postgres) => {
            "select id, email, name, active::text not in ('0', 'false') as is_enabled
             from users where id >= ? order by id limit ?"
        }
    };
    db.pages(active_column::in_statement(db, sql), args![])
}
