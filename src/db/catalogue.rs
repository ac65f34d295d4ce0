//! Reads the columns of all tables from the engine's own catalogue in one query.
//!
//! Types are sorted into classes: what our statements can read and write depends on the class, not on the length.

use super::{
    column::{FromRow, Row},
    connection::Connection,
    engine::Engine,
};
use crate::error::{Error, Result};

/// What kind of values a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Whole numbers of any size.
    Integer,
    /// Truth values: `boolean`, and on MySQL `tinyint(1)` and `bit(1)`, which is what SQLAlchemy makes of `Boolean`.
    Boolean,
    /// Texts of any length.
    Text,
    /// Dates with a time, with or without zone.
    DateTime,
    /// Dates.
    Date,
    /// Times of day.
    Time,
    /// Decimal numbers.
    Decimal,
    /// Binary floating point numbers.
    Float,
    /// JSON of a type of its own.
    Json,
    /// UUIDs of a type of their own.
    Uuid,
    /// Lists of texts.
    Texts,
    /// SQLite's columns that were declared without a type, and hold any value.
    Any,
    /// Everything else.
    Other,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// The table's name, as it is stored.
    pub table: String,
    /// The column's name, as it is stored.
    pub name: String,
    /// What its values are.
    pub class: Class,
    /// Its type in the engine's own words, for messages.
    pub type_text: String,
    /// Whether it may be NULL.
    pub is_nullable: bool,
    /// Whether the database fills it where an insertion leaves it out: by a default or a counter.
    pub is_filled: bool,
    /// Whether the database computes it, and refuses any other value.
    pub is_generated: bool,
    /// The characters that it holds, where they are limited.
    pub max_chars: Option<i64>,
}

/// The columns of all tables that statements reach without naming a schema.
#[derive(Clone, Debug)]
pub struct Catalogue {
    engine: Engine,
    /// Whether `Users` and `users` are the same table to the server.
    folds_tables: bool,
    columns: Vec<TableColumn>,
}

impl Catalogue {
    /// Reads it in one query.
    ///
    /// # Errors
    /// As for every query.
    #[cfg(feature = "testing")]
    pub async fn read(db: &super::Db) -> Result<Self> {
        let rows = db.fetch_all(query(db.engine()), crate::args![]).await?;
        Ok(Self::of(db.engine(), rows))
    }

    /// As [`Catalogue::read`], on a connection or in a transaction.
    pub(super) async fn read_on(connection: Connection<'_>, engine: Engine) -> Result<Self> {
        Ok(Self::of(engine, connection.fetch_all(query(engine), &[]).await?))
    }

    fn of(engine: Engine, rows: Vec<CatalogueRow>) -> Self {
        Self {
            engine,
            folds_tables: engine == Engine::Sqlite || rows.first().is_some_and(|row| row.folds_tables),
            columns: rows.into_iter().map(|row| row.column).collect(),
        }
    }

    #[cfg(test)]
    pub(super) fn new(engine: Engine, columns: Vec<TableColumn>) -> Self {
        Self {
            engine,
            folds_tables: engine == Engine::Sqlite,
            columns,
        }
    }

    /// Whether the table exists.
    pub fn has_table(&self, table: &str) -> bool {
        self.columns_of(table).next().is_some()
    }

    /// The columns of a table; empty if it does not exist.
    pub fn columns_of(&self, table: &str) -> impl Iterator<Item = &TableColumn> {
        let (wanted, folds) = (table.to_owned(), self.folds_tables);
        self.columns
            .iter()
            .filter(move |column| is_same(&column.table, &wanted, folds))
    }

    /// A column by its name as statements write it.
    pub fn column(&self, table: &str, name: &str) -> Option<&TableColumn> {
        let folds = self.engine != Engine::Postgres;
        self.columns_of(table).find(|column| is_same(&column.name, name, folds))
    }
}

fn is_same(one: &str, other: &str, folds: bool) -> bool {
    one == other || folds && one.eq_ignore_ascii_case(other)
}

struct CatalogueRow {
    column: TableColumn,
    folds_tables: bool,
}

impl FromRow for CatalogueRow {
    fn from_row(row: &Row) -> Result<Self> {
        let type_text: String = row.get("type_text")?;
        let base: String = row.get("base_type")?;
        let class = match row.get::<String>("engine")?.as_str() {
            "sqlite" => class_in_sqlite(&type_text),
            "postgres" => class_in_postgres(&base),
            "mysql" => class_in_mysql(&base, &type_text),
            engine => return Err(Error::Internal(format!("a catalogue of {engine}"))),
        };
        Ok(Self {
            column: TableColumn {
                table: row.get("table_name")?,
                name: row.get("column_name")?,
                class,
                type_text,
                is_nullable: row.get("is_nullable")?,
                is_filled: row.get("is_filled")?,
                is_generated: row.get("is_generated")?,
                max_chars: row.get_nullable("max_chars")?,
            },
            folds_tables: row.get("folds_tables")?,
        })
    }
}

