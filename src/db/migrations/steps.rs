//! The migrations in the embedded files, and what each of them needs of its tables.

use std::{borrow::Cow, collections::BTreeMap};

use sqlx::{
    AssertSqlSafe, SqlSafeStr,
    migrate::{Migration, MigrationType},
};

use super::status::{MigrationState, Status};
use crate::{
    config::Profile,
    db::{catalogue::Class, engine::Engine},
    embedded::Layers,
    error::{Error, Result},
};

/// One migration, with what it creates and drops.
pub(super) struct Step {
    pub(super) up: Migration,
    pub(super) down: Migration,
    /// The tables that `up` creates.
    pub(super) tables: Vec<String>,
    /// The columns that `up` creates, or adds to tables.
    pub(super) columns: Vec<StepColumn>,
    /// The columns that `up` takes from tables.
    pub(super) dropped: Vec<(String, String)>,
}

/// A column that a step makes, and which our statements read and write.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StepColumn {
    pub(super) table: String,
    pub(super) name: String,
    /// The kind of its values: PostgreSQL's, because the other engines keep several kinds as text.
    pub(super) class: Class,
    /// Whether our statements write NULL into it.
    pub(super) is_nullable: bool,
    /// Whether it is added to an existing table.
    pub(super) is_added: bool,
    /// Its type and constraints on this engine.
    pub(super) definition: String,
}

impl Step {
    pub(super) fn status(&self, state: MigrationState) -> Status {
        Status {
            version: self.up.version,
            name: self.up.description.to_string(),
            state,
        }
    }

    /// The columns that are added to existing tables.
    pub(super) fn added(&self) -> impl Iterator<Item = &StepColumn> {
        self.columns.iter().filter(|column| column.is_added)
    }
}

/// The upper and the lower half of each step.
type Halves = BTreeMap<(i64, String), (Option<String>, Option<String>)>;

/// The steps of an engine and a profile, oldest first.
pub(super) fn steps(files: &Layers, engine: Engine, profile: Profile) -> Result<Vec<Step>> {
    let in_postgres = match engine {
        Engine::Postgres => Halves::new(),
        Engine::Sqlite | Engine::MySql => halves(files, Engine::Postgres, profile)?,
    };
    halves(files, engine, profile)?
        .into_iter()
        // A step whose upper half is missing is just being added or taken out by a run of `scaffold`, or was by one
        // that was killed.
        .filter(|(_, (up, _))| up.is_some())
        .map(|((version, name), half)| {
            let (Some(up), Some(down)) = half else {
                return Err(misnamed(&format!("{}/{version}_{name}", engine.name())));
            };
            let in_postgres = in_postgres.get(&(version, name.clone()));
            let in_postgres = in_postgres.and_then(|(up, _)| up.as_deref()).map(columns_of);
            Ok(Step {
                tables: tables_created_by(&up),
                columns: with_classes(columns_of(&up), in_postgres.as_deref()),
                dropped: columns_dropped_by(&up),
                up: migration(version, &name, MigrationType::ReversibleUp, up),
                down: migration(version, &name, MigrationType::ReversibleDown, down),
            })
        })
        .collect()
}

fn halves(files: &Layers, engine: Engine, profile: Profile) -> Result<Halves> {
    let mut halves = Halves::new();
    for path in files.paths() {
        let Some((folder, file)) = path.rsplit_once('/') else {
            continue;
        };
        if folder != engine.name() && folder != format!("{}/{}", engine.name(), profile.name()) {
            continue;
        }
        let sql = files.text(&path);
        let (name, is_up) = match (file.strip_suffix(".up.sql"), file.strip_suffix(".down.sql")) {
            (Some(name), _) => (name, true),
            (_, Some(name)) => (name, false),
            _ => return Err(misnamed(&path)),
        };
        let (version, name) = name.split_once('_').ok_or_else(|| misnamed(&path))?;
        let version = version.parse().map_err(|_| misnamed(&path))?;
        let half = halves.entry((version, name.to_owned())).or_default();
        *if is_up { &mut half.0 } else { &mut half.1 } = sql;
    }
    Ok(halves)
}

fn misnamed(path: &str) -> Error {
    Error::Internal(format!(
        "migrations/{path}: expected VERSION_NAME.up.sql and VERSION_NAME.down.sql"
    ))
}

fn migration(version: i64, name: &str, kind: MigrationType, sql: String) -> Migration {
    let sql = AssertSqlSafe(sql).into_sql_str();
    Migration::new(version, Cow::Owned(name.to_owned()), kind, sql, false)
}

fn tables_created_by(sql: &str) -> Vec<String> {
    sql.lines().filter_map(table_created_by).collect()
}

fn table_created_by(line: &str) -> Option<String> {
    Some(unquoted(line.strip_prefix("create table ")?.split([' ', '(']).next()?))
}

fn columns_dropped_by(sql: &str) -> Vec<(String, String)> {
    sql.lines()
        .filter_map(|line| {
            let (table, column) = line.strip_prefix("alter table ")?.split_once(" drop column ")?;
            Some((unquoted(table), unquoted(column.trim_end_matches(';'))))
        })
        .collect()
}

