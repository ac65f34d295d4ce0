//! What the types of fields are made of: the type itself, and what there is to know of it.

use serde::{Deserialize, Serialize};

use crate::fields::Presence;

/// The type of a field, with its argument where it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A text of at most 250 characters, or of more where a bound says so.
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
    /// The path or the URL of a file.
    File,
    /// A date and time.
    DateTime,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A decimal number of any size.
    Decimal,
    /// A decimal number of so many digits, some of them after the point.
    Numeric {
        /// All digits.
        precision: u32,
        /// Those after the point.
        scale: u32,
    },
    /// JSON's true or false.
    Bool,
    /// A number with fraction.
    Float,
    /// A UUID.
    Uuid,
    /// Any JSON.
    Json,
    /// A list of texts.
    Array,
    /// One of these texts.
    Enum(Vec<String>),
    /// The same in a column of a type of its own, where the engine has such types.
    NativeEnum(Vec<String>),
    /// A row of the resource with this plural.
    References(String),
    /// Any number of rows of the resource with this plural, in a join table.
    Many(String),
    /// The rows of the resource with this plural that belong to a row; nothing is stored.
    Nested(String),
}

impl Kind {
    /// The texts that it consists of, where it is one of some.
    pub fn choices(&self) -> Option<&[String]> {
        match self {
            Kind::Enum(choices) | Kind::NativeEnum(choices) => Some(choices),
            _ => None,
        }
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
    /// The Rust type of its value; with its argument where it has one it is `Kind::rust`.
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

impl<T> ByEngine<T> {
    /// The same of each engine's.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> ByEngine<U> {
        ByEngine {
            sqlite: change(self.sqlite),
            postgres: change(self.postgres),
            mysql: change(self.mysql),
        }
    }
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
    /// Items of a list, of which a bound may name at most so many.
    Items(usize),
    /// Whole numbers between these.
    Integer(i64, i64),
    /// Finite numbers.
    Float,
}
