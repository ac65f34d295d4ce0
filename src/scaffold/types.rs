//! The table of types: what each type of field is called, and what it is in Rust, in SQL, in JSON and in pages.
//!
//! Everything that depends on a type alone comes from here; a new type is a row of this table and a variant of [`Kind`].

use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use crate::fields::{self, Field as _, MAX_STRING_CHARS, Presence};

/// The type of a field, with its argument where it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A text of at most 250 characters.
    String,
    /// A text of any length.
    Text,
    /// A number of 32 bits.
    Integer,
    /// A number of 64 bits.
    BigInteger,
    /// 0 or 1, as the originals had it.
    Boolean,
    /// A mail address.
    Email,
    /// A URL.
    Url,
    /// A date and time.
    DateTime,
    /// A date.
    Date,
    /// A decimal number of any size.
    Decimal,
    /// JSON's true or false.
    Bool,
    /// A number with fraction.
    Float,
    /// A UUID.
    Uuid,
    /// Any JSON.
    Json,
    /// One of these texts.
    Enum(Vec<String>),
    /// A row of the resource with this plural.
    References(String),
}

impl Kind {
    /// Its row of the table.
    pub fn row(&self) -> &'static Type {
        let mut rows = TYPES.iter();
        let own = rows.find(|(kind, _)| discriminant(kind) == discriminant(self));
        // Each kind has a row, which a test keeps so.
        &own.unwrap_or(&TYPES[0]).1
    }
}

/// A row of the table of types.
pub struct Type {
    /// What definitions call it.
    pub name: &'static str,
    /// What follows the name in a definition: `(a,b)`.
    pub argument: &'static str,
    /// What pages call it, in `templates/components.html` and `templates/static/js/kinds.js`.
    pub page: &'static str,
    /// The Rust type of its value.
    pub rust: &'static str,
    /// What reads it from JSON, in the library's `fields`.
    pub reader: &'static str,
    /// The same for a field without bounds, of a type that has some.
    pub unbounded: &'static str,
    /// The columns that hold it.
    pub columns: ByEngine<&'static str>,
    /// When a document must have it.
    pub presence: Presence,
    /// What the API docs call it; the length of a text, bounds and choices come to it.
    pub words: &'static str,
    /// What its bounds are.
    pub limits: Limits,
    /// Whether it may be unique.
    pub can_be_unique: bool,
    /// What rows that are there already get when the column is added, as SQL.
    pub filler: &'static str,
    /// Two values, as JSON; those of types with bounds or an argument are computed.
    pub examples: [&'static str; 2],
    /// A value that is refused, as JSON, with what is said of it; empty where there is none.
    pub wrong: [&'static str; 2],
}

/// The engines, as folders of migrations are called.
pub const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

/// Something that each database engine has its own of.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ByEngine<T> {
    /// SQLite's.
    pub sqlite: T,
    /// PostgreSQL's.
    pub postgres: T,
    /// MySQL's.
    pub mysql: T,
}

/// What `min` and `max` of a field bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limits {
    /// Nothing: the type has no bounds.
    None,
    /// Characters, of which a bound may name at most `settable`, and there are at most `most` where none is set.
    Length {
        /// The greatest length that a bound may name.
        settable: usize,
        /// The greatest length where no bound is set.
        most: Option<usize>,
    },
    /// Whole numbers between these.
    Integer(i64, i64),
    /// Finite numbers.
    Float,
}

