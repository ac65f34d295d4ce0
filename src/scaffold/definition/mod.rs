//! Definitions of resources as people write them, in YAML or on the command line: what they say, and all that is wrong
//! with them.

mod access;
pub mod blueprint;
mod entries;
mod kinds;
mod layout;
pub mod naming;
mod options;
mod reader;
mod repair;
pub mod shorthand;
mod trial;
mod yaml;
