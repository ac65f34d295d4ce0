//! Violations on SQLite: it names `table.column`, but does not say which foreign key was violated.

use sqlx::{AssertSqlSafe, SqliteConnection, error::DatabaseError, sqlite::SqliteError};

use super::statement::Statement;
use crate::{
    db::{arg::Arg, sqlite::quoted},
    error::{Constraint, ConstraintViolation},
};

pub(super) async fn find(
    connection: &mut SqliteConnection,
    statement: &Statement<'_>,
    constraint: Constraint,
    error: &SqliteError,
) -> Option<ConstraintViolation> {
    match constraint {
        Constraint::Unique | Constraint::Missing => Some(ConstraintViolation {
            constraint,
            names: columns(error.message())?,
        }),
        Constraint::Reference => broken_key(connection, statement).await.ok()?,
        _ => None,
    }
}

/// The columns in `UNIQUE constraint failed: users.first, users.last`.
fn columns(message: &str) -> Option<Vec<String>> {
    let (_, columns) = message.split_once(" constraint failed: ")?;
    let columns = columns.split(", ").map(|column| column.split_once('.'));
    columns.map(|column| Some(column?.1.to_owned())).collect()
}

/// A foreign key: its table and column, those that it refers to, and whether the row that it refers to may be deleted.
type ForeignKey = (String, String, String, String, bool);

/// The columns of the statement that refer to no row, or else the tables whose rows refer to its row.
async fn broken_key(
    connection: &mut SqliteConnection,
    statement: &Statement<'_>,
) -> sqlx::Result<Option<ConstraintViolation>> {
    let Some(table) = statement.table() else {
        return Ok(None);
    };
    let keys = sqlx::query_as(
        r#"select m.name, k."from", k."table", coalesce(k."to", 'id'), k.on_delete in ('SET NULL', 'CASCADE')
           from sqlite_master m
           join pragma_foreign_key_list(m.name) k
           where m.type = 'table'
           order by m.name, k.id"#,
    );
    let keys: Vec<ForeignKey> = keys.fetch_all(&mut *connection).await?;
    let (mut wrong, mut referring) = (Vec::new(), Vec::new());
    for (from, column, to, key, gives_way) in keys {
        let [from_table, from_column, to_table, to_column] = [&from, &column, &to, &key].map(|name| quoted(name));
        if from.eq_ignore_ascii_case(table) {
            let sql = format!("select 1 from {to_table} where {to_column} = ?");
            for value in values_of(statement, &column) {
                if !wrong.contains(&column) && !exists(connection, &sql, value).await? {
                    wrong.push(column.clone());
                }
            }
        }
        let is_refused = !(gives_way && statement.is_deletion());
        if let Some(row_key) = statement.row_key()
            && to.eq_ignore_ascii_case(table)
            && is_refused
            && !referring.contains(&from)
        {
            let sql = format!(
                "select 1 from {from_table} a join {to_table} b on a.{from_column} = b.{to_column} where b.{} = ?",
                quoted(row_key)
            );
            for value in values_of(statement, row_key) {
                if exists(connection, &sql, value).await? {
                    referring.push(from.clone());
                }
            }
        }
    }
    let found = match wrong.is_empty() {
        true => ConstraintViolation {
            constraint: Constraint::Referred,
            names: referring,
        },
        false => ConstraintViolation {
            constraint: Constraint::Reference,
            names: wrong,
        },
    };
    Ok(Some(found).filter(|found| !found.names.is_empty()))
}

/// What the statement has for the column, as text: the column's affinity makes a number of it where it has to.
fn values_of(statement: &Statement<'_>, column: &str) -> Vec<String> {
    let written = statement.values().filter(|(name, _)| *name == column);
    let values = written.filter_map(|(_, arg)| match arg {
        Arg::Integer(number) => number.map(|number| number.to_string()),
        Arg::Text(text) => text.clone(),
        Arg::Uuid(uuid) => uuid.map(|uuid| uuid.to_string()),
        _ => None,
    });
    values.collect()
}

async fn exists(connection: &mut SqliteConnection, rows: &str, value: String) -> sqlx::Result<bool> {
    let sql = AssertSqlSafe(format!("select exists ({rows})"));
    sqlx::query_scalar(sql).bind(value).fetch_one(connection).await
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn columns_are_named_and_indexes_are_not() {
        for (message, expected) in [
            ("UNIQUE constraint failed: users.email", Some("email")),
            ("UNIQUE constraint failed: t.a, t.b", Some("a+b")),
            ("NOT NULL constraint failed: users.name", Some("name")),
            ("FOREIGN KEY constraint failed", None),
            ("UNIQUE constraint failed: index 'lower_email'", None),
        ] {
            assert_eq!(
                columns(message).map(|names| names.join("+")).as_deref(),
                expected,
                "{message}"
            );
        }
    }
}
