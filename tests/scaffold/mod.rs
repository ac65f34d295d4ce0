//! `scaffold` and `destroy`: what they refuse, what they write, what they keep, and what becomes of it when built.

mod apps;
mod arguments;
mod build;
mod edits;
mod examples;
mod explain;
mod faults;
mod hostile;
mod kill;
mod lifecycle;
mod links;
mod locked;
mod members;
mod mistakes;
mod names;
mod nested;
mod new;
mod own_names;
mod project;
mod random;
mod records;
mod resolve;
mod tables;
mod types;
mod upgrade;
mod values;
pub mod wide;
