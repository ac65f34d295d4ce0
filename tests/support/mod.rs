//! What every test stands on: a server process, private databases, SQL, and a raw HTTP client.
//!
//! Nothing here knows what the server ought to answer.

pub mod http;
pub mod mail;
pub mod path_proxy;
pub mod project;
pub mod proxy;
pub mod server;
pub mod services;
pub mod sql;
pub mod vectors;
