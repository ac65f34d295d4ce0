//! The pool, and the three engines' differences in statements, arguments and columns.
//!
//! Statements are fixed texts with `?` for each argument. Nothing here knows a table of the application.

mod aggregate;
mod any_key;
mod arg;
pub(crate) mod catalogue;
mod cell;
mod clock;
mod column;
mod composed;
mod connection;
pub(crate) mod copy;
mod database;
mod decimal;
mod engine;
mod insertion;
mod key;
mod links;
mod lock;
pub(crate) mod migrations;
mod mysql;
mod numeric;
mod other_programs;
mod outage;
mod pages;
mod pool;
mod postgres;
mod purpose;
mod server_address;
mod sqlite;
mod table_queues;
mod transaction;
mod unreadable;
mod violation;

pub use any_key::AnyKey;
pub use arg::{Arg, NO_ROW};
pub use cell::Cell;
pub(crate) use clock::now;
pub use column::{Column, FromRow, Row};
pub use database::Db;
pub use decimal::Decimal;
pub use engine::Engine;
pub use key::{Key, new_uuid};
pub use links::Links;
pub use outage::{is_outage, not_reached_yet};
pub use pages::Pages;
pub use unreadable::{Unreadable, name_once};
