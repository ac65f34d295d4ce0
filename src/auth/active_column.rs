//! The column that says whether a user may log in, where an app has it under another name than Flask-Scaffold 1.0.
//!
//! On the wire it is `active` all the same.

use std::sync::OnceLock;

use crate::db::{Db, Engine};

/// The column in Flask-Scaffold's tables, and in the texts of our statements.
pub const ACTIVE: &str = "active";

/// The column of this process's users, for statements, which are the same for all.
static COLUMN: OnceLock<&'static str> = OnceLock::new();

/// Sets the column, once.
pub fn install(column: &'static str) {
    COLUMN.get_or_init(|| column);
}

/// The column.
pub fn name() -> &'static str {
    COLUMN.get().copied().unwrap_or(ACTIVE)
}

/// A statement on users about this column, in whose text it is called `active`; after `as` that is a name of the result.
pub fn in_statement(db: &Db, sql: &'static str) -> &'static str {
    match name() {
        ACTIVE => sql,
        column => db.composed("active", sql, |engine, sql| renamed(engine, sql, column)),
    }
}

fn renamed(engine: Engine, sql: &str, column: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 32);
    let mut rest = sql;
    while let Some(place) = rest.find(ACTIVE) {
        let (before, after) = (&rest[..place], &rest[place + ACTIVE.len()..]);
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        let is_other = before.ends_with(is_part) || after.starts_with(is_part) || before.ends_with("as ");
        text.push_str(before);
        match is_other {
            true => text.push_str(ACTIVE),
            false => text.push_str(&engine.quoted(column)),
        }
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_column_gets_the_other_name() {
        for (sql, expected) in [
            (
                "select u.active <> 0 as is_enabled from users u",
                "select u.\"is_active\" <> 0 as is_enabled from users u",
            ),
            (
                "select active as active, inactive from users",
                "select \"is_active\" as active, inactive from users",
            ),
            (
                "update users set active = coalesce(?, active) where id = ?",
                "update users set \"is_active\" = coalesce(?, \"is_active\") where id = ?",
            ),
        ] {
            assert_eq!(renamed(Engine::Postgres, sql, "is_active"), expected);
        }
    }
}
