//! Names the attributes of a refused statement: by what the engine's error says, or else by the statement itself.
//!
//! Only names are taken from an error, never a value, and only from places that are the same in every language of a
//! server's.

mod mysql;
mod postgres;
mod sqlite;

use sqlx::{
    MySqlConnection, SqliteConnection, mysql::MySqlDatabaseError, postgres::PgDatabaseError, sqlite::SqliteError,
};

use super::Arg;
use crate::error::{Constraint, Error, Refusal};

/// What the names of our own tables begin with; what goes wrong there is nobody's attribute.
const OWN_TABLES: &str = "poem_scaffold_";

/// The error of a statement on PostgreSQL.
pub(super) fn of_postgres(statement: Statement<'_>, error: sqlx::Error) -> Error {
    let cause = cause::<PgDatabaseError>(&statement, &error);
    let found = cause.and_then(|(constraint, cause)| postgres::named(&statement, constraint, cause));
    naming(found, error)
}

/// The error of a statement on MySQL, which the connection is asked about.
pub(super) async fn of_mysql(connection: &mut MySqlConnection, statement: Statement<'_>, error: sqlx::Error) -> Error {
    let found = match cause::<MySqlDatabaseError>(&statement, &error) {
        Some((constraint, cause)) => mysql::named(connection, &statement, constraint, cause).await,
        None => None,
    };
    naming(found, error)
}

/// The error of a statement on SQLite, which the connection is asked about.
pub(super) async fn of_sqlite(
    connection: &mut SqliteConnection,
    statement: Statement<'_>,
    error: sqlx::Error,
) -> Error {
    let found = match cause::<SqliteError>(&statement, &error) {
        Some((constraint, cause)) => sqlite::named(connection, &statement, constraint, cause).await,
        None => None,
    };
    naming(found, error)
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

fn naming(found: Option<Refusal>, error: sqlx::Error) -> Error {
    match (Error::from(error), found) {
        (Error::Constraint(_), Some(found)) if found.names.iter().all(|name| is_name(name)) => Error::Constraint(found),
        (error, _) => error,
    }
}

/// Whether it can be a column's name, and not a part of a value or an expression.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// A statement of ours, with its arguments.
pub(super) struct Statement<'a> {
    sql: &'a str,
    args: &'a [Arg],
}

impl<'a> Statement<'a> {
    pub(super) fn of(sql: &'a (impl AsRef<str> + ?Sized), args: &'a [Arg]) -> Self {
        let sql = sql.as_ref();
        Self { sql, args }
    }

    fn is_deletion(&self) -> bool {
        self.sql.starts_with("delete ")
    }

    /// The table that it writes to.
    fn table(&self) -> Option<&'a str> {
        let mut words = self.sql.split_whitespace();
        match (words.next()?, words.next()?) {
            ("insert", "into") | ("delete", "from") => words.next().map(bare),
            ("update", table) => Some(bare(table)),
            _ => None,
        }
    }

    /// The arguments, each with the column that it is written to or compared with; none where that is not plain.
    fn values(&self) -> impl Iterator<Item = (&'a str, &'a Arg)> {
        self.columns().into_iter().zip(self.args)
    }

    fn columns(&self) -> Vec<&'a str> {
        let sql = self.sql;
        if !sql.starts_with("insert ") {
            let before = sql.match_indices('?').map(|(at, _)| &sql[..at]);
            let assigned = before.map(|text| text.rsplit_once('=').map_or("", |(before, _)| before.trim_end()));
            return assigned
                .map(|text| bare(text.rsplit([' ', ',', '\n']).next().unwrap_or_default()))
                .collect();
        }
        let Some((columns, rest)) = sql.split_once('(').and_then(|(_, rest)| rest.split_once(')')) else {
            return Vec::new();
        };
        let columns: Vec<_> = columns.split(',').map(|column| bare(column.trim())).collect();
        match rest.matches('?').count() == columns.len() {
            true => columns,
            false => Vec::new(),
        }
    }
}

fn bare(name: &str) -> &str {
    name.trim_matches(['"', '`', '(', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_of_a_statement_is_known_by_its_column() {
        for (sql, table, columns) in [
            (
                "insert into posts (title, \"order\")\n values (?, ?)\n returning id",
                Some("posts"),
                vec!["title", "order"],
            ),
            ("insert into posts (title, active) values (?, 1)", Some("posts"), vec![]),
            (
                "update roles\n set name = coalesce(?, name), description = case when ? then ? else description end\n \
                 where id = ?",
                Some("roles"),
                vec!["name", "description", "description", "id"],
            ),
            ("delete from posts where id = ?", Some("posts"), vec!["id"]),
            ("select id from posts where id = ?", None, vec!["id"]),
        ] {
            let statement = Statement::of(sql, &[]);
            assert_eq!(statement.table(), table, "{sql}");
            assert_eq!(statement.columns(), columns, "{sql}");
        }
    }
}