/// The class of a type as it was declared, by the engine's own rule: what the words contain.
fn class_in_sqlite(declared: &str) -> Class {
    let declared = declared.to_ascii_uppercase();
    let words = declared.split('(').next().unwrap_or_default();
    let is = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    match words.trim() {
        "" | "ANY" => Class::Any,
        _ if is(&["BOOL"]) => Class::Boolean,
        _ if is(&["DATETIME", "TIMESTAMP"]) => Class::DateTime,
        _ if is(&["DATE"]) => Class::Date,
        _ if is(&["TIME"]) => Class::Time,
        _ if is(&["INT"]) => Class::Integer,
        _ if is(&["CHAR", "CLOB", "TEXT"]) => Class::Text,
        _ if is(&["JSON"]) => Class::Json,
        _ if is(&["UUID"]) => Class::Uuid,
        _ if is(&["REAL", "FLOA", "DOUB"]) => Class::Float,
        _ if is(&["NUMERIC", "DECIMAL"]) => Class::Decimal,
        _ => Class::Other,
    }
}

fn class_in_postgres(base: &str) -> Class {
    match base {
        "int2" | "int4" | "int8" => Class::Integer,
        "bool" => Class::Boolean,
        "varchar" | "bpchar" | "text" | "citext" | "enum" => Class::Text,
        "timestamp" | "timestamptz" => Class::DateTime,
        "date" => Class::Date,
        "time" => Class::Time,
        "numeric" => Class::Decimal,
        "float4" | "float8" => Class::Float,
        "json" | "jsonb" => Class::Json,
        "uuid" => Class::Uuid,
        "_text" | "_varchar" | "_bpchar" => Class::Texts,
        _ => Class::Other,
    }
}

fn class_in_mysql(base: &str, type_text: &str) -> Class {
    match base {
        "tinyint" if type_text.starts_with("tinyint(1)") => Class::Boolean,
        "bit" if type_text == "bit(1)" => Class::Boolean,
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "bit" | "year" => Class::Integer,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set" => Class::Text,
        // Bytes of UTF-8 are read and written as texts.
        "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Class::Text,
        "datetime" | "timestamp" => Class::DateTime,
        "date" => Class::Date,
        "time" => Class::Time,
        "decimal" => Class::Decimal,
        "float" | "double" => Class::Float,
        "json" => Class::Json,
        "uuid" => Class::Uuid,
        _ => Class::Other,
    }
}

/// The query of an engine; each gives the same columns.
fn query(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
        Engine::MySql => MYSQL,
    }
}

/// A key that is `integer` alone is the row's number, which the engine counts. Virtual tables are left out, because one
/// whose module is missing would refuse the whole query, and views, because one may be broken.
const SQLITE: &str = "
    select 'sqlite' as engine, t.name as table_name, c.name as column_name, c.type as type_text, '' as base_type,
           c.\"notnull\" = 0 as is_nullable,
           (coalesce(lower(c.dflt_value), 'null') <> 'null' or c.hidden in (2, 3)
               or c.pk = 1 and upper(c.type) = 'INTEGER'
                  and (select count(*) from pragma_table_info(t.name) k where k.pk > 0) = 1) as is_filled,
           c.hidden in (2, 3) as is_generated, null as max_chars, true as folds_tables
    from sqlite_master t
    join pragma_table_xinfo(t.name) c
    where t.type = 'table' and t.sql not like 'create virtual table%' and c.hidden <> 1
    order by t.name, c.cid";

