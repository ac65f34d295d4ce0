//! The function that gathers values into a list of JSON, which each engine calls otherwise.

use std::borrow::Cow;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// What our statements call it, as PostgreSQL does.
const JSON_AGG: &str = "json_agg(";
/// What SQLite calls it.
pub(super) const SQLITE: &str = "json_group_array(";
/// What MySQL and MariaDB call it.
pub(super) const MYSQL: &str = "json_arrayagg(";

/// The statement with the engine's own name of the function.
pub(super) fn translated(sql: SqlStr, own: &str) -> SqlStr {
    match renamed(sql.as_str(), own) {
        Cow::Borrowed(_) => sql,
        Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
    }
}

/// The text with the function's other name, but for what stands in quotes.
fn renamed<'s>(sql: &'s str, own: &str) -> Cow<'s, str> {
    if !sql.contains(JSON_AGG) {
        return sql.into();
    }
    let mut text = String::with_capacity(sql.len() + own.len());
    let (mut rest, mut closing) = (sql, None);
    while let Some(at) = rest.find(|c| closing.map_or("'\"".contains(c), |quote| c == quote)) {
        let (part, after) = rest.split_at(at + 1);
        match closing.take() {
            Some(_) => text.push_str(part),
            None => {
                text.push_str(&part.replace(JSON_AGG, own));
                closing = part.chars().next_back();
            }
        }
        rest = after;
    }
    text.push_str(&match closing {
        Some(_) => rest.into(),
        None => Cow::from(rest.replace(JSON_AGG, own)),
    });
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_is_renamed_but_not_inside_quotes() {
        for (sql, expected) in [
            (
                "select id from posts where a = 'x'",
                "select id from posts where a = 'x'",
            ),
            (
                "select (select json_agg(tag_id) from t where p = posts.id) as tags from posts",
                "select (select json_arrayagg(tag_id) from t where p = posts.id) as tags from posts",
            ),
            (
                "select 'json_agg(', \"json_agg(\", json_agg(\"a'b\"), 'it''s json_agg(', json_agg(c)",
                "select 'json_agg(', \"json_agg(\", json_arrayagg(\"a'b\"), 'it''s json_agg(', json_arrayagg(c)",
            ),
            ("select json_agg(a), 'json_agg(", "select json_arrayagg(a), 'json_agg("),
        ] {
            assert_eq!(renamed(sql, MYSQL), expected);
        }
        assert!(matches!(renamed("select 1", SQLITE), Cow::Borrowed(_)));
    }
}
