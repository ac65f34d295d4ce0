//! Creates and opens SQLite files, and notices when one was deleted or replaced.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions, Connection as _, Executor, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::purpose::{LOCK_TIMEOUT, Purpose};
use crate::error::{Error, Result};

/// How long a migration waits for another process that writes to the same file, or applies migrations.
const MIGRATION_BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// Rows of a query that the driver reads ahead: with its usual 50, a long list spends most of its time waiting.
const ROW_BUFFER: usize = 250;
/// The page cache of each connection, in KiB: the system caches the file anyway, once for all connections.
const CACHE_KIBIBYTES: &str = "-512";

/// Connections that read, the one that writes, and the file.
type SqlitePools = (SqlitePool, SqlitePool, Arc<SqliteFile>);

/// Opens the file; one that does not exist is created.
pub(super) async fn open(path: &Path, purpose: Purpose) -> Result<SqlitePools> {
    open_file(path, purpose).await.map_err(|error| match error {
        Error::Database(cause) | Error::Denied(cause) if is_unopened(&cause) && is_wal(path) => {
            Error::Refused(format!(
                "the database {} cannot be opened ({cause}): it has a write-ahead log, so this user must be able to \
                 write the file, its -wal and -shm files, and the folder; to remove the log, close the database \
                 everywhere and run `sqlite3 FILE 'pragma journal_mode = delete'`",
                path.display()
            ))
        }
        error => error,
    })
}

async fn open_file(path: &Path, purpose: Purpose) -> Result<SqlitePools> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        // A file that was deleted while serving must not come back empty.
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(match purpose {
            Purpose::Requests => LOCK_TIMEOUT,
            Purpose::Migrations => MIGRATION_BUSY_TIMEOUT,
        })
        // With NORMAL an answered write could be lost on power failure.
        .synchronous(SqliteSynchronous::Full)
        // The driver's thread pauses, and wakes ours, each time that this many rows are waiting.
        .row_buffer_size(ROW_BUFFER)
        .pragma("cache_size", CACHE_KIBIBYTES);
    // The journal mode is kept in the file, and an existing file may belong to another app.
    if !path.exists() {
        create(path)?;
        set_journal_mode(options.clone().journal_mode(SqliteJournalMode::Wal)).await?;
    }
    let pool_options = purpose.pool_options();
    // The writer stays connected: the last connection to close would delete the companions.
    let writer = pool_options
        .clone()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with(options.clone())
        .await?;
    let readers = pool_options.connect_lazy_with(options);
    // The first query opens the companions.
    match writer.execute("select 1 from sqlite_master limit 1").await {
        // The companions are then noted later.
        Err(error) if is_busy(&error) => {}
        looked => _ = looked?,
    }
    let file = Arc::new(SqliteFile::of(path)?);
    file.check()?;
    Ok((readers, writer, file))
}

/// Creates the file for this user only, regardless of the umask; SQLite gives its companions the same mode.
fn create(path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    // Not `create_new`, which fails for a link to a file that does not exist yet.
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let created = options.open(path).and_then(|file| {
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        drop(file);
        Ok(())
    });
    created.map_err(|error| Error::Io(format!("cannot create the database {}", path.display()), error))
}

/// Opens the file once to set its journal mode.
///
/// SQLite changes the mode only while no other process has the file open, and fails at once otherwise: processes
/// that start together must try again until one has made the change.
async fn set_journal_mode(options: SqliteConnectOptions) -> Result<()> {
    let started = Instant::now();
    loop {
        match options.connect().await {
            Ok(connection) => return Ok(connection.close().await?),
            Err(error) if is_busy(&error) && started.elapsed() < MIGRATION_BUSY_TIMEOUT => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Result codes whose low byte is 14 (`SQLITE_CANTOPEN`) or 8 (`SQLITE_READONLY`).
fn is_unopened(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 8 | 14))
}

/// Whether the file's head says that it has a write-ahead log.
fn is_wal(path: &Path) -> bool {
    let mut head = [0; 20];
    let read = fs::File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut head));
    read.is_ok() && head[18] == 2
}

/// Result codes whose low byte is 5 (`SQLITE_BUSY`) or 6 (`SQLITE_LOCKED`).
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// The open file, to which its path must keep leading.
///
/// Writes to a deleted file are lost, and reads from it are out of date.
#[derive(Debug)]
pub(super) struct SqliteFile {
    path: PathBuf,
    identity: Identity,
    companions: [Companion; 2],
}

/// The write-ahead log or its index, which exist while any process has the database open.
#[derive(Debug)]
struct Companion {
    path: PathBuf,
    /// Empty while the file has none; its journal mode may still change.
    identity: OnceLock<Identity>,
}

impl SqliteFile {
    fn of(path: &Path) -> Result<Self> {
        let look = |error| Error::Io(format!("cannot inspect the database {}", path.display()), error);
        // SQLite puts them beside the file that a link leads to.
        let target = path.canonicalize().map_err(look)?;
        let companion = |suffix: &str| {
            let mut path = target.clone().into_os_string();
            path.push(suffix);
            Companion {
                path: path.into(),
                identity: OnceLock::new(),
            }
        };
        Ok(Self {
            path: path.to_owned(),
            identity: Identity::of(path).map_err(look)?,
            companions: [companion("-wal"), companion("-shm")],
        })
    }

    /// Whether the path still leads to the file that is open.
    ///
    /// # Errors
    /// [`sqlx::Error::Io`] that says what happened to which file.
    pub(super) fn check(&self) -> Result<(), sqlx::Error> {
        same(&self.path, &self.identity)?;
        for Companion { path, identity } in &self.companions {
            match identity.get() {
                Some(known) => same(path, known)?,
                None => {
                    if let Ok(found) = Identity::of(path) {
                        // Another thread has set the same value.
                        let _ = identity.set(found);
                    }
                }
            }
        }
        Ok(())
    }
}

fn same(path: &Path, known: &Identity) -> Result<(), sqlx::Error> {
    let happened = match Identity::of(path) {
        Ok(found) if found == *known => return Ok(()),
        Ok(_) => "was replaced",
        Err(error) if error.kind() == io::ErrorKind::NotFound => "was deleted or moved",
        Err(error) => return Err(sqlx::Error::Io(error)),
    };
    Err(sqlx::Error::Io(io::Error::other(format!(
        "the file {} {happened} while it was in use; restore it, or restart to use the current file",
        path.display()
    ))))
}

/// What identifies a file under any name.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl Identity {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            Self {
                device_and_inode: (metadata.dev(), metadata.ino()),
            }
        };
        #[cfg(not(unix))]
        let identity = {
            drop(metadata);
            Self {}
        };
        Ok(identity)
    }
}
/// A quoted name for a statement; it may contain any character.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
