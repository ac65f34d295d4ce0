//! The users of the app.

pub mod models;
pub mod views;
