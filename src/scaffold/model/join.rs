//! The join table of a field that links rows to any number of others.

use serde::{Deserialize, Serialize};

/// What a join table and its columns are called, as far as that is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinNames {
    /// The table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The column of the row that is linked, and that of the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<[String; 2]>,
}

impl JoinNames {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
