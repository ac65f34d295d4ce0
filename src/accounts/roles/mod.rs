//! The roles that users can have (Flask-Scaffold 1.0).

pub mod models;
pub mod views;
