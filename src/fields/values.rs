//! The values of attributes that JSON has no type of its own for: how each is stored and shown.

use chrono::{NaiveDate, NaiveDateTime};
use poem_openapi::types::ToJSON;
use serde_json::Value;

use super::attribute::{Shown, write_json};
pub use crate::db::Decimal;
use crate::{
    db::{self, Arg, Cell, Column},
    flask::{datetime::isoformat, decimal::python_str},
};

/// A date and time without zone, shown as marshmallow showed one: `2015-12-22T03:12:58.019077+00:00`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub NaiveDateTime);

/// A date, shown as `2015-06-26`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

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
stored_as!(Timestamp => NaiveDateTime, Date => NaiveDate, Boolean => i32);

macro_rules! shown_as {
    ($($rust:ty => |$value:ident| $shown:expr;)*) => {$(
        impl Shown for $rust {
            fn show(&self, out: &mut Vec<u8>) {
                let $value = self;
                write_json(&$shown, out);
            }
        }

        impl ToJSON for $rust {
            fn to_json(&self) -> Option<Value> {
                let $value = self;
                Some($shown.into())
            }
        }
    )*};
}
shown_as! {
    Timestamp => |moment| format!("{}+00:00", isoformat(moment.0));
    Date => |day| day.0.to_string();
    Decimal => |number| python_str(&number.0);
    Boolean => |number| number.0;
}
