//! The pages as a person meets them: in Chromium, against the built program.

mod account;
mod admin;
mod clients;
mod docs;
mod driver;
mod fake;
mod forms;
mod hostile;
mod list_and_form;
mod person;
pub mod resource;
