//! From a YAML file to the modules of protected resources.
//!
//! [`yaml`] reads the file, [`blueprint`] checks what it asks for, `render` fills the templates, [`plan`] finds out what
//! changes in the project, and [`changes`] makes the changes: all of them or none.

mod access;
pub mod blueprint;
mod bounds;
pub mod changes;
pub mod codes;
mod columns;
mod context;
mod controls;
mod defaults;
mod engine;
mod entries;
mod examples;
mod kinds;
mod layout;
pub mod lists;
mod lockfile;
mod merge;
pub mod model;
pub mod names;
mod naming;
pub mod new;
mod notes;
mod order;
mod paths;
pub mod plan;
pub mod project;
mod reader;
pub mod record;
mod render;
mod repair;
mod reserved;
mod rustfmt;
mod shorthand;
pub mod skeleton;
pub mod source;
mod synonyms;
mod table;
pub mod types;
mod view;
mod words;
pub mod yaml;
