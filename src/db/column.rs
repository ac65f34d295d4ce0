//! Reads columns of the three engines into the same Rust types.
//!
//! A value that cannot be read never hides its row: it is read as its type's default, and noted.

use std::cell::RefCell;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value;
use sqlx::{Column as _, Row as _, mysql::MySqlRow, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    any_key::AnyKey,
    cell::{Cell, moment_in, moment_of_julian_day, moment_of_seconds},
    unreadable::{self, Unreadable},
};
use crate::error::{Error, Result};

/// A row of any of the engines.
pub struct Row {
    cells: Cells,
    unreadable: RefCell<Vec<Unreadable>>,
}

enum Cells {
    Sqlite(SqliteRow),
    Postgres(PgRow),
    MySql(MySqlRow),
}

macro_rules! row_from {
    ($($driver:ty => $variant:ident),*) => {$(
        impl From<$driver> for Row {
            fn from(row: $driver) -> Self {
                Self { cells: Cells::$variant(row), unreadable: RefCell::default() }
            }
        }
    )*};
}
row_from!(SqliteRow => Sqlite, PgRow => Postgres, MySqlRow => MySql);

impl Row {
    /// The value of the column `name`; its type's default, and a note of it, if what is stored cannot be read.
    ///
    /// # Errors
    /// [`Error::Internal`] if there is no such column.
    pub fn get<T: Column + Default>(&self, name: &str) -> Result<T> {
        Ok(self.read(name)?.unwrap_or_default())
    }

    /// The value of the column `name`, `None` for NULL; `None` with a note if what is stored cannot be read.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn get_nullable<T: Column>(&self, name: &str) -> Result<Option<T>> {
        Ok(self.read::<Option<T>>(name)?.flatten())
    }

    /// The value of the column `id`, which every row must have.
    ///
    /// # Errors
    /// [`Error::Internal`] if it is not a number.
    pub fn id(&self) -> Result<i64> {
        let cell = self.cell(self.position("id")?)?;
        i64::from_cell(&cell).ok_or_else(|| Error::Internal("the id of a row is not a number".to_owned()))
    }

    /// The values of this row that could not be read, for the log.
    pub fn unreadable(&self, table: &str, id: impl Into<AnyKey>) -> Vec<Unreadable> {
        let (found, id) = (self.unreadable.take(), id.into());
        for Unreadable { column, .. } in &found {
            unreadable::name_once(table, column, &id);
        }
        found
    }

    /// The position of the column `name`.
    ///
    /// SQLite gives a column the name that its table has, whose letters may be of another case.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn position(&self, name: &str) -> Result<usize> {
        Ok(match &self.cells {
            Cells::Sqlite(row) => {
                let is_same = |column: &&sqlx::sqlite::SqliteColumn| column.name().eq_ignore_ascii_case(name);
                match row.columns().iter().find(is_same) {
                    Some(column) => column.ordinal(),
                    None => row.try_column(name)?.ordinal(),
                }
            }
            Cells::Postgres(row) => row.try_column(name)?.ordinal(),
            Cells::MySql(row) => row.try_column(name)?.ordinal(),
        })
    }

    /// The cell at a position.
    ///
    /// # Errors
    /// [`Error::Internal`] if the row is shorter.
    pub fn cell(&self, position: usize) -> Result<Cell<'_>> {
        Ok(match &self.cells {
            Cells::Sqlite(row) => Cell::of_sqlite(row.try_get_raw(position)?),
            Cells::Postgres(row) => Cell::of_postgres(&row.try_get_raw(position)?),
            Cells::MySql(row) => Cell::of_mysql(row.try_get_raw(position)?),
        })
    }

    fn read<T: Column>(&self, name: &str) -> Result<Option<T>> {
        let cell = self.cell(self.position(name)?)?;
        let value = T::from_cell(&cell);
        if value.is_none() {
            let column = name.to_owned();
            let text = T::own_text(&cell);
            self.unreadable.borrow_mut().push(Unreadable { column, text });
        }
        Ok(value)
    }
}

/// A type that is made from a row of a query.
pub trait FromRow: Sized + Send {
    /// Reads the columns it needs by name.
    ///
    /// # Errors
    /// As [`Row::get`].
    fn from_row(row: &Row) -> Result<Self>;
}

