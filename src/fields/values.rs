//! The values of attributes that JSON has no type of its own for: how each is stored and shown.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, SubsecRound};
use poem_openapi::types::{ToJSON, Type};
use serde_json::Value;

use super::attribute::{Shown, write_json};
pub use crate::db::Decimal;
use crate::{
    db::{self, Arg, Cell, Column},
    flask::{
        datetime::{isoformat, isoformat_time},
        decimal::python_str,
    },
};

/// A date and time without zone, shown as marshmallow showed one: `2015-12-22T03:12:58.019077+00:00`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub NaiveDateTime);

/// A date, shown as `2015-06-26`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A time of day, shown as Python's `isoformat()` does: `09:30:00`, with six digits of a fraction if it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub NaiveTime);

/// A decimal number with `SCALE` digits after the point, shown so on every engine: `48.1000`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numeric<const SCALE: u32>(pub Decimal);

/// The ids of the rows that a row is linked to, each once and in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids<K>(pub Vec<K>);

/// The originals' `boolean`: a number, 1 for true and 0 for false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Boolean(pub i32);

impl Timestamp {
    /// The present, in UTC.
    pub fn now() -> Self {
        Self(db::now())
    }
}

impl Date {
    /// The present day, in UTC.
    pub fn today() -> Self {
        Self(db::now().date())
    }
}

impl Time {
    /// The present time of day, in UTC.
    pub fn now() -> Self {
        Self(db::now().time().trunc_subsecs(6))
    }

    /// The time with this hour, minute and second; midnight if there is none.
    pub fn hms(hour: u32, minute: u32, second: u32) -> Self {
        Self(NaiveTime::from_hms_opt(hour, minute, second).unwrap_or_default())
    }
}

impl<const SCALE: u32> Numeric<SCALE> {
    /// The number with as many digits after the point as it shall have; with more where these are not zeros.
    pub(crate) fn of(Decimal(plain): Decimal) -> Self {
        Self(Decimal(scaled(&plain, SCALE as usize)))
    }

    /// Whether it has at most so many digits before the point, and no more after it than `SCALE`.
    pub(crate) fn fits(&self, most: u32) -> bool {
        has_digits(&self.0.0, most, SCALE)
    }
}

impl<K: Ord> Ids<K> {
    /// Ids in any order.
    pub fn of(mut ids: Vec<K>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        Self(ids)
    }
}

impl<K> Default for Ids<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// The list that `json_agg` makes; NULL where there are none.
impl<K: Column + Ord> Column for Ids<K> {
    const IS_TEXT: bool = false;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        let items: Vec<Value> = match cell {
            Cell::Null => Vec::new(),
            Cell::Text(text) => serde_json::from_str(text).ok()?,
            _ => return None,
        };
        let id = |item: &Value| match item {
            Value::String(text) => K::from_cell(&Cell::Text(text.into())),
            item => K::from_cell(&Cell::Integer(item.as_i64()?)),
        };
        // A link to nothing is one that a Flask app's table may have.
        let items = items.iter().filter(|item| !item.is_null());
        Some(Self::of(items.map(id).collect::<Option<_>>()?))
    }
}

impl<K: Shown + Ord> Shown for Ids<K> {
    fn show(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, id) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            id.show(out);
        }
        out.push(b']');
    }
}

impl<K: Type + ToJSON> ToJSON for Ids<K> {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

/// Plain digits with so many of them after the point; with more where these are not zeros.
pub(crate) fn scaled(plain: &str, scale: usize) -> String {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let is_plain = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    // An exponent is SQLite's, and stays as it is.
    if !whole.bytes().chain(fraction.bytes()).all(is_plain) {
        return plain.to_owned();
    }
    let least = fraction.trim_end_matches('0');
    let point = if least.is_empty() && scale == 0 { "" } else { "." };
    format!("{whole}{point}{least:0<scale$}")
}

/// Whether plain digits have at most so many of them before the point, and after it.
pub(crate) fn has_digits(plain: &str, most_whole: u32, most_after: u32) -> bool {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let whole = whole.trim_start_matches('-').trim_start_matches('0');
    whole.len() <= most_whole as usize && fraction.len() <= most_after as usize
}

impl<const SCALE: u32> Column for Numeric<SCALE> {
    const IS_TEXT: bool = true;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            // SQLite's columns that a Flask app declared as `NUMERIC(14, 4)`; SQLAlchemy reads them so.
            Cell::Float(number) if number.is_finite() => {
                Some(Self::of(Decimal(format!("{number:.scale$}", scale = SCALE as usize))))
            }
            cell => Decimal::from_cell(cell).map(Self::of),
        }
    }
}

impl<const SCALE: u32> From<Numeric<SCALE>> for Arg {
    fn from(value: Numeric<SCALE>) -> Self {
        value.0.into()
    }
}

impl<const SCALE: u32> From<Option<Numeric<SCALE>>> for Arg {
    fn from(value: Option<Numeric<SCALE>>) -> Self {
        value.map(|value| value.0).into()
    }
}

macro_rules! stored_as {
    ($($rust:ident => $column:ty),*) => {$(
        impl Column for $rust {
            const IS_TEXT: bool = <$column>::IS_TEXT;

            fn from_cell(cell: &Cell<'_>) -> Option<Self> {
                <$column>::from_cell(cell).map($rust)
            }
        }

        impl From<$rust> for Arg {
            fn from(value: $rust) -> Self {
                value.0.into()
            }
        }

        impl From<Option<$rust>> for Arg {
            fn from(value: Option<$rust>) -> Self {
                value.map(|value| value.0).into()
            }
        }
    )*};
}
stored_as!(Timestamp => NaiveDateTime, Date => NaiveDate, Time => NaiveTime, Boolean => i32);

macro_rules! shown_as {
    ($([$($generics:tt)*] $rust:ty => |$value:ident| $shown:expr;)*) => {$(
        impl<$($generics)*> Shown for $rust {
            fn show(&self, out: &mut Vec<u8>) {
                let $value = self;
                write_json(&$shown, out);
            }
        }

        impl<$($generics)*> ToJSON for $rust {
            fn to_json(&self) -> Option<Value> {
                let $value = self;
                Some($shown.into())
            }
        }
    )*};
}
shown_as! {
    [] Timestamp => |moment| format!("{}+00:00", isoformat(moment.0));
    [] Date => |day| day.0.to_string();
    [] Time => |time| isoformat_time(time.0);
    [] Decimal => |number| python_str(&number.0);
    [const SCALE: u32] Numeric<SCALE> => |number| python_str(&number.0.0);
    [] Boolean => |number| number.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_the_lists_of_each_engine() {
        let read = |text: &'static str| Ids::<i64>::from_cell(&Cell::Text(text.into()));
        assert_eq!(read("[3, 1, 2, 3, null]"), Some(Ids(vec![1, 2, 3])));
        assert_eq!(read("[\"1\"]"), Some(Ids(vec![1])));
        assert_eq!(read("[1.5]"), None);
        assert_eq!(read("{}"), None);
        assert_eq!(Ids::<i64>::from_cell(&Cell::Null), Some(Ids(Vec::new())));
        let texts = Ids::<String>::from_cell(&Cell::Text(r#"["b", "a"]"#.into()));
        assert_eq!(texts, Some(Ids(vec!["a".to_owned(), "b".to_owned()])));
        let mut out = Vec::new();
        Ids(vec!["a".to_owned(), "\"".to_owned()]).show(&mut out);
        assert_eq!(out, br#"["a","\""]"#);
    }
}
