//! The table of types: what each type of field is called, and what it is in Rust, in SQL, in JSON and in pages.

use super::kind::{ByEngine, Kind, Limits, Type};
use crate::fields::{self, Field as _, MAX_STRING_CHARS, Presence};

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

/// Characters that `max` of a string may allow: more would leave no room for other columns in a row of MySQL.
const MAX_COLUMN_CHARS: usize = 16_000;

/// The bounds of a text that is at most 250 characters long where no bound is set.
const CHARACTERS: Limits = Limits::Length {
    settable: MAX_COLUMN_CHARS,
    most: Some(MAX_STRING_CHARS),
};

/// Other names of types, as definitions may write them.
pub const ALIASES: [(&str, &str); 1] = [("double", "float")];

/// All types, in the order in which messages name them; an argument is empty here.
pub static TYPES: [(Kind, Type); 22] = [
    (
        Kind::String,
        Type {
            name: "string",
            page: "string",
            reader: "Line",
            unbounded: "STRING",
            presence: fields::Line::PRESENCE,
            words: "A text",
            limits: CHARACTERS,
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
        Kind::File,
        Type {
            name: "file",
            page: "file",
            reader: "Line",
            unbounded: "STRING",
            presence: fields::Line::PRESENCE,
            words: "The path or URL of a file",
            limits: CHARACTERS,
            can_be_unique: true,
            wrong: ["\"\"", fields::BLANK],
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
        Kind::Time,
        Type {
            name: "time",
            page: "time",
            rust: "values::Time",
            reader: "Time",
            columns: columns("time", "time", "time(6)"),
            presence: fields::Time::PRESENCE,
            words: "A time of day",
            can_be_unique: true,
            filler: "'00:00:00'",
            examples: ["\"09:30:00\"", "\"17:45:00\""],
            wrong: ["\"soon\"", "Not a valid time."],
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
        Kind::Numeric { precision: 0, scale: 0 },
        Type {
            name: "decimal",
            argument: "(14,4)",
            page: "decimal",
            rust: "values::Numeric",
            reader: "Numeric",
            columns: columns("text", "numeric", "decimal"),
            presence: fields::Numeric::<0, 0>::PRESENCE,
            words: "A decimal number",
            filler: "('0')",
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
        Kind::Array,
        Type {
            name: "array",
            argument: "(string)",
            page: "array",
            rust: "Vec<String>",
            reader: "Array",
            unbounded: "ARRAY",
            columns: columns("text", "text[]", "longtext"),
            presence: fields::Array::PRESENCE,
            words: "A list of texts",
            limits: Limits::Items(1000),
            filler: "('[]')",
            wrong: ["\"x\"", "Not a valid list."],
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
    (
        Kind::Many(String::new()),
        Type {
            name: "many",
            argument: "(other)",
            page: "many",
            rust: "values::Ids<i64>",
            reader: "Ids",
            presence: fields::Ids::<fields::Reference>::PRESENCE,
            words: "The ids of",
            limits: Limits::Items(100_000),
            filler: "",
            examples: ["[]", "[]"],
            wrong: ["\"x\"", "Not a valid list."],
            ..PLAIN
        },
    ),
    (
        Kind::Nested(String::new()),
        Type {
            name: "nested",
            argument: "(other)",
            page: "nested",
            ..PLAIN
        },
    ),
];
