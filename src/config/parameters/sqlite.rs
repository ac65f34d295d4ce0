//! The parameters of the driver of SQLite.

use super::{
    driver::PythonDriver::Sqlite3,
    rule::{
        Fate::{Honoured, Ignored, OnlyAs, Refused},
        Rule, rule,
    },
};

/// Every parameter that the driver takes.
pub const TABLE: &[Rule] = &[
    rule(&[Sqlite3], &["uri"], Honoured, "with it the file may be file:PATH"),
    rule(
        &[Sqlite3],
        &["mode"],
        OnlyAs(&["rw", "rwc"]),
        "a file that is read only, or in memory, cannot be served; needs uri=true",
    ),
    rule(
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
    rule(&[Sqlite3], &["cache", "psow"], Ignored, "tuning of SQLite"),
    rule(
        &[Sqlite3],
        &["vfs", "nolock", "immutable"],
        Refused,
        "not supported: the file could be damaged",
    ),
];
