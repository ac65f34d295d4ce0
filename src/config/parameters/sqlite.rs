//! The parameters of the driver of SQLite.

use super::{
    driver::Driver::Sqlite3,
    row::{
        Fate::{Honoured, Ignored, OnlyAs, Refused},
        Row, row,
    },
};

/// Every parameter that the driver takes.
pub const TABLE: &[Row] = &[
    row(&[Sqlite3], &["uri"], Honoured, "with it the file may be file:PATH"),
    row(
        &[Sqlite3],
        &["mode"],
        OnlyAs(&["rw", "rwc"]),
        "a file that is read only, or in memory, cannot be served; needs uri=true",
    ),
    row(
        &[Sqlite3],
        &[
            "timeout",
            "isolation_level",
            "detect_types",
            "check_same_thread",
            "cached_statements",
            "factory",
            "autocommit",
        ],
        Ignored,
        "a write waits one second for another process",
    ),
    row(&[Sqlite3], &["cache", "psow"], Ignored, "tuning of SQLite"),
    row(
        &[Sqlite3],
        &["vfs", "nolock", "immutable"],
        Refused,
        "not supported: the file could be damaged",
    ),
];
