//! The values of attributes that JSON has no type of its own for: how each is documented, stored and shown.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::fields::{self, Field};
pub use crate::db::Decimal;
use crate::{
    db::{self, Arg, Cell, Column},
    flask::{
        datetime::{isoformat, parse_date, parse_datetime},
        decimal::{self, python_str},
    },
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

    fn parse(value: &Value) -> Option<Self> {
        parse_datetime(value.as_str()?).ok().map(Self)
    }

    fn show(&self) -> String {
        format!("{}+00:00", isoformat(self.0))
    }
}

impl Date {
    /// The present day, in UTC.
    pub fn today() -> Self {
        Self(db::now().date())
    }

    fn parse(value: &Value) -> Option<Self> {
        parse_date(value.as_str()?).ok().map(Self)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Decimal {
    fn parse(value: &Value) -> Option<Self> {
        decimal::parse(value).ok().map(Self)
    }

    fn show(&self) -> String {
        python_str(&self.0)
    }
}

impl Boolean {
    fn parse(value: &Value) -> Option<Self> {
        fields::Boolean.read(value).ok()
    }

    fn show(&self) -> i32 {
        self.0
    }
}

macro_rules! in_json {
    ($($rust:ty => $kind:literal, $format:literal;)*) => {$(
        impl Type for $rust {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                concat!($kind, "_", $format).into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format($kind, $format)))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl ParseFromJSON for $rust {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                let value = value.unwrap_or_default();
                Self::parse(&value).ok_or_else(|| ParseError::expected_type(value))
            }
        }

        impl ToJSON for $rust {
            fn to_json(&self) -> Option<Value> {
                Some(self.show().into())
            }
        }
    )*};
}
in_json! {
    Timestamp => "string", "date-time";
    Date => "string", "date";
    Decimal => "string", "decimal";
    Boolean => "integer", "boolean";
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
