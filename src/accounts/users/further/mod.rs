//! Attributes that a project's users have beyond those of the originals.
//!
//! They are described at run time, not by types: the routes on users are compiled with the library, and a project hands over
//! a list. What depends on it alone, such as statements, is made once per process.

pub mod answers;
pub mod columns;
pub mod documents;
mod field;
mod list;
pub mod models;
pub mod pages;
pub mod values;

pub use field::{SignUp, UserField, Who};
pub use list::install;