impl FromRow for String {
    /// The text of the column `column_name`.
    fn from_row(row: &Row) -> Result<Self> {
        row.get("column_name")
    }
}

impl FromRow for i64 {
    /// The number of the column `id`.
    fn from_row(row: &Row) -> Result<Self> {
        row.id()
    }
}

/// A type that a column is read into.
pub trait Column: Sized {
    /// Whether its JSON is a text: then the database's own text is shown for a value that cannot be read.
    const IS_TEXT: bool;

    /// The value of a cell; `None` if it cannot be read as one.
    fn from_cell(cell: &Cell<'_>) -> Option<Self>;

    /// What is shown in place of a cell that cannot be read; `None` is null.
    fn own_text(cell: &Cell<'_>) -> Option<String> {
        let text = cell.text().filter(|text| Self::IS_TEXT && !text.is_empty())?;
        Some(text.into_owned())
    }
}

/// A column that may be NULL.
impl<T: Column> Column for Option<T> {
    const IS_TEXT: bool = T::IS_TEXT;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

impl Column for String {
    const IS_TEXT: bool = true;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        cell.text().map(Into::into)
    }
}

impl Column for i64 {
    const IS_TEXT: bool = false;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Integer(number) => Some(*number),
            Cell::Boolean(truth) => Some((*truth).into()),
            // The upper bound itself does not fit.
            Cell::Float(number) => (number.fract() == 0.0 && (-(2_f64.powi(63))..2_f64.powi(63)).contains(number))
                .then_some(*number as i64),
            Cell::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

impl Column for i32 {
    const IS_TEXT: bool = false;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        i64::from_cell(cell)?.try_into().ok()
    }
}

impl Column for bool {
    const IS_TEXT: bool = false;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        i64::from_cell(cell).map(|number| number != 0)
    }
}

/// JSON has no number for infinity or NaN.
impl Column for f64 {
    const IS_TEXT: bool = false;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        let number = match cell {
            Cell::Float(number) => *number,
            Cell::Integer(number) => *number as f64,
            Cell::Text(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }
}

impl Column for NaiveDateTime {
    const IS_TEXT: bool = true;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Moment(moment) => Some(*moment),
            Cell::Day(day) => Some(day.and_time(NaiveTime::MIN)),
            Cell::Text(text) => moment_in(text),
            Cell::Integer(seconds) => moment_of_seconds(*seconds),
            Cell::Float(day) => moment_of_julian_day(*day),
            _ => None,
        }
    }
}

impl Column for NaiveDate {
    const IS_TEXT: bool = true;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Day(day) => Some(*day),
            Cell::Moment(moment) => Some(moment.date()),
            Cell::Text(text) if text.len() == 10 => moment_in(&format!("{text} 00:00")).map(|moment| moment.date()),
            Cell::Text(text) => moment_in(text).map(|moment| moment.date()),
            _ => None,
        }
    }
}

impl Column for NaiveTime {
    const IS_TEXT: bool = true;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Time(time) => Some(*time),
            Cell::Moment(moment) => Some(moment.time()),
            Cell::Text(text) => {
                let formats = ["%H:%M:%S%.f", "%H:%M"];
                formats
                    .iter()
                    .find_map(|format| Self::parse_from_str(text, format).ok())
            }
            _ => None,
        }
    }
}

/// A JSON text in SQLite and MySQL, and as our [`Cell`]s have PostgreSQL's.
impl Column for Vec<String> {
    const IS_TEXT: bool = false;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }
}

/// Text in SQLite and MySQL, which have no such type.
impl Column for Uuid {
    const IS_TEXT: bool = true;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Uuid(uuid) => Some(*uuid),
            Cell::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// Text in SQLite and MariaDB, where `json` is an alias of text; in SQLite's columns that are declared as `JSON`, a text
/// that looks like a number is stored as one.
impl Column for Value {
    const IS_TEXT: bool = false;

    fn from_cell(cell: &Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => serde_json::from_str(text).ok(),
            Cell::Integer(number) => Some((*number).into()),
            Cell::Float(number) => serde_json::Number::from_f64(*number).map(Value::Number),
            _ => None,
        }
    }
}
