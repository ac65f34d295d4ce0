//! What a definition says of an attribute with rows of another resource.

use serde::{Deserialize, Serialize};

use crate::error::Span;

/// What a definition says of nested rows, but for whose they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NestedOptions {
    /// The reference that says which rows they are: a field of the resource or of the other, `reviews.author_id` for one that
    /// is the other's in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Word>,
    /// The attributes of the other that are shown; all where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<Word>,
}

/// A word of a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Word {
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        let span = Span::default();
        Self { text, span }
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.text
    }
}
