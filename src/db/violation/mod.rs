//! Names the attributes of a refused statement: by what the engine's error says, or else by the statement itself.
//!
//! Only names are taken from an error, never a value, and only from parts that are the same in every language of a
//! server.

mod mysql;
mod postgres;
mod sqlite;
mod statement;

pub(super) use statement::Statement;

use sqlx::{
    MySqlConnection, SqliteConnection, mysql::MySqlDatabaseError, postgres::PgDatabaseError, sqlite::SqliteError,
};

use crate::error::{Constraint, ConstraintViolation, Error};

/// What the names of our own tables begin with; their columns are not attributes.
const OWN_TABLES: &str = "poem_scaffold_";

/// The error of a statement on PostgreSQL.
pub(super) fn of_postgres(statement: Statement<'_>, error: sqlx::Error) -> Error {
    let cause = cause::<PgDatabaseError>(&statement, &error);
    let found = cause.and_then(|(constraint, cause)| postgres::find(&statement, constraint, cause));
    with_names(found, error)
}

/// The error of a statement on MySQL, which the connection is asked about.
pub(super) async fn of_mysql(connection: &mut MySqlConnection, statement: Statement<'_>, error: sqlx::Error) -> Error {
    let found = match cause::<MySqlDatabaseError>(&statement, &error) {
        Some((constraint, cause)) => mysql::find(connection, &statement, constraint, cause).await,
        None => None,
    };
    with_names(found, error)
}

/// The error of a statement on SQLite, which the connection is asked about.
pub(super) async fn of_sqlite(
    connection: &mut SqliteConnection,
    statement: Statement<'_>,
    error: sqlx::Error,
) -> Error {
    let found = match cause::<SqliteError>(&statement, &error) {
        Some((constraint, cause)) => sqlite::find(connection, &statement, constraint, cause).await,
        None => None,
    };
    with_names(found, error)
}

fn cause<'a, E: sqlx::error::DatabaseError>(
    statement: &Statement<'_>,
    error: &'a sqlx::Error,
) -> Option<(Constraint, &'a E)> {
    let error = error.as_database_error()?;
    let is_own = statement.table()?.starts_with(OWN_TABLES);
    let constraint = Constraint::of(error).filter(|_| !is_own)?;
    Some((constraint, error.try_downcast_ref()?))
}

fn with_names(found: Option<ConstraintViolation>, error: sqlx::Error) -> Error {
    match (Error::from(error), found) {
        (Error::Constraint(_), Some(found)) if found.names.iter().all(|name| is_name(name)) => Error::Constraint(found),
        (error, _) => error,
    }
}

/// Whether it can be a column's name, and not a part of a value or an expression.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || "_-$".contains(c))
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_are_told_from_values_and_expressions() {
        for name in ["title", "HostName", "first-name", "cost$", "_x", "größe"] {
            assert!(is_name(name), "{name}");
        }
        for other in ["", "2026-01-02", "lower(email::text)", "a b", "it's", "-1"] {
            assert!(!is_name(other), "{other}");
        }
    }
}
