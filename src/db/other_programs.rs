//! Allows for other programs on the same database: they use its time zone, and may not enforce its foreign keys.

use super::{
    column::{FromRow, Row},
    database::{Db, Lease},
    engine::Engine,
    pool::AccessMode,
};
use crate::{args, error::Result};

/// The driver starts sessions in UTC, which hides the zone that others get. Only a superuser can read the server's own
/// configuration, but `initdb` writes the same zone into the setting for the log.
const USE_OWN_TIME_ZONE: &str = "
    select set_config('TimeZone', coalesce(
        (select substr(setting, 10)
         from pg_db_role_setting s, unnest(s.setconfig) setting
         where lower(setting) like 'timezone=%'
           and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
           and s.setrole in (0, (select oid from pg_roles where rolname = session_user))
         order by s.setrole <> 0 desc, s.setdatabase <> 0 desc
         limit 1),
        current_setting('log_timezone')), true) as column_name";

/// The foreign keys of SQLite's tables that are set to null when a row of the table is deleted.
const SET_NULL_REFERENCES: &str = r#"
    select m.name as table_name, f."from" as column_name
    from sqlite_master m, pragma_foreign_key_list(m.name) f
    where m.type = 'table' and f."table" = ? collate nocase and f.on_delete = 'SET NULL'"#;

struct ForeignKey {
    table: String,
    column: String,
}

impl FromRow for ForeignKey {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            table: row.get("table_name")?,
            column: row.get("column_name")?,
        })
    }
}

impl Db {
    /// Has this transaction convert times in the zone that PostgreSQL is set to, which other programs get.
    ///
    /// # Errors
    /// [`crate::error::Error::Database`].
    pub async fn use_own_time_zone(&self) -> Result<()> {
        if self.engine() == Engine::Postgres {
            self.fetch_all::<String>(USE_OWN_TIME_ZONE, args![]).await?;
        }
        Ok(())
    }

    /// Does what the foreign keys to the deleted row `id` of `table` ask for by `on delete set null`.
    ///
    /// Only SQLite leaves that to the program that deletes, and SQLAlchemy does not do it.
    ///
    /// # Errors
    /// [`crate::error::Error::Database`].
    pub async fn set_references_null(&self, table: &str, id: i64) -> Result<()> {
        if self.engine() != Engine::Sqlite {
            return Ok(());
        }
        let keys: Vec<ForeignKey> = self.fetch_all(SET_NULL_REFERENCES, args![table]).await?;
        for ForeignKey { table, column } in &keys {
            let update = async |mut lease: Lease| lease.connection()?.set_null(table, column, id).await;
            self.statement(AccessMode::Write, SET_NULL_REFERENCES, update).await?;
        }
        Ok(())
    }
}
