//! How PostgreSQL is connected to, and how a pooler in front of it is recognised.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sqlx::{
    ConnectOptions, Connection as _, Encode, Executor, PgConnection, PgPool, Postgres, Row as _,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgConnectOptions, PgDatabaseError, PgSslMode, PgTypeInfo, types::Oid},
    types,
};

use super::{
    purpose::{Purpose, within_connect_timeout},
    server_address::{ServerAddress, check_files},
};
use crate::{
    config::{DatabaseServer, TlsMode, program},
    error::{Error, Result, cause_of_database},
};

/// The deadlines of requests: how long a lock is waited for, and longer ones for statements and for silent transactions, for
/// a session.
///
/// PostgreSQL looks for deadlocks after a second (`deadlock_timeout`), and then undoes one of two changes. If it waited for
/// locks no longer than that, as the other engines do here (`LOCK_TIMEOUT`), it would often undo both, which would
/// meet again.
const DEADLINES: &str = "set lock_timeout = '1500ms'; set statement_timeout = '15s';
    set idle_in_transaction_session_timeout = '30s'";

/// The same for a transaction: a pooler would pass settings of a session on to its next client.
pub(super) const BEGIN_WITH_DEADLINES: &str =
    "begin; set local lock_timeout = '1500ms'; set local statement_timeout = '15s';
    set local idle_in_transaction_session_timeout = '30s'";

/// An argument whose type the server infers from the statement, as it does for psycopg2's literals: a text for a column of an
/// enumeration, JSON for one of `json` or `jsonb`.
pub(super) struct Untyped<T>(T);

/// The argument of a statement.
pub(super) fn untyped<T>(value: Option<T>) -> Option<Untyped<T>> {
    value.map(Untyped)
}

impl<T> sqlx::Type<Postgres> for Untyped<T> {
    /// `unknown`, which the server replaces by the type that it needs.
    fn type_info() -> PgTypeInfo {
        const UNKNOWN: Oid = Oid(705);
        PgTypeInfo::with_oid(UNKNOWN)
    }
}

impl Encode<'_, Postgres> for Untyped<Value> {
    /// The driver encodes for `json` or `jsonb`, whichever the server has chosen.
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> std::result::Result<IsNull, BoxDynError> {
        <types::Json<&Value> as Encode<Postgres>>::encode_by_ref(&types::Json(&self.0), buffer)
    }
}

impl Encode<'_, Postgres> for Untyped<String> {
    /// The types of texts and enumerations have the same binary form.
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> std::result::Result<IsNull, BoxDynError> {
        <String as Encode<Postgres>>::encode_by_ref(&self.0, buffer)
    }
}

/// How often two connections take turns to find out what they have in common.
const ROUNDS: u32 = 6;

/// Whose session a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pooling {
    /// Its own: there is no pooler, or one that keeps them together.
    Session,
    /// Another one with each transaction.
    Transaction,
}

pub(super) async fn open(server: &DatabaseServer, purpose: Purpose) -> Result<(PgPool, Pooling, ServerAddress)> {
    check_files(&server.tls)?;
    let options = options(server)?;
    let address = ServerAddress::new(server, options.get_host(), options.get_port(), options.get_socket());
    let attempt = async { Ok([options.connect().await?, options.connect().await?]) };
    let mut pair = match within_connect_timeout(server, attempt).await {
        Ok(pair) => pair,
        Err(error) => {
            let parameter = unsupported_parameter(&error);
            return Err(match parameter {
                Some(parameter) => refused_parameter(&address, parameter),
                None => address.connect_error(error),
            });
        }
    };
    let pooling = match within_connect_timeout(server, find_pooling(&mut pair)).await {
        Ok(pooling) => pooling,
        Err(error) if is_mixed_up(&error) => return Err(mixes_up_statements(&address, &error)),
        Err(error) => return Err(address.connect_error(error)),
    };
    for connection in pair {
        // It is not needed any more, however it ends.
        let _ = connection.close().await;
    }
    let sets_deadlines = purpose == Purpose::Requests && pooling == Pooling::Session;
    let pool = purpose
        .pool_options::<Postgres>()
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if sets_deadlines {
                    connection.execute(DEADLINES).await?;
                }
                Ok(())
            })
        })
        .connect_lazy_with(options);
    Ok((pool, pooling, address))
}

