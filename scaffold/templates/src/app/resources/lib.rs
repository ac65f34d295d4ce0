//! [[ Many ]]; made by `poem-scaffold scaffold`, and yours to change.

pub mod models;
pub mod views;
