//! poem-scaffold: the Flask JWT tutorial app and Flask-Scaffold, answered from Rust.
//!
//! The rooms, and what each may import, are described in ARCHITECTURE.md. A request enters through
//! [`web::gateway`], is routed by [`app::create_app`], guarded by [`auth::guard`] and answered by
//! a handler in `app/<resources>/views.rs`.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod db;
pub mod error;
pub mod flask;
pub mod jsonapi;
pub mod mail;
pub mod scaffold;
pub mod text;
pub mod web;