const fn columns(sqlite: &'static str, postgres: &'static str, mysql: &'static str) -> ByEngine<&'static str> {
    ByEngine {
        sqlite,
        postgres,
        mysql,
    }
}

const SHORT_TEXT: ByEngine<&str> = columns("text", "varchar(250)", "varchar(250)");
const NUMBER: ByEngine<&str> = columns("integer", "integer", "integer");

/// What rows of the table are made from.
const PLAIN: Type = Type {
    name: "",
    argument: "",
    page: "",
    rust: "String",
    reader: "",
    unbounded: "",
    columns: SHORT_TEXT,
    presence: Presence::Always,
    words: "",
    limits: Limits::None,
    can_be_unique: false,
    filler: "''",
    examples: [""; 2],
    wrong: [""; 2],
};

/// All types, in the order in which messages name them; an argument is empty here.
pub static TYPES: [(Kind, Type); 16] = [
    (
        Kind::String,
        Type {
            name: "string",
            page: "string",
            reader: "Line",
            unbounded: "STRING",
            presence: fields::Line::PRESENCE,
            words: "A text",
            limits: Limits::Length {
                settable: MAX_STRING_CHARS,
                most: Some(MAX_STRING_CHARS),
            },
            can_be_unique: true,
            wrong: ["\"\"", fields::BLANK],
            ..PLAIN
        },
    ),
    (
        Kind::Text,
        Type {
            name: "text",
            page: "text",
            reader: "Text",
            unbounded: "TEXT",
            columns: columns("text", "text", "longtext"),
            presence: fields::Text::PRESENCE,
            words: "A text",
            limits: Limits::Length {
                settable: 1_000_000,
                most: None,
            },
            filler: "('')",
            wrong: ["[\"x\"]", "Not a valid string."],
            ..PLAIN
        },
    ),
    (
        Kind::Integer,
        Type {
            name: "integer",
            page: "integer",
            rust: "i32",
            reader: "Integer",
            unbounded: "INTEGER",
            columns: NUMBER,
            presence: fields::Integer::PRESENCE,
            words: "A whole number of 32 bits",
            limits: Limits::Integer(i32::MIN as i64, i32::MAX as i64),
            can_be_unique: true,
            filler: "0",
            wrong: ["\"x\"", "Not a valid integer."],
            ..PLAIN
        },
    ),
    (
        Kind::BigInteger,
        Type {
            name: "biginteger",
            page: "biginteger",
            rust: "i64",
            reader: "BigInteger",
            unbounded: "BIG_INTEGER",
            columns: columns("integer", "bigint", "bigint"),
            presence: fields::BigInteger::PRESENCE,
            words: "A whole number of 64 bits",
            limits: Limits::Integer(i64::MIN, i64::MAX),
            can_be_unique: true,
            filler: "0",
            wrong: ["\"x\"", "Not a valid integer."],
            ..PLAIN
        },
    ),
    (
        Kind::Boolean,
        Type {
            name: "boolean",
            page: "boolean",
            rust: "values::Boolean",
            reader: "Boolean",
            columns: NUMBER,
            presence: fields::Boolean::PRESENCE,
            words: "1 for true and 0 for false; true and false too unless FLASK_FIDELITY=flask",
            filler: "0",
            examples: ["1", "0"],
            wrong: ["\"yes\"", "Not a valid integer."],
            ..PLAIN
        },
    ),
    (
        Kind::Email,
        Type {
            name: "email",
            page: "email",
            reader: "Email",
            presence: fields::Email::PRESENCE,
            words: "A mail address",
            can_be_unique: true,
            examples: ["\"ann@example.com\"", "\"bob@example.com\""],
            wrong: ["\"ann\"", "Not a valid email address."],
            ..PLAIN
        },
    ),
    (
        Kind::Url,
        Type {
            name: "url",
            page: "url",
            reader: "Url",
            presence: fields::Url::PRESENCE,
            words: "A URL",
            can_be_unique: true,
            examples: ["\"https://example.com/a\"", "\"https://example.com/b\""],
            wrong: ["\"example\"", "Not a valid URL."],
            ..PLAIN
        },
    ),
    (
        Kind::DateTime,
        Type {
            name: "datetime",
            page: "datetime",
            rust: "values::Timestamp",
            reader: "DateTime",
            columns: columns("timestamp", "timestamp", "datetime(6)"),
            presence: fields::DateTime::PRESENCE,
            words: "A date and time in UTC; an offset is applied, or dropped under FLASK_FIDELITY=flask",
            can_be_unique: true,
            filler: "'1970-01-01 00:00:00'",
            examples: ["\"2026-01-02T03:04:05+00:00\"", "\"2026-02-03T04:05:06+00:00\""],
            wrong: ["\"soon\"", "Not a valid datetime."],
            ..PLAIN
        },
    ),
    (
        Kind::Date,
        Type {
            name: "date",
            page: "date",
            rust: "values::Date",
            reader: "Date",
            columns: columns("date", "date", "date"),
            presence: fields::Date::PRESENCE,
            words: "A date",
            can_be_unique: true,
            filler: "'1970-01-01'",
            examples: ["\"2026-01-02\"", "\"2026-02-03\""],
            wrong: ["\"soon\"", "Not a valid date."],
            ..PLAIN
        },
    ),
    (
        Kind::Decimal,
        Type {
            name: "decimal",
            page: "decimal",
            rust: "values::Decimal",
            reader: "Decimal",
            columns: columns("text", "numeric", "longtext"),
            presence: fields::Decimal::PRESENCE,
            words: "A decimal number; its scale is kept",
            filler: "('0')",
            examples: ["\"48.10\"", "\"7.5\""],
            wrong: ["\"x\"", "Not a valid number."],
            ..PLAIN
        },
    ),
    (
        Kind::Bool,
        Type {
            name: "bool",
            page: "bool",
            rust: "bool",
            reader: "Bool",
            columns: columns("boolean", "boolean", "boolean"),
            presence: fields::Bool::PRESENCE,
            words: "True or false",
            filler: "false",
            examples: ["true", "false"],
            wrong: ["1", "Not a valid boolean."],
            ..PLAIN
        },
    ),
    (
        Kind::Float,
        Type {
            name: "float",
            page: "float",
            rust: "f64",
            reader: "Float",
            unbounded: "FLOAT",
            columns: columns("real", "double precision", "double"),
            presence: fields::Float::PRESENCE,
            words: "A number",
            limits: Limits::Float,
            filler: "0",
            wrong: ["\"x\"", "Not a valid number."],
            ..PLAIN
        },
    ),
    (
        Kind::Uuid,
        Type {
            name: "uuid",
            page: "uuid",
            rust: "Uuid",
            reader: "Uuid",
            columns: columns("text", "uuid", "char(36)"),
            presence: fields::Uuid::PRESENCE,
            words: "A UUID",
            can_be_unique: true,
            filler: "'00000000-0000-0000-0000-000000000000'",
            examples: [
                "\"67e55044-10b1-426f-9247-bb680e5fe0c8\"",
                "\"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\"",
            ],
            wrong: ["\"x\"", "Not a valid UUID."],
            ..PLAIN
        },
    ),
    (
        Kind::Json,
        Type {
            name: "json",
            page: "json",
            rust: "Value",
            reader: "Json",
            columns: columns("text", "json", "longtext"),
            presence: fields::Json::PRESENCE,
            words: "Any JSON but null",
            filler: "('{}')",
            examples: ["{\"key\":\"value\"}", "[1,2]"],
            ..PLAIN
        },
    ),
    (
        Kind::Enum(Vec::new()),
        Type {
            name: "enum",
            argument: "(a,b)",
            page: "enum",
            reader: "Choice",
            presence: fields::Choice::PRESENCE,
            words: "One of",
            wrong: ["\"no such choice\"", "Not a valid choice. Must be one of:"],
            ..PLAIN
        },
    ),
    (
        Kind::References(String::new()),
        Type {
            name: "references",
            argument: "(other)",
            page: "reference",
            rust: "i64",
            reader: "Reference",
            columns: NUMBER,
            presence: fields::Reference::PRESENCE,
            words: "The id of one of the",
            can_be_unique: true,
            filler: "",
            examples: ["1", "1"],
            wrong: ["\"x\"", "Not a valid integer."],
            ..PLAIN
        },
    ),
];

/// The rows of the table.
pub fn rows() -> impl Iterator<Item = &'static Type> {
    TYPES.iter().map(|(_, row)| row)
}

