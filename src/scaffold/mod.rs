//! From a YAML file to the modules of protected resources.
//!
//! [`yaml`] reads the file, [`blueprint`] checks what it asks for, `render` fills the templates, [`plan`] finds out what
//! changes in the project, and [`changes`] makes the changes: all of them or none.

pub mod blueprint;
mod bounds;
pub mod changes;
mod columns;
mod context;
mod controls;
mod defaults;
mod engine;
mod examples;
pub mod lists;
mod lockfile;
mod merge;
pub mod model;
pub mod names;
pub mod new;
mod notes;
mod order;
mod paths;
pub mod plan;
pub mod project;
pub mod record;
mod render;
mod reserved;
mod rustfmt;
mod shorthand;
pub mod skeleton;
pub mod source;

mod table;
pub mod types;
mod view;
mod words;
pub mod yaml;
