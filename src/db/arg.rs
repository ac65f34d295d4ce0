//! The arguments of a statement.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::decimal::Decimal;

/// An argument of a statement; `None` is a NULL of that type.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A number without fraction.
    Integer(Option<i64>),
    /// A truth value.
    Boolean(Option<bool>),
    /// A text.
    Text(Option<String>),
    /// A date and time without zone.
    DateTime(Option<NaiveDateTime>),
    /// A date.
    Date(Option<NaiveDate>),
    /// A time of day.
    Time(Option<NaiveTime>),
    /// A decimal number in plain digits.
    Decimal(Option<String>),
    /// A number with fraction.
    Float(Option<f64>),
    /// A JSON value.
    Json(Option<serde_json::Value>),
    /// A UUID.
    Uuid(Option<uuid::Uuid>),
    /// Several texts.
    Texts(Option<Vec<String>>),
}

impl Arg {
    pub(super) fn is_null(&self) -> bool {
        match self {
            Arg::Integer(value) => value.is_none(),
            Arg::Boolean(value) => value.is_none(),
            Arg::Text(value) | Arg::Decimal(value) => value.is_none(),
            Arg::DateTime(value) => value.is_none(),
            Arg::Date(value) => value.is_none(),
            Arg::Time(value) => value.is_none(),
            Arg::Texts(value) => value.is_none(),
            Arg::Float(value) => value.is_none(),
            Arg::Json(value) => value.is_none(),
            Arg::Uuid(value) => value.is_none(),
        }
    }
}

macro_rules! arg_from {
    ($($rust:ty => $variant:ident),*) => {$(
        impl From<$rust> for Arg {
            fn from(value: $rust) -> Self {
                Arg::$variant(Some(value.into()))
            }
        }
        impl From<Option<$rust>> for Arg {
            fn from(value: Option<$rust>) -> Self {
                Arg::$variant(value.map(Into::into))
            }
        }
    )*};
}
arg_from!(
    i32 => Integer, i64 => Integer, bool => Boolean, &str => Text, String => Text, NaiveDateTime => DateTime,
    NaiveDate => Date, NaiveTime => Time, Vec<String> => Texts, f64 => Float, serde_json::Value => Json, uuid::Uuid => Uuid
);

impl From<Decimal> for Arg {
    fn from(value: Decimal) -> Self {
        Arg::Decimal(Some(value.0))
    }
}

impl From<Option<Decimal>> for Arg {
    fn from(value: Option<Decimal>) -> Self {
        Arg::Decimal(value.map(|value| value.0))
    }
}

/// The arguments of a statement, in the order of its `?`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { ::std::vec![$($crate::db::Arg::from($value)),*] };
}

/// An id that no row has; a reference to it is refused by its table.
pub const NO_ROW: i64 = -1;