/// The names of the types for which something holds, in a sentence: `string, text and float`.
pub fn names_of(holds: impl Fn(&Type) -> bool) -> String {
    let names: Vec<&str> = rows().filter(|row| holds(row)).map(|row| row.name).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// All types with their arguments, as a definition writes them: `string, text, enum(a,b)`.
pub fn list() -> String {
    let types: Vec<String> = rows().map(|row| format!("{}{}", row.name, row.argument)).collect();
    types.join(", ")
}

/// What a message says of the types that there are.
pub fn all() -> String {
    format!("the supported types are: {}", list())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn each_kind_has_a_row_of_its_own() {
        for (kind, row) in &TYPES {
            assert!(std::ptr::eq(kind.row(), row), "{}", row.name);
        }
    }

    #[test]
    fn pages_and_docs_know_each_type() {
        let read = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let components = read("templates/components.html");
        let kinds = read("templates/static/js/kinds.js");
        let (_, kinds) = kinds.split_once("export const KINDS = {").unwrap();
        for row in rows() {
            let is_yes_no = ["boolean", "bool"].contains(&row.page);
            let component = if is_yes_no { "yes_no" } else { row.page };
            assert!(
                components.contains(&format!("{{% component field.{component}(")),
                "{component}"
            );
            assert!(kinds.contains(&format!("\n  {}: ", row.page)), "{}", row.page);
            for page in ["README.md", "docs/types.md"] {
                let names = [format!("`{}`", row.name), format!("`{}(", row.name)];
                let text = read(page);
                assert!(names.iter().any(|name| text.contains(name)), "{page}: {}", row.name);
            }
        }
    }
}