/// The driver's own form, through a URL of parameters: only so does it look into `.pgpass` for the right host.
fn options(server: &DatabaseServer) -> Result<PgConnectOptions> {
    let socket = server
        .socket
        .as_ref()
        .map(|folder| folder.to_string_lossy().into_owned());
    let port = server.port.to_string();
    let application_name = server.application_name.as_deref().unwrap_or(program());
    let parameters = [
        ("host", socket.as_deref().or(server.host.as_deref())),
        ("port", Some(port.as_str())),
        ("user", server.user.as_deref()),
        ("password", server.password.as_deref()),
        ("dbname", Some(server.database.as_str())),
        ("application_name", Some(application_name)),
        ("options", server.options.as_deref()),
    ];
    let query: Vec<String> = parameters
        .iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", utf8_percent_encode((*value)?, NON_ALPHANUMERIC))))
        .collect();
    let url = format!("postgres:///?{}", query.join("&"));
    let unreadable = |error| Error::Internal(format!("the driver does not read its own form of the URL: {error}"));
    let options: PgConnectOptions = url.parse().map_err(unreadable)?;
    let mut options = options.ssl_mode(match server.tls.mode {
        TlsMode::Disable => PgSslMode::Disable,
        TlsMode::Prefer => PgSslMode::Prefer,
        TlsMode::Require => PgSslMode::Require,
        TlsMode::VerifyCa => PgSslMode::VerifyCa,
        TlsMode::VerifyFull => PgSslMode::VerifyFull,
    });
    if let Some(root) = &server.tls.root {
        options = options.ssl_root_cert(root);
    }
    if let Some((certificate, key)) = &server.tls.certificate {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    Ok(options)
}

/// Whether two connections keep their own sessions, and get the answers to their own statements.
///
/// A prepared statement has a name, which is the same on each connection, and belongs to a session. A pooler that
/// exchanges sessions and does not keep track of these names has one connection run what another has prepared.
///
/// While one connection is in a transaction, the other must use another session. That of the first one is free after
/// it: one pooler hands out the latest that became free, another the one that has been free for longest, and with
/// both of these orders of statements the two connections have exchanged their sessions after two rounds.
async fn find_pooling(pair: &mut [PgConnection; 2]) -> Result<Pooling, sqlx::Error> {
    let mut sessions = [None, None];
    let mut pooling = Pooling::Session;
    for round in 0..ROUNDS {
        let [first, second] = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for step in [
            ProbeStep::Begin(first),
            ProbeStep::Ask(first),
            ProbeStep::Ask(second),
            ProbeStep::Commit(first),
            ProbeStep::Begin(second),
            ProbeStep::Ask(second),
            ProbeStep::Commit(second),
        ] {
            match step {
                ProbeStep::Begin(index) => _ = pair[index].execute("begin").await?,
                ProbeStep::Commit(index) => _ = pair[index].execute("commit").await?,
                ProbeStep::Ask(index) => {
                    let session = ask(&mut pair[index], index).await?;
                    if sessions[index].replace(session).is_some_and(|before| before != session) {
                        pooling = Pooling::Transaction;
                    }
                }
            }
        }
    }
    Ok(pooling)
}

/// What one of the two connections does; the number is its index.
enum ProbeStep {
    Begin(usize),
    Ask(usize),
    Commit(usize),
}

/// The session that the connection has now, asked for in a prepared statement that is the connection's own.
async fn ask(connection: &mut PgConnection, index: usize) -> Result<i32, sqlx::Error> {
    let statements = [
        "select pg_backend_pid(), 'first'::text",
        "select pg_backend_pid(), 'second'::text",
    ];
    let row = sqlx::query(statements[index]).fetch_one(connection).await?;
    let (session, owner): (i32, String) = (row.try_get(0)?, row.try_get(1)?);
    if owner != ["first", "second"][index] {
        let found = format!("a connection got the rows of the {owner} one's statement");
        return Err(sqlx::Error::Protocol(found));
    }
    Ok(session)
}

/// Whether the error comes of statements that were prepared in another session, or of transactions that the pooler
/// does not know.
fn is_mixed_up(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Protocol(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnIndexOutOfBounds { .. } => {
            true
        }
        sqlx::Error::Database(error) => match error.code().unwrap_or_default().as_ref() {
            // The name of a prepared statement is unknown, or known already.
            "26000" | "42P05" => true,
            "08P01" => error.message().contains("pooling mode"),
            _ => false,
        },
        _ => false,
    }
}

fn mixes_up_statements(address: &ServerAddress, error: &sqlx::Error) -> Error {
    Error::Refused(format!(
        "the connection pooler at {address} mixes up the prepared statements of its clients ({}): queries would \
         get other queries' rows. Set max_prepared_statements = 100 or more (PgBouncer 1.21 or newer), or pool_mode = \
         session, or connect to PostgreSQL directly with DATABASE_URL",
        cause_of_database(error)
    ))
}

/// The start-up parameter that a pooler does not know.
fn unsupported_parameter(error: &sqlx::Error) -> Option<&str> {
    let error: &PgDatabaseError = error.as_database_error()?.try_downcast_ref()?;
    let (_, parameter) = error.message().split_once("unsupported startup parameter: ")?;
    parameter.split_whitespace().next()
}

fn refused_parameter(address: &ServerAddress, parameter: &str) -> Error {
    Error::Refused(format!(
        "the connection pooler at {address} refuses the start-up parameter {parameter}. Set ignore_startup_parameters = \
         {parameter} (PgBouncer; several are separated by commas)"
    ))
}
