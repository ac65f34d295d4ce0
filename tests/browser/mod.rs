//! The pages as a person meets them: in Chromium, against the built program.

mod account;
mod admin;
mod app_tokens;
mod below_a_path;
mod clients;
mod docs;
mod fake;
mod form_values;
mod forms;
mod hostile;
mod keys;
mod links;
mod lists;
mod look;
mod members;
mod nested;
mod parity;
mod pictures;
mod visit;

pub use poem_scaffold::testing::browser::{driver, person, resource};
