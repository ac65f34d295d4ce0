//! The Python drivers whose parameters are known, by their names in URLs.

/// Who reads the parameters of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PythonDriver {
    /// psycopg2 and psycopg 3: what libpq takes.
    Psycopg,
    /// pg8000.
    Pg8000,
    /// asyncpg.
    Asyncpg,
    /// PyMySQL.
    PyMySql,
    /// mysqlclient (MySQLdb).
    MySqlClient,
    /// MySQL Connector/Python.
    MySqlConnector,
    /// sqlite3 (pysqlite).
    Sqlite3,
}

use PythonDriver::{Asyncpg, MySqlClient, MySqlConnector, Pg8000, Psycopg, PyMySql, Sqlite3};

impl PythonDriver {
    /// The drivers of a dialect by their names in URLs; the first is the one of a URL without a driver.
    ///
    /// `None` for a dialect that is not supported.
    pub fn of_dialect(dialect: &str) -> Option<&'static [(&'static str, PythonDriver)]> {
        match dialect {
            "postgresql" | "postgres" => Some(&[
                ("psycopg2", Psycopg),
                ("psycopg2cffi", Psycopg),
                ("psycopg", Psycopg),
                ("pg8000", Pg8000),
                ("asyncpg", Asyncpg),
            ]),
            "mysql" | "mariadb" => Some(&[
                ("mysqldb", MySqlClient),
                ("pymysql", PyMySql),
                ("mysqlconnector", MySqlConnector),
            ]),
            "sqlite" => Some(&[("pysqlite", Sqlite3)]),
            _ => None,
        }
    }

    /// The name of its package.
    pub fn name(self) -> &'static str {
        match self {
            Psycopg => "psycopg2",
            Pg8000 => "pg8000",
            Asyncpg => "asyncpg",
            PyMySql => "PyMySQL",
            MySqlClient => "mysqlclient",
            MySqlConnector => "mysql-connector",
            Sqlite3 => "sqlite3",
        }
    }
}
