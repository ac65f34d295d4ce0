//! The further columns of users: statements with them, and what rows have in them.
//!
//! The originals' statements are fixed texts. The further columns are added to each once per process; names of columns are
//! quoted, and values are always arguments.

use serde_json::Value;

use super::{field::UserField, list::fields};
use crate::{
    auth::active_column::{self, ACTIVE, in_statement},
    db::{Arg, Db, Engine, FromRow, Row, name_once},
    error::{Error, Result},
};

/// The statement with the further columns; the same one where there are none.
fn composed(
    db: &Db,
    how: &'static str,
    sql: &'static str,
    compose: fn(Engine, &[UserField], &str) -> String,
) -> &'static str {
    match fields() {
        [] => sql,
        fields => db.composed(how, sql, |engine, sql| compose(engine, fields, sql)),
    }
}

/// A query of `from users`, or an insertion's `returning`, with the further columns, and `active` as the table has it.
pub fn selecting(db: &Db, sql: &'static str) -> &'static str {
    composed(db, "selected", in_statement(db, sql), with_selected)
}

/// As [`selecting`], of an insertion: the further values come after the others.
pub fn inserting(db: &Db, sql: &'static str) -> &'static str {
    composed(db, "inserted", in_statement(db, sql), with_inserted)
}

/// As [`selecting`], of an update: the arguments of what can be changed come before the last one, the id.
pub fn updating(db: &Db, sql: &'static str) -> &'static str {
    composed(db, "updated", in_statement(db, sql), with_updated)
}

fn with_selected(engine: Engine, fields: &[UserField], sql: &str) -> String {
    let end = sql.rfind("from users").unwrap_or(sql.len());
    let (before, after) = sql.split_at(end);
    format!("{}{} {after}", before.trim_end(), selected(engine, fields))
}

fn selected(engine: Engine, fields: &[UserField]) -> String {
    let columns = fields.iter().map(|field| {
        let (column, name) = (engine.quoted(field.column), engine.quoted(field.name));
        format!(", {column} as {name}")
    });
    columns.collect()
}

fn with_inserted(engine: Engine, fields: &[UserField], sql: &str) -> String {
    let columns: String = fields
        .iter()
        .map(|field| format!(", {}", engine.quoted(field.column)))
        .collect();
    let values = ", ?".repeat(fields.len());
    let mut parts = sql.splitn(3, ')');
    let [into, inserted, rest] = [(); 3].map(|()| parts.next().unwrap_or_default());
    let returned = match rest.contains("returning ") {
        true => selected(engine, fields),
        false => String::new(),
    };
    format!("{into}{columns}){inserted}{values}){}{returned}", rest.trim_end())
}

fn with_updated(engine: Engine, fields: &[UserField], sql: &str) -> String {
    let assigned: String = fields
        .iter()
        .filter(|field| field.is_changeable())
        .map(|field| {
            let column = engine.quoted(field.column);
            match field.is_nullable {
                true => format!(", {column} = case when ? then ? else {column} end"),
                false => format!(", {column} = coalesce(?, {column})"),
            }
        })
        .collect();
    let (before, after) = sql.split_at(sql.rfind("where id").unwrap_or(sql.len()));
    format!("{}{assigned} {after}", before.trim_end())
}

/// What of the further attributes changes: for each of them a value, or `None` for one that stays.
#[derive(Clone, Debug, Default)]
pub struct Changes(pub(super) Vec<Option<Arg>>);

impl Changes {
    /// The arguments that [`updating`] has asked for.
    pub fn into_args(self) -> Vec<Arg> {
        let changes = fields().iter().zip(self.0).filter(|(field, _)| field.is_changeable());
        changes
            .flat_map(|(field, change)| {
                let is_changed = field.is_nullable.then(|| change.is_some().into());
                let value = change.unwrap_or_else(|| field.field.null());
                is_changed.into_iter().chain([value])
            })
            .collect()
    }
}

/// The further attributes of a row, as they are shown.
#[derive(Clone, Debug, Default)]
pub struct Further(pub(super) Vec<Value>);

impl FromRow for Further {
    fn from_row(row: &Row) -> Result<Self> {
        let values = fields().iter().map(|UserField { attribute, .. }| {
            let mut json = Vec::new();
            if !attribute.write(row, attribute.position_in(row)?, &mut json)? {
                name_once("users", attribute.name(), &row.key::<i64>()?.into());
            }
            // It has just been written.
            Ok(serde_json::from_slice(&json).unwrap_or_default())
        });
        values.collect::<Result<_>>().map(Self)
    }
}

/// A row with its further attributes.
#[derive(Clone, Debug)]
pub struct Extended<R> {
    /// What the originals have.
    pub row: R,
    /// What the project has beyond that.
    pub further: Further,
}

impl<R: FromRow> FromRow for Extended<R> {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            further: Further::from_row(row)?,
            row: R::from_row(row)?,
        })
    }
}

/// An error of the users table that names attributes, and not their columns.
pub fn by_attributes(error: Error) -> Error {
    let further = fields().iter().map(|field| (field.column, field.name));
    let pairs: Vec<(&str, &str)> = further.chain([(active_column::name(), ACTIVE)]).collect();
    error.renamed(&pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts::users::further::Who, fields::STRING};

    #[test]
    fn further_columns_are_added_to_the_originals_statements() {
        let fields = [
            UserField::of("phone", &STRING).column("phone_number").nullable(),
            UserField::of("lastSeen", &STRING).changeable_by(Who::Nobody),
            UserField::of("order", &STRING),
        ];
        let (with_selected, with_inserted) = (
            with_selected(Engine::Postgres, &fields, "select id, role from users where id = ?"),
            with_inserted(
                Engine::Sqlite,
                &fields,
                "insert into users (email, role)\n values (?, 'a') returning id, email ",
            ),
        );
        assert_eq!(
            with_selected,
            "select id, role, \"phone_number\" as \"phone\", \"lastSeen\" as \"lastSeen\", \"order\" as \"order\" from \
             users where id = ?"
        );
        assert_eq!(
            with_inserted,
            "insert into users (email, role, \"phone_number\", \"lastSeen\", \"order\")\n values (?, 'a', ?, ?, ?) \
             returning id, email, \"phone_number\" as \"phone\", \"lastSeen\" as \"lastSeen\", \"order\" as \"order\""
        );
        assert_eq!(
            super::with_inserted(Engine::MySql, &fields[2..], "insert into users (email) values (?)"),
            "insert into users (email, `order`) values (?, ?)"
        );
        assert_eq!(
            with_updated(Engine::MySql, &fields, "update users set role = ?\n where id = ?"),
            "update users set role = ?, `phone_number` = case when ? then ? else `phone_number` end, `order` = \
             coalesce(?, `order`) where id = ?"
        );
    }
}
