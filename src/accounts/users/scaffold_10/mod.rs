//! Users with a role, whom an administrator can switch off (Flask-Scaffold 1.0).

pub mod active;
pub mod models;
pub mod views;