/// The columns that a step creates or adds, one in a line, as all our migrations are written.
fn columns_of(sql: &str) -> Vec<StepColumn> {
    let mut created = None;
    let mut columns = Vec::new();
    for line in sql.lines() {
        if let Some(table) = table_created_by(line) {
            created = Some(table);
        } else if line.starts_with(')') {
            created = None;
        } else if let Some((table, column)) = added_by(line) {
            columns.extend(column_of(unquoted(table), column, true));
        } else if let Some(table) = &created {
            columns.extend(column_of(table.clone(), line.trim(), false));
        }
    }
    columns
}

fn added_by(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("alter table ")?.split_once(" add column ")
}

fn column_of(table: String, line: &str, is_added: bool) -> Option<StepColumn> {
    let (name, definition) = line.trim_end_matches([',', ';']).split_once(' ')?;
    let is_constraint = ["primary", "foreign", "unique", "check", "constraint", "--"].contains(&name);
    (!is_constraint).then(|| StepColumn {
        table,
        name: unquoted(name),
        class: class_of(definition),
        is_nullable: !definition.contains("not null") && !definition.contains("primary key"),
        is_added,
        definition: definition.to_owned(),
    })
}

/// The columns with PostgreSQL's classes, where that engine has the step too.
fn with_classes(mut columns: Vec<StepColumn>, in_postgres: Option<&[StepColumn]>) -> Vec<StepColumn> {
    for column in &mut columns {
        let same = |other: &&StepColumn| (&other.table, &other.name) == (&column.table, &column.name);
        if let Some(other) = in_postgres.and_then(|others| others.iter().find(same)) {
            column.class = other.class;
        }
    }
    columns
}

/// The class of a definition in the words that our migrations use; others are taken for anything.
fn class_of(definition: &str) -> Class {
    let word = definition.split([' ', '(']).next().unwrap_or_default();
    match word {
        "serial" | "bigserial" | "integer" | "bigint" | "smallint" => Class::Integer,
        "boolean" => Class::Boolean,
        "varchar" | "char" | "text" | "longtext" => Class::Text,
        "timestamp" | "datetime" => Class::DateTime,
        "date" => Class::Date,
        "time" => Class::Time,
        "text[]" => Class::Texts,
        "numeric" | "decimal" => Class::Decimal,
        "double" | "real" => Class::Float,
        "json" | "jsonb" => Class::Json,
        "uuid" => Class::Uuid,
        // A type of the column's own, whose values are texts.
        word if word.ends_with("_enum") => Class::Text,
        _ => Class::Any,
    }
}

fn unquoted(name: &str) -> String {
    name.trim_matches(['"', '`']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_and_columns_of_a_step_are_read_off_its_statements() {
        let sql = "-- Adds.\nalter table posts add column slug text;\ncreate unique index x on posts (slug);\n\
                   alter table posts add column note text not null default ('alter table x');\n\
                   alter table posts drop column old;\n";
        let added = |name: &str, is_nullable, definition: &str| StepColumn {
            table: "posts".to_owned(),
            name: name.to_owned(),
            class: Class::Text,
            is_nullable,
            is_added: true,
            definition: definition.to_owned(),
        };
        let expected = [
            added("slug", true, "text"),
            added("note", false, "text not null default ('alter table x')"),
        ];
        assert_eq!(columns_of(sql), expected);
        assert_eq!(columns_dropped_by(sql), [("posts".to_owned(), "old".to_owned())]);
        let sql = "create table posts (\n    id serial primary key,\n    \"order\" varchar(250) not null unique,\n    \
                   price numeric,\n    owner_id integer references users (id) on delete set null,\n    \
                   foreign key (price) references prices (id)\n);\n";
        assert_eq!(tables_created_by(sql), ["posts"]);
        let found: Vec<_> = columns_of(sql)
            .into_iter()
            .map(|column| (column.name, column.class, column.is_nullable))
            .collect();
        let expected = [
            ("id", Class::Integer, false),
            ("order", Class::Text, false),
            ("price", Class::Decimal, true),
            ("owner_id", Class::Integer, true),
        ];
        assert_eq!(
            found,
            expected.map(|(name, class, null)| (name.to_owned(), class, null))
        );
    }

    #[test]
    fn every_engine_and_profile_has_the_same_steps() {
        let files = crate::project::App::new("test", "0.0.0").all_migrations();
        for profile in [Profile::Tutorial, Profile::Scaffold10, Profile::Scaffold20] {
            let names = |engine| -> Vec<_> {
                let columns = |step: &Step| -> Vec<_> {
                    let columns = step.columns.iter();
                    columns
                        .map(|column| {
                            (
                                column.table.clone(),
                                column.name.clone(),
                                column.class,
                                column.is_nullable,
                            )
                        })
                        .filter(|(table, ..)| !table.starts_with("poem_scaffold_"))
                        .collect()
                };
                steps(&files, engine, profile)
                    .unwrap()
                    .iter()
                    .map(|step| {
                        let name = step.up.description.to_string();
                        (step.up.version, name, step.tables.clone(), columns(step))
                    })
                    .collect()
            };
            assert!(names(Engine::Sqlite).len() >= 2);
            assert_eq!(names(Engine::Sqlite), names(Engine::Postgres));
            assert_eq!(names(Engine::Sqlite), names(Engine::MySql));
        }
    }
}
