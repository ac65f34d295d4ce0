//! The key of a table.

use serde::{Deserialize, Serialize};

use crate::scaffold::types::Kind;

/// The key of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableKey {
    /// Its column.
    pub column: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: KeyKind,
    /// Whether the database or the server makes it, and not who sends the document.
    pub is_made: bool,
}

impl TableKey {
    /// The column of a key where nothing else is said.
    pub const ID: &str = "id";
}

/// The type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// A number of 32 bits, which the database counts.
    Integer,
    /// A number of 64 bits, which the database counts.
    BigInteger,
    /// A text.
    String,
    /// A UUID.
    Uuid,
}

impl KeyKind {
    /// What definitions call them.
    pub const NAMES: [&'static str; 4] = ["integer", "biginteger", "string", "uuid"];

    /// Reads what a definition says.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "integer" => Self::Integer,
            "biginteger" => Self::BigInteger,
            "string" => Self::String,
            "uuid" => Self::Uuid,
            _ => return None,
        })
    }

    /// The type of a field that refers to such a key.
    pub fn referring(self) -> Kind {
        match self {
            Self::Integer => Kind::References(String::new()),
            Self::BigInteger => Kind::BigInteger,
            Self::String => Kind::String,
            Self::Uuid => Kind::Uuid,
        }
    }

    /// Whether the database counts it.
    pub fn is_counted(self) -> bool {
        matches!(self, Self::Integer | Self::BigInteger)
    }
}
