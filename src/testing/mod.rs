//! What the tests of a project stand on: its program as a process, private databases, HTTP, and pages in Chromium.
//!
//! Nothing of it is product code: what goes wrong here panics, and so fails a test.

mod api;
#[cfg(feature = "browser")]
pub mod browser;
pub mod http;
#[doc(hidden)]
pub mod inside;
pub mod links;
mod needed;
pub mod nested;
pub mod server;
pub mod services;
pub mod sql;
pub mod users;

pub use api::{
    Api, PASSWORD, attributes, call, cheap, id_of, id_refused, key_of, log_in, on_each_database, on_each_engine,
    refused, row_path, run, segment, token, with, with_id, without, without_id,
};
