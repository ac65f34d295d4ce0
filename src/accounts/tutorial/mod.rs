//! The tutorial's list of users.

pub mod models;
pub mod views;
