//! Violations on MySQL: its messages quote a column, or the key of a duplicate, after all values.

use sqlx::{MySqlConnection, mysql::MySqlDatabaseError};

use super::statement::Statement;
use crate::error::{Constraint, ConstraintViolation};

pub(super) async fn find(
    connection: &mut MySqlConnection,
    statement: &Statement<'_>,
    constraint: Constraint,
    error: &MySqlDatabaseError,
) -> Option<ConstraintViolation> {
    if constraint != Constraint::Unique {
        return quoted(error.number(), error.message(), constraint);
    }
    // MySQL 8 puts the table before the key, which need not have its column's name.
    let key = last_quoted(error.message())?;
    let key = key.rsplit('.').next().unwrap_or(key);
    let columns = sqlx::query_scalar(
        "select cast(column_name as char)
         from information_schema.statistics
         where table_schema = database() and table_name = ? and index_name = ?
         order by seq_in_index",
    );
    let names: Vec<String> = columns
        .bind(statement.table())
        .bind(key)
        .fetch_all(connection)
        .await
        .ok()?;
    Some(ConstraintViolation { constraint, names })
}

fn quoted(number: u16, message: &str, constraint: Constraint) -> Option<ConstraintViolation> {
    // Our sessions have names in double quotes (`ANSI_QUOTES`); these messages have no values.
    let of_key = message.replace('"', "`");
    let (constraint, name) = match number {
        // (`database`.`table`, CONSTRAINT ...
        1217 | 1451 => (Constraint::Referred, of_key.split_once("`, ")?.0.rsplit_once('`')?.1),
        // ... FOREIGN KEY (`column`) REFERENCES ...
        1216 | 1452 => {
            let (_, after) = of_key.rsplit_once("FOREIGN KEY (`")?;
            (constraint, after.split_once('`')?.0)
        }
        // Field 'name' doesn't have a default value
        1364 => (constraint, message.split('\'').nth(1)?),
        // Null, out of range, cut off, another type, too long.
        1048 | 1264 | 1265 | 1366 | 1406 => (constraint, last_quoted(message)?),
        // Of another type, where the value stands alone in some messages.
        1292 if message.rfind('`') > message.rfind('\'') => (constraint, last_quoted(message)?),
        _ => return None,
    };
    Some(ConstraintViolation::of(constraint, name))
}

/// The text in the last quotes.
fn last_quoted(message: &str) -> Option<&str> {
    let end = message.rfind(['\'', '`'])?;
    let quote = &message[end..=end];
    message[..end].rsplit(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_from_messages_and_no_value_is() {
        let foreign = "a foreign key constraint fails (`db`.`posts`, CONSTRAINT `posts_ibfk_1` FOREIGN KEY (`author`) \
                       REFERENCES `authors` (`id`))";
        let posts = Some((Constraint::Referred, "posts"));
        let author = Some((Constraint::Reference, "author"));
        let of = |constraint, name| Some((constraint, name));
        for (number, message, expected) in [
            (1451, foreign, posts),
            (1452, foreign, author),
            (1451, &foreign.replace('`', "\""), posts),
            (1452, &foreign.replace('`', "\""), author),
            (1048, "Column 'name' cannot be null", of(Constraint::Reference, "name")),
            (
                1406,
                "Data too long for column 'title' at row 1",
                of(Constraint::Reference, "title"),
            ),
            (
                1366,
                "Incorrect integer value: 'it's' for column `db`.`posts`.`views` at row 1",
                of(Constraint::Reference, "views"),
            ),
            (
                1364,
                "Field 'name' doesn't have a default value",
                of(Constraint::Reference, "name"),
            ),
            (1292, "Truncated incorrect DOUBLE value: '`secret`'", None),
            (4025, "CONSTRAINT `posts.data` failed for `db`.`posts`", None),
        ] {
            let found = quoted(number, message, Constraint::Reference);
            let expected = expected.map(|(constraint, name)| ConstraintViolation::of(constraint, name));
            assert_eq!(found, expected, "{message}");
        }
        assert_eq!(
            last_quoted("Duplicate entry 'it's' for key 'posts.ix'"),
            Some("posts.ix")
        );
    }
}
