//! From a YAML file to the modules of protected resources.
//!
//! [`yaml`] reads the file, [`blueprint`] checks what it asks for, `render` fills the templates, [`plan`] finds out what
//! changes in the project, and [`changes`] makes the changes: all of them or none.

pub mod blueprint;
pub mod changes;
mod controls;
mod kinds;
pub mod lists;
mod lockfile;
mod merge;
pub mod names;
pub mod new;
mod notes;
mod paths;
pub mod plan;
pub mod project;
mod render;
mod shorthand;
pub mod skeleton;
mod table;
pub mod yaml;
