//! Writes attributes straight from the cells of their columns, which is what long lists are made of.

use std::io::Write;

use chrono::NaiveDateTime;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{Cell, Column, Row},
    error::Result,
    flask::datetime::isoformat,
};

/// An attribute of a resource as lists show it.
pub struct Attribute {
    name: &'static str,
    source: ValueSource,
}

impl Attribute {
    /// The attribute's name, which is also its column's.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where its column stands in a row; that of an attribute without one is nowhere.
    pub(crate) fn position_in(&self, row: &Row) -> Result<usize> {
        match self.source {
            ValueSource::Column { .. } => row.position(self.name),
            ValueSource::Constant(_) => Ok(0),
        }
    }

    /// Writes what a row has at this position; `false` if that cannot be read, and the database's own text is written.
    pub(crate) fn write(&self, row: &Row, position: usize, out: &mut Vec<u8>) -> Result<bool> {
        match &self.source {
            ValueSource::Constant(text) => write_json(*text, out),
            ValueSource::Column { write, own_text } => {
                let cell = row.cell(position)?;
                if !write(&cell, out) {
                    write_json(&Value::from(own_text(&cell)), out);
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

enum ValueSource {
    /// From the column of the same name.
    Column {
        write: fn(&Cell<'_>, &mut Vec<u8>) -> bool,
        own_text: fn(&Cell<'_>) -> Option<String>,
    },
    /// The same text for all rows.
    Constant(&'static str),
}

/// The attribute `name`, which is the column `name` read as a `T`.
pub const fn of<T: Shown>(name: &'static str) -> Attribute {
    let (write, own_text) = (T::write as _, T::own_text as _);
    Attribute {
        name,
        source: ValueSource::Column { write, own_text },
    }
}

/// An attribute that is the same for all rows.
pub const fn constant(name: &'static str, text: &'static str) -> Attribute {
    Attribute {
        name,
        source: ValueSource::Constant(text),
    }
}

/// A type of attribute that lists can show.
pub trait Shown: Column {
    /// Writes its JSON.
    fn show(&self, out: &mut Vec<u8>);

    /// Writes a cell's JSON; `false`, with nothing written, if it cannot be read.
    fn write(cell: &Cell<'_>, out: &mut Vec<u8>) -> bool {
        let value = Self::from_cell(cell);
        value.inspect(|value| value.show(out)).is_some()
    }
}

/// Writing into memory does not fail, nor do the values here.
pub(super) fn write_json(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, value);
}

impl Shown for String {
    fn show(&self, out: &mut Vec<u8>) {
        write_json(self, out);
    }

    fn write(cell: &Cell<'_>, out: &mut Vec<u8>) -> bool {
        cell.text().inspect(|text| write_json(&**text, out)).is_some()
    }
}

impl<T: Shown> Shown for Option<T> {
    fn show(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.show(out),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn write(cell: &Cell<'_>, out: &mut Vec<u8>) -> bool {
        match cell {
            Cell::Null => {
                out.extend_from_slice(b"null");
                true
            }
            cell => T::write(cell, out),
        }
    }
}

macro_rules! shown_as {
    ($($rust:ty => |$value:ident| $shown:expr;)*) => {$(
        impl Shown for $rust {
            fn show(&self, out: &mut Vec<u8>) {
                let $value = self;
                write_json($shown, out);
            }
        }
    )*};
}
shown_as! {
    bool => |value| value;
    i32 => |value| value;
    i64 => |value| value;
    f64 => |value| value;
    Value => |value| value;
    Vec<String> => |texts| texts;
    NaiveDateTime => |value| &isoformat(*value);
}

impl Shown for Uuid {
    fn show(&self, out: &mut Vec<u8>) {
        let _ = write!(out, "\"{self}\"");
    }
}
