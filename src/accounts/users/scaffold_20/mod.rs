//! Users with notes of who made and changed them (Flask-Scaffold 2.0).

pub mod models;
pub mod views;
