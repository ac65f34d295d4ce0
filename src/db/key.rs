//! The types that a table's key may have: integers, texts and UUIDs.

use std::fmt::Debug;

use poem_openapi::types::{ToJSON, Type};
use uuid::{Builder, Uuid};

use super::{
    any_key::AnyKey,
    arg::Arg,
    cell::Cell,
    column::{Column, Row},
};
use crate::error::{Error, Result};

/// The type of a table's key, which queries give the name `id`: `select id_user as id, …`.
pub trait Key: Column + Type + ToJSON + Into<Arg> + Into<AnyKey> + Clone + Debug + Send + 'static {
    /// A key that no other comes before.
    fn least() -> Self;

    /// The key in a cell as the database has it, and compares it with others; `None` for what cannot be a key.
    fn stored(cell: &Cell<'_>) -> Option<Arg> {
        Self::from_cell(cell).map(Into::into)
    }
}

impl Key for i64 {
    fn least() -> Self {
        i64::MIN
    }
}

/// In the order of the column's collation, whose first text is always the empty one.
impl Key for String {
    fn least() -> Self {
        String::new()
    }
}

impl Key for Uuid {
    fn least() -> Self {
        Uuid::nil()
    }

    /// SQLite and MySQL have texts, which others may have written with capitals.
    fn stored(cell: &Cell<'_>) -> Option<Arg> {
        match cell {
            Cell::Text(text) => Some(text.clone().into_owned().into()),
            cell => Self::from_cell(cell).map(Into::into),
        }
    }
}

impl Row {
    /// The key of the row: the value of the column `id`, which every row must have.
    ///
    /// # Errors
    /// [`Error::Internal`] if it is missing or of another type.
    pub fn key<K: Key>(&self) -> Result<K> {
        let cell = self.cell(self.position("id")?)?;
        K::from_cell(&cell).ok_or_else(|| Error::Internal("the key of a row is missing or of another type".to_owned()))
    }
}

/// A new random UUID (version 4), for a table that has one as its key.
///
/// # Errors
/// [`Error::Internal`] if the system has no random bytes.
pub fn new_uuid() -> Result<Uuid> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| Error::Internal(format!("no random bytes: {error}")))?;
    Ok(Builder::from_random_bytes(random).into_uuid())
}
