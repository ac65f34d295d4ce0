//! Rows of other resources that are shown inside of a row, as marshmallow's `Nested` of a plain schema showed them.

use std::{borrow::Cow, ops::Deref};

use poem_openapi::{
    registry::{MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use serde_json::Value;

use super::members::with_unreadable;
use crate::{
    db::{AnyKey, Arg, Cell, Column as _, Db, FromRow, Key, Row, Unreadable},
    error::Result,
    fields::attribute::Attribute,
};

/// The column in which a query has the key of the row that shows its rows; no attribute has such a name.
pub(super) const OUTER_KEY: &str = "this.id";

/// A row of another resource, as one that shows it has it: its key and some of its attributes.
pub trait NestedRow: FromRow + ToJSON {
    /// The type of its key.
    type Key: Key;

    /// Where it comes from, for the log.
    const TABLE: &'static str;

    /// The query for those of a range of rows that show them.
    ///
    /// It selects the key of the row that shows them as `"this.id"`, comes in the order of these keys and has three `?`:
    /// the first and the last of them, and the most rows.
    const SQL: &'static str;

    /// Its attributes with the types that their columns are read as, `id` among them.
    const ATTRIBUTES: &'static [Attribute];
}

/// An attribute of a resource that has rows of another one.
pub struct NestedAttribute {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether it is one row or null, and not a list.
    pub(super) is_one: bool,
    /// As in [`NestedRow`].
    pub(super) table: &'static str,
    /// As in [`NestedRow`].
    pub(super) sql: &'static str,
    /// As in [`NestedRow`].
    pub(super) attributes: &'static [Attribute],
    /// What reads the key of one of its rows; those without one are left out, as lists leave them out.
    pub(super) key: fn(&Cell<'_>) -> Option<AnyKey>,
}

impl NestedAttribute {
    /// The attribute `name` with a list of rows.
    pub const fn all<T: NestedRow>(name: &'static str) -> Self {
        Self {
            name,
            is_one: false,
            table: T::TABLE,
            sql: T::SQL,
            attributes: T::ATTRIBUTES,
            key: |cell| T::Key::from_cell(cell).map(Into::into),
        }
    }

    /// The attribute `name` with one row or null.
    pub const fn one<T: NestedRow>(name: &'static str) -> Self {
        Self {
            is_one: true,
            ..Self::all::<T>(name)
        }
    }
}

/// A row inside of another one.
#[derive(Clone, Debug)]
pub struct Nested<T> {
    row: T,
    /// Columns that could not be read: null is shown for them, or the database's own text.
    unreadable: Vec<Unreadable>,
}

impl<T> Deref for Nested<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.row
    }
}

impl<T: Type> Type for Nested<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.row.as_raw_value()
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        self.row.raw_element_iter()
    }
}

impl<T: ToJSON> ToJSON for Nested<T> {
    fn to_json(&self) -> Option<Value> {
        with_unreadable(self.row.to_json(), self.unreadable.iter().cloned())
    }
}

/// A row of a query, unless its key cannot be read.
struct Read<T>(Option<Nested<T>>);

impl<T: NestedRow> FromRow for Read<T> {
    fn from_row(row: &Row) -> Result<Self> {
        let Some(id) = T::Key::from_cell(&row.cell(row.position("id")?)?) else {
            return Ok(Self(None));
        };
        let read = T::from_row(row)?;
        Ok(Self(Some(Nested {
            row: read,
            unreadable: row.unreadable(T::TABLE, id),
        })))
    }
}

/// All rows that the row with this key shows.
///
/// # Errors
/// As [`Db::fetch_all`].
pub async fn all<T: NestedRow>(db: &Db, key: impl Key) -> Result<Vec<Nested<T>>> {
    let key: Arg = key.into();
    let rows: Vec<Read<T>> = db.fetch_all(T::SQL, crate::args![key.clone(), key, i64::MAX]).await?;
    Ok(rows.into_iter().filter_map(|Read(row)| row).collect())
}

/// The one row that the row with this key shows, if there is one.
///
/// # Errors
/// As [`Db::fetch_all`].
pub async fn one<T: NestedRow>(db: &Db, key: impl Key) -> Result<Option<Nested<T>>> {
    Ok(all(db, key).await?.pop())
}
