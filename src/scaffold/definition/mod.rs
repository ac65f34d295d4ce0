//! Definitions of resources as people write them, in YAML or on the command line: what they say, and all that is wrong
//! with them.

mod access;
pub mod arguments;
pub mod blueprint;
mod entries;
mod keys;
mod kinds;
mod layout;
mod many;
pub mod naming;
mod nested;
mod options;
mod reader;
mod repair;
mod resource;
mod rules;
pub mod settings;
pub mod shorthand;
mod traffic;
mod trial;
mod users;
mod yaml;
