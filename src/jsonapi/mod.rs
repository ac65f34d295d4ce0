//! JSON bodies and JSON:API documents, read and written as the originals did.

pub(crate) mod attributes;
pub(crate) mod body;
// Open for the code of older projects, which names the modules too.
#[doc(hidden)]
pub mod document;
pub(crate) mod list;
mod members;
pub mod nested;
mod nesting;
#[doc(hidden)]
pub mod resource;
mod schema;

pub use document::{Attributes, ClientId, Document, FromAttributes};
pub use resource::{Created, Deleted, Found, Identified, Listed, Resource};

// Under these names projects have them.
pub use crate::fields::{
    self, attribute,
    nullable::{self, Changed, Nullable},
    values,
};
