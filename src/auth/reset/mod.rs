//! Forgotten passwords: a link by mail, and a new password for its token.

pub mod issuer;
mod models;
pub mod requests;
