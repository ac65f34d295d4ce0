//! JSON bodies and JSON:API documents, read and written as the originals did.

pub(crate) mod attributes;
pub(crate) mod body;
pub mod document;
pub(crate) mod list;
pub mod resource;
mod schema;

// Under these names projects have them.
pub use crate::fields::{self, attribute, nullable, values};
