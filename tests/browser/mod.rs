//! The pages as a person meets them: in Chromium, against the built program.

mod account;
mod admin;
mod below_a_path;
mod clients;
mod docs;
mod fake;
mod forms;
mod hostile;
mod list_and_form;
mod look;

pub use poem_scaffold::testing::browser::{driver, person, resource};
