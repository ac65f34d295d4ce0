//! What every test stands on beside the library's `testing`: the program, mails, proxies, projects and vectors.
//!
//! Nothing here knows what the server ought to answer.

pub mod listening;
pub mod mail;
pub mod members;
pub mod path_proxy;
mod program;
pub mod project;
pub mod proxy;
pub mod scaffolded;
mod self_check;
pub mod terminal;
pub mod vectors;

pub use poem_scaffold::testing::{http, server, services, sql};
pub use program::{cargo_command, keys_program, program};
