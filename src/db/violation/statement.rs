//! Finds the table and the columns of one of our statements.

use crate::db::arg::Arg;

/// One of our statements, with its arguments.
pub(crate) struct Statement<'a> {
    sql: &'a str,
    args: &'a [Arg],
}

impl<'a> Statement<'a> {
    pub(crate) fn of(sql: &'a (impl AsRef<str> + ?Sized), args: &'a [Arg]) -> Self {
        let sql = sql.as_ref();
        Self { sql, args }
    }

    pub(super) fn is_deletion(&self) -> bool {
        self.sql.starts_with("delete ")
    }

    /// The table that it writes to.
    pub(super) fn table(&self) -> Option<&'a str> {
        let mut words = self.sql.split_whitespace();
        match (words.next()?, words.next()?) {
            ("insert", "into") | ("delete", "from") => words.next().map(bare),
            ("update", table) => Some(bare(table)),
            _ => None,
        }
    }

    /// The column by which an `update` or a `delete` names its row: the first of its condition.
    pub(super) fn row_key(&self) -> Option<&'a str> {
        let (_, condition) = self.sql.split_once("where ")?;
        condition.split([' ', '=']).next().map(bare)
    }

    /// The arguments, each with the column that it is written to or compared with; none where that is not plain.
    pub(super) fn values(&self) -> impl Iterator<Item = (&'a str, &'a Arg)> {
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

    #[test]
    fn a_row_is_named_by_the_first_column_of_the_condition() {
        for (sql, key) in [
            ("delete from posts where id = ?", Some("id")),
            ("update posts set a = ?\n where \"uid\" = ? and a = ?", Some("uid")),
            ("insert into posts (id) values (?)", None),
        ] {
            assert_eq!(Statement::of(sql, &[]).row_key(), key, "{sql}");
        }
    }
}
