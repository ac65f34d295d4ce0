//! Tells outages, which pass once the database runs again, from other errors.

use sqlx::mysql::MySqlDatabaseError;

use crate::error::Error;

/// Whether the error passes once the database runs again, without a change of settings.
pub fn is_outage(error: &Error) -> bool {
    match error {
        Error::Unreachable(..) => true,
        Error::Database(error) => is_outage_of_driver(error),
        _ => false,
    }
}

/// The cause of a request's failure before the first connection.
pub fn not_reached_yet() -> sqlx::Error {
    let text = "not reached since the start";
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::NotConnected, text))
}

/// Whether the error passes once the database runs again.
pub(super) fn is_outage_of_driver(error: &sqlx::Error) -> bool {
    match error {
        // A certificate that is refused today is refused tomorrow.
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::InvalidData,
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => {
            match error.try_downcast_ref::<MySqlDatabaseError>() {
                // Too many connections, a stop, a Galera node without its peers.
                Some(error) => matches!(error.number(), 1040 | 1047 | 1053 | 1203),
                None => match error.code().unwrap_or_default().as_ref() {
                    // It starts, stops or recovers, or has too many connections.
                    "57P01" | "57P02" | "57P03" | "53300" => true,
                    // PgBouncer has one code for all its errors; only the message says that its server is down.
                    "08P01" => is_pooler_without_server(error.message()),
                    _ => false,
                },
            }
        }
        _ => false,
    }
}

fn is_pooler_without_server(message: &str) -> bool {
    ["server", "query_wait_timeout", "no more connections", "shutting down"]
        .iter()
        .any(|word| message.contains(word))
}
