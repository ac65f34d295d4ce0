//! Connects to MySQL and MariaDB.

use sqlx::{
    ConnectOptions, Connection as _, Executor, MySql, MySqlConnection, MySqlPool, SqlSafeStr, SqlStr,
    mysql::{MySqlConnectOptions, MySqlSslMode},
};

use super::{
    purpose::{Purpose, within_connect_timeout},
    server_address::{ServerAddress, check_files},
};
use crate::{
    config::{DatabaseServer, TlsMode},
    error::Result,
};

/// The deadlines of requests: `LOCK_TIMEOUT`, and longer ones for statements and for silent transactions.
///
/// Strict mode has been the default since 2015: without it, a value that does not fit is changed, and a missing one becomes
/// an empty text. Double quotes enclose a name, such as the table `"mp3S"`, as on the other engines, and not a text.
///
/// MariaDB cuts lists of links (`json_arrayagg`) where those of `group_concat` end.
///
/// The two engines name the statement timeout differently: comments with `M!` are for MariaDB only, and those for MySQL
/// 5.7.8 are skipped by MariaDB.
const DEADLINES: &str = "set session sql_mode = concat(@@sql_mode, ',STRICT_TRANS_TABLES,ANSI_QUOTES'),
    innodb_lock_wait_timeout = 1, lock_wait_timeout = 1, group_concat_max_len = 67108864
    /*M!100301 , max_statement_time = 15, idle_transaction_timeout = 30 */
    /*!50708 , max_execution_time = 15000 */";

/// Makes each read see what was committed before it on any node of a Galera cluster.
///
/// On every connection: a node that lags behind would accept the token of a user who was disabled on another one.
const READ_OTHERS_WRITES: &str = "set session wsrep_sync_wait = 1";

pub(super) async fn open(server: &DatabaseServer, purpose: Purpose) -> Result<(MySqlPool, ServerAddress)> {
    check_files(&server.tls)?;
    let options = options(server);
    let address = ServerAddress::new(server, options.get_host(), options.get_port(), options.get_socket());
    let is_galera = within_connect_timeout(server, probe(&options)).await;
    let is_galera = is_galera.map_err(|error| address.connect_error(error))?;
    let settings: Vec<&'static str> = [
        (purpose == Purpose::Requests).then_some(DEADLINES),
        is_galera.then_some(READ_OTHERS_WRITES),
    ]
    .into_iter()
    .flatten()
    .collect();
    let pool = purpose
        .pool_options::<MySql>()
        .after_connect(move |connection, _| {
            let settings = settings.clone();
            Box::pin(async move {
                for setting in settings {
                    connection.execute(setting).await?;
                }
                Ok(())
            })
        })
        .connect_lazy_with(options);
    Ok((pool, address))
}

/// The options as the driver takes them.
fn options(server: &DatabaseServer) -> MySqlConnectOptions {
    let mut options = MySqlConnectOptions::new()
        .port(server.port)
        .database(&server.database)
        .ssl_mode(match server.tls.mode {
            TlsMode::Disable => MySqlSslMode::Disabled,
            TlsMode::Prefer => MySqlSslMode::Preferred,
            TlsMode::Require => MySqlSslMode::Required,
            TlsMode::VerifyCa => MySqlSslMode::VerifyCa,
            TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
        });
    if let Some(host) = &server.host {
        options = options.host(host);
    }
    if let Some(socket) = &server.socket {
        options = options.socket(socket);
    }
    if let Some(user) = &server.user {
        options = options.username(user);
    }
    if let Some(password) = &server.password {
        options = options.password(password);
    }
    if let Some(root) = &server.tls.root {
        options = options.ssl_ca(root);
    }
    if let Some((certificate, key)) = &server.tls.certificate {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    options
}

/// Connects once, and finds out whether the server is a node of a Galera cluster.
async fn probe(options: &MySqlConnectOptions) -> Result<bool, sqlx::Error> {
    let mut connection = options.connect().await?;
    let is_galera = is_galera(&mut connection).await?;
    connection.close().await?;
    Ok(is_galera)
}

async fn is_galera(connection: &mut MySqlConnection) -> Result<bool, sqlx::Error> {
    // MySQL itself has no such variable.
    let sql: SqlStr = "show session variables where variable_name = 'wsrep_on' and value = 'ON'".into_sql_str();
    Ok(connection.fetch_optional(sql).await?.is_some())
}
