//! The users of the three profiles: their routes, their roles, logging in and choosing a new password.

pub mod login;
pub mod models;
pub mod roles;
pub mod tutorial;
pub mod users;
