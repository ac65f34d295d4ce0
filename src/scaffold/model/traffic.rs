//! Who gives the values of a field, who gets them, and what becomes of them without it.

use serde::{Deserialize, Serialize};

/// What becomes of a row when the row that it refers to is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDelete {
    /// That row cannot be deleted.
    #[default]
    Restrict,
    /// It is deleted too.
    Cascade,
    /// It refers to nothing.
    SetNull,
}

impl OnDelete {
    /// What definitions call them.
    pub const NAMES: [&'static str; 3] = ["restrict", "cascade", "set null"];

    /// Reads what a definition says.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "restrict" => Self::Restrict,
            "cascade" => Self::Cascade,
            "set null" => Self::SetNull,
            _ => return None,
        })
    }

    /// As SQL has it, with a blank before it; empty for what every engine does anyway.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Restrict => "",
            Self::Cascade => " on delete cascade",
            Self::SetNull => " on delete set null",
        }
    }

    pub(super) fn is_restrict(&self) -> bool {
        *self == Self::Restrict
    }
}

/// Who gives the values of a field, and who gets them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// The direction of its values.
    #[serde(default, skip_serializing_if = "Direction::is_both")]
    pub direction: Direction,
    /// Whether it stays what it was when the row was made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_immutable: bool,
    /// Whether the server sets it to the present with each change that does not name it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follows_changes: bool,
    /// Whether its column has an index.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_index: bool,
    /// Whether its default is the column's, which the database fills in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_filled_by_database: bool,
}

/// The direction of a field's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Documents have them, and answers too.
    #[default]
    Both,
    /// Only answers have them.
    ReadOnly,
    /// Only documents have them.
    WriteOnly,
    /// Documents have them; they are checked, and stored nowhere.
    Unstored,
}

impl Direction {
    pub(super) fn is_both(&self) -> bool {
        *self == Self::Both
    }
}
