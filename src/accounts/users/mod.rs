//! The users of the app, as each Flask-Scaffold has them.

pub mod further;
pub mod scaffold_10;
pub mod scaffold_20;
