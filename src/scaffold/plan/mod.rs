//! What a run changes in a project; found out in memory, before anything is written.
//!
//! [`outcome`] is what a run comes to, `draft` the files on the way there, `checks` what cannot be done, and `planner` the
//! runs themselves.

mod checks;
mod draft;
mod joins;
mod nesting;
mod outcome;
mod planner;
mod registration;

pub use outcome::{Action, Former, Plan};
pub use planner::Planner;
