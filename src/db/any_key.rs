//! The key of a row whose type is only known when the row is read.

use std::fmt;

use uuid::Uuid;

/// A key of any of the types that a key may have.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum AnyKey {
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A UUID.
    Uuid(Uuid),
}

/// The key alone; a text in quotes and with escapes, as logs need it.
impl fmt::Debug for AnyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnyKey::Integer(key) => fmt::Display::fmt(key, formatter),
            AnyKey::Text(key) => fmt::Debug::fmt(key, formatter),
            AnyKey::Uuid(key) => fmt::Display::fmt(key, formatter),
        }
    }
}

impl From<i64> for AnyKey {
    fn from(key: i64) -> Self {
        AnyKey::Integer(key)
    }
}

impl From<String> for AnyKey {
    fn from(key: String) -> Self {
        AnyKey::Text(key)
    }
}

impl From<Uuid> for AnyKey {
    fn from(key: Uuid) -> Self {
        AnyKey::Uuid(key)
    }
}
