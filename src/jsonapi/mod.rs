//! JSON bodies and JSON:API documents, read and written as the originals did.

pub mod attribute;
pub mod body;
pub mod document;
pub mod fields;
pub mod integer;
pub mod list;
pub mod nullable;
pub mod resource;
pub mod values;
