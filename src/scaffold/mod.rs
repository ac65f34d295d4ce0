//! From a YAML file to the modules of protected resources.
//!
//! [`definition`] reads the file and checks what it asks for, `render` fills the templates, [`plan`] finds out what changes
//! in the project, and [`changes`] makes the changes: all of them or none.

mod bounds;
pub mod changes;
pub mod codes;
mod columns;
mod context;
mod controls;
mod defaults;
pub mod definition;
mod engine;
mod examples;
mod identifier;
mod join;
pub mod lists;
mod lockfile;
mod merge;
pub mod model;
pub mod names;
mod nested;
mod nesting;
pub mod new;
mod notes;
mod order;
mod owed;
mod paths;
pub mod plan;
mod program;
pub mod project;
pub mod record;
mod render;
mod reserved;
mod rustfmt;
pub mod skeleton;
pub mod source;
mod spelling;
mod synonyms;
mod target;
pub mod types;
mod user_list;
mod users;
mod view;
mod words;
