//! The pages as a person meets them, in Chromium.

pub mod driver;
pub mod person;
pub mod resource;
mod users;

pub use resource::{its_pages_work, its_pages_work_at};
pub use users::users_pages_work;
