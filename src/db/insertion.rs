//! Removes from an insertion the columns that would be NULL.
//!
//! SQLAlchemy's ORM leaves out each column with a server default whose attribute is `None` or was never set, so the database
//! fills it (`mapper._insert_cols_as_none`). To a column without default it makes no difference.

use super::arg::Arg;

/// The statement and its arguments without the columns whose argument is NULL; `None` if there is none, or the statement
/// is not of the form `insert into t (...) values (...) ...`.
///
/// `nothing` is the engine's syntax in place of both lists when no column is left.
pub(super) fn without_nulls(sql: &str, args: &[Arg], nothing: &str) -> Option<(String, Vec<Arg>)> {
    if !args.iter().any(Arg::is_null) {
        return None;
    }
    let Lists {
        head,
        columns,
        values,
        rest,
    } = Lists::of(sql)?;
    let (mut kept, mut args) = ((Vec::new(), Vec::new(), Vec::new()), args.iter());
    for (column, value) in columns.into_iter().zip(values) {
        let taken: Vec<&Arg> = args.by_ref().take(placeholders(value)).collect();
        if value != "?" || !taken.iter().all(|arg| arg.is_null()) {
            kept.0.push(column);
            kept.1.push(value);
            kept.2.extend(taken.into_iter().cloned());
        }
    }
    let (columns, values, mut left) = kept;
    left.extend(args.cloned());
    let lists = match columns.as_slice() {
        [] => nothing.to_owned(),
        columns => format!(" ({}) values ({})", columns.join(", "), values.join(", ")),
    };
    Some((format!("{}{lists}{rest}", head.trim_end()), left))
}

/// The value that the statement has for a column, unless it is NULL or not an argument alone.
pub(super) fn value_of<'a>(sql: &str, args: &'a [Arg], column: &str) -> Option<&'a Arg> {
    let Lists { columns, values, .. } = Lists::of(sql)?;
    let mut before = 0;
    for (name, value) in columns.into_iter().zip(values) {
        if name == column {
            return args.get(before).filter(|arg| value == "?" && !arg.is_null());
        }
        before += placeholders(value);
    }
    None
}

/// The parts of `insert into t (...) values (...) ...`.
struct Lists<'a> {
    head: &'a str,
    columns: Vec<&'a str>,
    values: Vec<&'a str>,
    rest: &'a str,
}

impl<'a> Lists<'a> {
    fn of(sql: &'a str) -> Option<Self> {
        let (head, rest) = sql.split_once('(').filter(|_| sql.starts_with("insert into "))?;
        let (columns, rest) = rest.split_once(')')?;
        let rest = rest
            .trim_start()
            .strip_prefix("values")?
            .trim_start()
            .strip_prefix('(')?;
        let (values, rest) = list(rest)?;
        let columns: Vec<&str> = columns.split(',').map(str::trim).collect();
        (columns.len() == values.len()).then_some(Self {
            head,
            columns,
            values,
            rest,
        })
    }
}

/// The values of a list up to its closing bracket, and what follows that.
fn list(text: &str) -> Option<(Vec<&str>, &str)> {
    let (mut values, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_u32, false);
    for (position, character) in text.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ')' => {
                values.push(text[start..position].trim());
                return Some((values, &text[position + 1..]));
            }
            ',' if depth == 0 => {
                values.push(text[start..position].trim());
                start = position + 1;
            }
            _ => {}
        }
    }
    None
}

/// The placeholders outside of quotes.
fn placeholders(value: &str) -> usize {
    value.split('\'').step_by(2).map(|part| part.matches('?').count()).sum()
}

#[cfg(test)]
mod tests {
    use super::{value_of, without_nulls};
    use crate::args;

    fn rest(sql: &str, args: Vec<super::Arg>) -> Option<(String, usize)> {
        without_nulls(sql, &args, " default values").map(|(sql, args)| (sql, args.len()))
    }

    #[test]
    fn columns_that_would_be_null_are_left_out() {
        let null = None::<i64>;
        let two = "insert into posts (title, note) values (?, ?)\n returning id, note";
        for (sql, args, expected) in [
            (two, args!["a", "b"], None),
            (
                two,
                args!["a", null],
                Some(("insert into posts (title) values (?)\n returning id, note", 1)),
            ),
            (
                two,
                args![null, "b"],
                Some(("insert into posts (note) values (?)\n returning id, note", 1)),
            ),
            (
                two,
                args![null, null],
                Some(("insert into posts default values\n returning id, note", 0)),
            ),
            (
                "insert into users (email, active, by, role) values (?, 1, 'who, (me?)', ?)",
                args!["a", null],
                Some(("insert into users (email, active, by) values (?, 1, 'who, (me?)')", 1)),
            ),
            (
                "insert into t (a, b) values (coalesce(?, ?), ?)",
                args![null, 1_i64, null],
                Some(("insert into t (a) values (coalesce(?, ?))", 2)),
            ),
            ("insert into t (a) select ? from s", args![null], None),
            ("update t set a = ?", args![null], None),
        ] {
            let expected = expected.map(|(sql, count)| (sql.to_owned(), count));
            assert_eq!(rest(sql, args), expected, "{sql}");
        }
    }

    #[test]
    fn the_value_of_a_column_is_found_where_the_statement_has_one() {
        let sql = "insert into t (a, uid, b) values (coalesce(?, ?), ?, 1) returning uid as id";
        for (args, column, expected) in [
            (args![1_i64, 2_i64, "x"], "uid", args!["x"].pop()),
            (args![1_i64, 2_i64, None::<String>], "uid", None),
            (args![1_i64, 2_i64, "x"], "a", None),
            (args![1_i64, 2_i64, "x"], "b", None),
            (args![1_i64, 2_i64, "x"], "id", None),
        ] {
            assert_eq!(value_of(sql, &args, column), expected.as_ref(), "{column}");
        }
    }
}
