//! Columns that a project uses of a table beyond those that steps make, and those that have other names there.

use super::steps::StepColumn;
use crate::db::{
    Arg,
    catalogue::{Catalogue, Class},
    engine::Engine,
};

/// A column of an existing table that statements read and write.
pub struct ExpectedColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub name: &'static str,
    /// A value of its type.
    pub value: Arg,
    /// Whether a number has 64 bits.
    pub is_wide: bool,
    /// The characters of a text that it has to hold, where they are bounded.
    pub max_chars: Option<usize>,
    /// Whether a row may be added without a value for it.
    pub is_nullable: bool,
}

impl ExpectedColumn {
    pub(super) fn for_engine(&self, engine: Engine) -> StepColumn {
        let (class, kind) = self.kind(engine);
        StepColumn {
            table: self.table.to_owned(),
            name: self.name.to_owned(),
            class,
            is_nullable: self.is_nullable,
            is_added: false,
            definition: kind,
        }
    }

    /// The class of its values and the type that our own migrations give to such a column.
    fn kind(&self, engine: Engine) -> (Class, String) {
        let of = |sqlite: &str, postgres: &str, mysql: &str| {
            let kind = match engine {
                Engine::Sqlite => sqlite,
                Engine::Postgres => postgres,
                Engine::MySql => mysql,
            };
            kind.to_owned()
        };
        match (&self.value, self.max_chars) {
            (Arg::Integer(_), _) if self.is_wide => (Class::Integer, of("bigint", "bigint", "bigint")),
            (Arg::Integer(_), _) => (Class::Integer, of("integer", "integer", "integer")),
            (Arg::Boolean(_), _) => (Class::Boolean, of("boolean", "boolean", "boolean")),
            (Arg::Text(_), Some(max)) => (Class::Text, format!("varchar({max})")),
            (Arg::Text(_), None) => (Class::Text, of("text", "text", "longtext")),
            (Arg::DateTime(_), _) => (Class::DateTime, of("timestamp", "timestamp", "datetime(6)")),
            (Arg::Date(_), _) => (Class::Date, of("date", "date", "date")),
            (Arg::Time(_), _) => (Class::Time, of("time", "time", "time(6)")),
            (Arg::Texts(_), _) => (Class::Texts, of("text", "text[]", "longtext")),
            (Arg::Decimal(_), _) => (Class::Decimal, of("text", "numeric", "text")),
            (Arg::Float(_), _) => (Class::Float, of("double precision", "double precision", "double")),
            (Arg::Json(_), _) => (Class::Json, of("text", "jsonb", "json")),
            (Arg::Uuid(_), _) => (Class::Uuid, of("char(36)", "uuid", "char(36)")),
        }
    }
}

/// A column that a table has under another name than the one that a step gives it.
#[derive(Clone, Copy)]
pub struct RenamedColumn {
    /// The table.
    pub table: &'static str,
    /// The column's name where a step makes it.
    pub from: &'static str,
    /// Its name in the table.
    pub to: &'static str,
}

impl RenamedColumn {
    pub(super) fn is_of(&self, column: &StepColumn) -> bool {
        self.from != self.to && (column.table.as_str(), column.name.as_str()) == (self.table, self.from)
    }

    /// The column under its other name; a number may be a truth value there, as in the oldest of the originals.
    pub(super) fn of(&self, column: &StepColumn, catalogue: &Catalogue) -> StepColumn {
        let found = catalogue.column(self.table, self.to).map(|found| found.class);
        StepColumn {
            name: self.to.to_owned(),
            class: if found == Some(Class::Boolean) {
                Class::Boolean
            } else {
                column.class
            },
            ..column.clone()
        }
    }
}