/// The tables that an unqualified name leads to, in each schema of the search path, also those that the role may
/// not use. A view's columns count as filled, because its table may do it. What newer versions added to the catalogue is
/// read through JSON.
const POSTGRES: &str = "
    select 'postgres' as engine, c.relname::text as table_name, a.attname::text as column_name,
           format_type(a.atttypid, a.atttypmod) as type_text,
           case when b.typtype = 'e' then 'enum' else b.typname::text end as base_type,
           not (a.attnotnull or t.typtype = 'd' and t.typnotnull) as is_nullable,
           (a.atthasdef or c.relkind not in ('r', 'p') or t.typtype = 'd' and t.typdefault is not null
               or coalesce(to_jsonb(a) ->> 'attidentity', '') <> '') as is_filled,
           coalesce(to_jsonb(a) ->> 'attgenerated', '') <> '' as is_generated,
           case when b.typname in ('varchar', 'bpchar') and m.modifier > 4 then m.modifier - 4 end as max_chars,
           false as folds_tables
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    cross join lateral (select case when t.typtype = 'd' then t.typtypmod else a.atttypmod end as modifier) m
    where c.relkind in ('r', 'p', 'v', 'm', 'f')
      and pg_table_is_visible(c.oid)
      and c.relnamespace not in (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema'))
    order by c.relname, a.attnum";

/// An enumeration without a default gets its first value. MariaDB writes NULL where there is no default; the word in
/// `extra` is GENERATED for defaults too.
const MYSQL: &str = "
    select 'mysql' as engine, table_name as table_name, column_name as column_name, column_type as type_text,
           data_type as base_type, is_nullable = 'YES' as is_nullable,
           (coalesce(column_default, 'NULL') <> 'NULL' or extra like '%auto_increment%' or extra like '%GENERATED%'
               or data_type = 'enum' and is_nullable = 'NO') as is_filled,
           (extra like '%VIRTUAL GENERATED%' or extra like '%STORED GENERATED%' or extra like '%PERSISTENT%')
               as is_generated,
           character_maximum_length as max_chars, @@lower_case_table_names <> 0 as folds_tables
    from information_schema.columns
    where table_schema = database()
    order by table_name, ordinal_position";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_that_sqlalchemy_declares_are_sorted() {
        for (declared, class) in [
            ("INTEGER", Class::Integer),
            ("BIGINT", Class::Integer),
            ("BOOLEAN", Class::Boolean),
            ("VARCHAR(250)", Class::Text),
            ("VARCHAR", Class::Text),
            ("TEXT", Class::Text),
            ("DATETIME", Class::DateTime),
            ("timestamp", Class::DateTime),
            ("DATE", Class::Date),
            ("TIME", Class::Time),
            ("NUMERIC(14, 4)", Class::Decimal),
            ("FLOAT", Class::Float),
            ("double precision", Class::Float),
            ("JSON", Class::Json),
            ("", Class::Any),
            ("BLOB", Class::Other),
        ] {
            assert_eq!(class_in_sqlite(declared), class, "{declared}");
        }
        for (base, class) in [
            ("bool", Class::Boolean),
            ("int4", Class::Integer),
            ("int8", Class::Integer),
            ("varchar", Class::Text),
            ("timestamptz", Class::DateTime),
            ("jsonb", Class::Json),
            ("enum", Class::Text),
            ("time", Class::Time),
            ("_varchar", Class::Texts),
            ("_int4", Class::Other),
            ("inet", Class::Other),
        ] {
            assert_eq!(class_in_postgres(base), class, "{base}");
        }
        for (base, type_text, class) in [
            ("tinyint", "tinyint(1)", Class::Boolean),
            ("tinyint", "tinyint(4)", Class::Integer),
            ("tinyint", "tinyint", Class::Integer),
            ("bit", "bit(1)", Class::Boolean),
            ("bit", "bit(8)", Class::Integer),
            ("int", "int(11)", Class::Integer),
            ("enum", "enum('a','b')", Class::Text),
            ("timestamp", "timestamp", Class::DateTime),
            ("time", "time(6)", Class::Time),
            ("decimal", "decimal(10,0)", Class::Decimal),
            ("geometry", "geometry", Class::Other),
        ] {
            assert_eq!(class_in_mysql(base, type_text), class, "{type_text}");
        }
    }

    #[test]
    fn names_are_compared_as_the_engine_compares_them() {
        let column = |table: &str, name: &str| CatalogueRow {
            column: TableColumn {
                table: table.to_owned(),
                name: name.to_owned(),
                class: Class::Text,
                type_text: "text".to_owned(),
                is_nullable: true,
                is_filled: false,
                is_generated: false,
                max_chars: None,
            },
            folds_tables: false,
        };
        for (engine, table, has_table, has_column) in [
            (Engine::Sqlite, "Users", true, true),
            (Engine::Sqlite, "users", true, true),
            (Engine::Postgres, "Users", false, false),
            (Engine::Postgres, "users", true, false),
            (Engine::MySql, "Users", false, false),
            (Engine::MySql, "users", true, true),
        ] {
            let catalogue = Catalogue::of(engine, vec![column(table, "Email")]);
            assert_eq!(catalogue.has_table("users"), has_table, "{engine:?} {table}");
            assert_eq!(
                catalogue.column("users", "email").is_some(),
                has_column,
                "{engine:?} {table}"
            );
        }
    }
}
