//! JSON bodies and JSON:API documents, read and written as the originals did.

pub mod attribute;
pub(crate) mod body;
pub mod document;
pub mod fields;
pub(crate) mod integer;
pub(crate) mod list;
pub mod nullable;
pub mod resource;
pub mod values;
