//! Who is calling: tokens, password hashes, the guard of protected handlers, and logging in.

pub(crate) mod active_column;
pub(crate) mod bearer;
pub(crate) mod callers;
pub(crate) mod changes;
mod claims;
mod costs;
pub(crate) mod credentials;
pub(crate) mod dialects;
pub mod guard;
mod hs256;
pub(crate) mod identity;
pub(crate) mod login;
pub(crate) mod models;
pub(crate) mod outbox;
pub(crate) mod passwords;
mod queue;
pub(crate) mod reset;
pub(crate) mod throttle;
pub(crate) mod tokens;
