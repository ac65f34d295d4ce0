//! poem-scaffold: the Flask JWT tutorial app and Flask-Scaffold, answered from Rust, and what projects are made of.
//!
//! A project hands its [`App`] to [`run`]; its resources are made of [`db`], [`error`], [`jsonapi`], which has what is in
//! [`fields`] too, and [`auth::guard`]. Nothing else is public. The rooms, and what each may import, are described in
//! ARCHITECTURE.md. A request enters through `web::gateway`, is routed by `routes::create_app`, guarded by
//! [`auth::guard`] and answered by a handler in `accounts/` or in a project's `src/app/<resources>/views.rs`.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate self as poem_scaffold;

mod accounts;
pub mod auth;
mod cli;
mod config;
mod connector;
pub mod db;
mod embedded;
pub mod error;
pub mod fields;
mod flask;
pub mod jsonapi;
mod mail;
mod parity;
mod project;
mod routes;
mod scaffold;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod web;

pub use accounts::users::further::{SignUp, UserField, Who};
pub use cli::run;
pub use embedded::Files;
// A project's code has these crates from here, in the versions that the library is built with.
pub use poem;
pub use poem_openapi;
pub use project::App;

#[doc(hidden)]
pub use rust_embed;
pub use serde_json;
pub use uuid;
