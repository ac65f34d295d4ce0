//! `active`, which is a number in the tables of 0.6.3 and later, and a truth value in those before.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use crate::{
    accounts::models::active_arg,
    db::Arg,
    fields::{Bool, Field, FieldError, Presence},
    flask::tables::UsersTable,
};

/// Whether a user may log in, as the table's column has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Active {
    /// Any but 0 for a user who may.
    Number(i64),
    /// Flask-Scaffold 0.6 to 0.6.2.
    Truth(bool),
}

impl Active {
    /// What is stored in the table, which every engine sends as a number too.
    pub fn stored(table: UsersTable, number: i64) -> Self {
        match table.active_is_boolean {
            true => Self::Truth(number != 0),
            false => Self::Number(number),
        }
    }

    /// The argument that the table's column takes; `None` is a NULL of its type.
    pub fn arg(table: UsersTable, active: Option<Self>) -> Arg {
        let number = active.map(|active| match active {
            Self::Number(number) => number,
            Self::Truth(truth) => truth.into(),
        });
        active_arg(table, number)
    }
}

/// A truth value as 0.6 validated it, in a document.
///
/// PostgreSQL refused numbers with an error in SQL; on the other engines they were taken, and here they are everywhere.
pub struct Truth;

impl Field for Truth {
    type Value = bool;
    const PRESENCE: Presence = Presence::New;

    fn read(&self, value: &Value) -> Result<bool, FieldError> {
        Bool.read_as_flask(value)
    }
}

/// Documented as both, because which one it is depends on the table.
impl Type for Active {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "active".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            // For `web/openapi.rs`, which knows what is taken for one.
            format: Some("active"),
            one_of: vec![i32::schema_ref(), bool::schema_ref()],
            ..MetaSchema::ANY
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Active {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        let truth = value.as_bool().map(Self::Truth);
        truth
            .or_else(|| value.as_i64().map(Self::Number))
            .ok_or_else(|| ParseError::expected_type(value))
    }
}

impl ToJSON for Active {
    fn to_json(&self) -> Option<Value> {
        Some(match self {
            Self::Number(number) => (*number).into(),
            Self::Truth(truth) => (*truth).into(),
        })
    }
}
