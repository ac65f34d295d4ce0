//! How the API docs describe values that JSON has no type of its own for.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, Type},
};
use serde_json::Value;

use super::{
    field::Field,
    number::Decimal,
    numeric::Numeric,
    time::{Date, DateTime, Time},
    truth::Boolean,
    values,
};

macro_rules! documented {
    ($([$($generics:tt)*] $value:ty, $field:expr => $kind:literal, $format:literal;)*) => {$(
        impl<$($generics)*> Type for $value {
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

        impl<$($generics)*> ParseFromJSON for $value {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                let value = value.unwrap_or_default();
                $field.read(&value).map_err(|_| ParseError::expected_type(value))
            }
        }
    )*};
}
documented! {
    [] values::Timestamp, DateTime => "string", "date-time";
    [] values::Date, Date => "string", "date";
    [] values::Time, Time => "string", "time-local";
    [] values::Decimal, Decimal => "string", "decimal";
    [const SCALE: u32] values::Numeric<SCALE>, Numeric::<{ u32::MAX }, SCALE> => "string", "decimal";
    [] values::Boolean, Boolean => "integer", "boolean";
}

impl<K: Type> Type for values::Ids<K> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Vec<K>;
    type RawElementValueType = K::RawValueType;

    fn name() -> Cow<'static, str> {
        format!("ids_{}", K::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            items: Some(Box::new(K::schema_ref())),
            unique_items: Some(true),
            ..MetaSchema::new("array")
        }))
    }

    fn as_raw_value(&self) -> Option<&Vec<K>> {
        Some(&self.0)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a K::RawValueType> + 'a> {
        Box::new(self.0.iter().filter_map(K::as_raw_value))
    }
}

impl<K: ParseFromJSON + Ord> ParseFromJSON for values::Ids<K> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Vec::parse_from_json(value).map(Self::of).map_err(ParseError::propagate)
    }
}
