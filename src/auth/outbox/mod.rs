//! Reset mails wait in the database until they are handed in: none is lost when a process ends, however it does.

pub mod models;
pub mod rounds;
