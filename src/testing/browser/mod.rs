//! The pages as a person meets them, in Chromium.

pub mod driver;
pub mod person;
pub mod resource;

pub use resource::{its_pages_work, its_pages_work_at};
