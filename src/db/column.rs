//! Reads columns of the three engines into the same Rust types.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;
use sqlx::{Row as _, TypeInfo, ValueRef, mysql::MySqlRow, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use crate::error::Result;

/// A row of whichever engine.
pub enum Row {
    /// From an SQLite file.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
    /// From MySQL or MariaDB.
    MySql(MySqlRow),
}

impl Row {
    /// The value of the column `name`.
    ///
    /// # Errors
    /// [`crate::error::Error::Database`] if there is no such column, or its value is NULL or of another kind.
    pub fn get<T: Column>(&self, name: &str) -> Result<T> {
        let value = self.get_nullable(name)?;
        value.ok_or_else(|| {
            sqlx::Error::ColumnDecode {
                index: name.to_owned(),
                source: Box::new(sqlx::error::UnexpectedNullError),
            }
            .into()
        })
    }

    /// The value of the column `name`, `None` for NULL.
    ///
    /// # Errors
    /// As [`Row::get`], without NULL.
    pub fn get_nullable<T: Column>(&self, name: &str) -> Result<Option<T>> {
        Ok(match self {
            Row::Sqlite(row) => T::from_sqlite(row, name)?,
            Row::Postgres(row) => T::from_postgres(row, name)?,
            Row::MySql(row) => T::from_mysql(row, name)?,
        })
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

/// A type that a column is read into; NULL is `None`.
pub trait Column: Sized {
    /// From SQLite, whose columns hold any type whatever they were declared as.
    fn from_sqlite(row: &SqliteRow, name: &str) -> Result<Option<Self>, sqlx::Error>;
    /// From PostgreSQL.
    fn from_postgres(row: &PgRow, name: &str) -> Result<Option<Self>, sqlx::Error>;
    /// From MySQL or MariaDB.
    fn from_mysql(row: &MySqlRow, name: &str) -> Result<Option<Self>, sqlx::Error>;
}

macro_rules! column {
    ($($rust:ty),*) => {$(
        impl Column for $rust {
            fn from_sqlite(row: &SqliteRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
                row.try_get_unchecked(name)
            }

            fn from_postgres(row: &PgRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
                row.try_get(name)
            }

            fn from_mysql(row: &MySqlRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
                // Truth values come as numbers, texts under any collation.
                row.try_get_unchecked(name)
            }
        }
    )*};
}
column!(bool, f64, String, NaiveDate, NaiveDateTime);

impl Column for i64 {
    fn from_sqlite(row: &SqliteRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        row.try_get_unchecked(name)
    }

    /// The driver reads each width of integer into its own Rust type only.
    fn from_postgres(row: &PgRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        let width = row.try_get_raw(name)?.type_info().name().to_owned();
        Ok(match width.as_str() {
            "INT2" => row.try_get::<Option<i16>, _>(name)?.map(Into::into),
            "INT4" => row.try_get::<Option<i32>, _>(name)?.map(Into::into),
            _ => row.try_get(name)?,
        })
    }

    fn from_mysql(row: &MySqlRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        row.try_get_unchecked(name)
    }
}

impl Column for i32 {
    fn from_sqlite(row: &SqliteRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        narrow(i64::from_sqlite(row, name)?, name)
    }

    fn from_postgres(row: &PgRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        narrow(i64::from_postgres(row, name)?, name)
    }

    fn from_mysql(row: &MySqlRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        narrow(i64::from_mysql(row, name)?, name)
    }
}

fn narrow(value: Option<i64>, name: &str) -> Result<Option<i32>, sqlx::Error> {
    let narrowed = value.map(i32::try_from).transpose();
    narrowed.map_err(|error| unreadable(name, error))
}

/// Text in SQLite and MySQL, which have no such type.
impl Column for Uuid {
    fn from_sqlite(row: &SqliteRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        let text = String::from_sqlite(row, name)?;
        text.map(|text| text.parse())
            .transpose()
            .map_err(|error| unreadable(name, error))
    }

    fn from_postgres(row: &PgRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        row.try_get(name)
    }

    fn from_mysql(row: &MySqlRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        let text = String::from_mysql(row, name)?;
        text.map(|text| text.parse())
            .transpose()
            .map_err(|error| unreadable(name, error))
    }
}

/// Text in SQLite and MariaDB, whose `json` is another name for it.
impl Column for Value {
    fn from_sqlite(row: &SqliteRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        parsed(String::from_sqlite(row, name)?, name)
    }

    fn from_postgres(row: &PgRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        row.try_get(name)
    }

    fn from_mysql(row: &MySqlRow, name: &str) -> Result<Option<Self>, sqlx::Error> {
        parsed(String::from_mysql(row, name)?, name)
    }
}

fn parsed(text: Option<String>, name: &str) -> Result<Option<Value>, sqlx::Error> {
    let value = text.map(|text| serde_json::from_str(&text)).transpose();
    value.map_err(|error| unreadable(name, error))
}

fn unreadable(name: &str, source: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: name.to_owned(),
        source: Box::new(source),
    }
}
