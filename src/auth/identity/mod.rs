//! Who a row of the users table is, and what is noted of its id in `poem_scaffold_accounts`.

pub mod comparison;
pub mod models;
