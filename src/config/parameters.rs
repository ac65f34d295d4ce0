//! The parameters of the drivers that SQLAlchemy hands the rest of a database URL to, and what becomes of each.
//!
//! `docs/database-urls.md` shows this table; a test compares them.

/// Who reads the parameters of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
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

use Driver::{Asyncpg, MySqlClient, MySqlConnector, Pg8000, Psycopg, PyMySql, Sqlite3};

impl Driver {
    /// The drivers of a dialect by their names in URLs; the first is the one of a URL without a driver.
    ///
    /// `None` for a dialect that is not supported.
    pub fn of_dialect(dialect: &str) -> Option<&'static [(&'static str, Driver)]> {
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

/// What becomes of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has the effect that it had in Python.
    Honoured,
    /// It has none, and nobody will miss it; the start says so.
    Ignored,
    /// As ignored with one of these values, refused with any other.
    OnlyAs(&'static [&'static str]),
    /// It is refused.
    Refused,
}

use Fate::{Honoured, Ignored, OnlyAs, Refused};

/// Parameters that share a fate.
#[derive(Debug)]
pub struct Row {
    /// Who takes them.
    pub drivers: &'static [Driver],
    /// Their names.
    pub names: &'static [&'static str],
    /// What becomes of them.
    pub fate: Fate,
    /// Why, or how.
    pub note: &'static str,
}

const MYSQL: &[Driver] = &[PyMySql, MySqlClient, MySqlConnector];
/// Where SQLAlchemy itself makes a TLS context of the parameters.
const MYSQL_DB: &[Driver] = &[PyMySql, MySqlClient];

const fn row(drivers: &'static [Driver], names: &'static [&'static str], fate: Fate, note: &'static str) -> Row {
    Row {
        drivers,
        names,
        fate,
        note,
    }
}

/// Every parameter that one of the drivers takes.
pub const TABLE: &[Row] = &[
    row(
        &[Psycopg],
        &["host", "port", "user", "password", "dbname", "database"],
        Honoured,
        "instead of the URL's own part; a host that begins with / is the folder of a Unix socket",
    ),
    row(
        &[Pg8000, Asyncpg],
        &["host", "port", "user", "password", "database"],
        Honoured,
        "instead of the URL's own part",
    ),
    row(
        &[Psycopg],
        &["hostaddr"],
        Honoured,
        "the address to connect to; not together with host and sslmode=verify-full",
    ),
    row(&[Pg8000], &["unix_sock"], Honoured, "/FOLDER/.s.PGSQL.PORT"),
    row(
        &[Psycopg],
        &["sslmode"],
        Honoured,
        "allow is prefer; not for Unix sockets, which libpq never encrypts",
    ),
    row(&[Asyncpg], &["ssl"], Honoured, "as sslmode"),
    row(&[Psycopg], &["requiressl"], Honoured, "1 is sslmode=require"),
    row(
        &[Psycopg],
        &["sslrootcert"],
        Honoured,
        "needs sslmode require, verify-ca or verify-full, because libpq goes on unencrypted with the others; system needs verify-full",
    ),
    row(
        &[Psycopg],
        &["sslcert", "sslkey"],
        Honoured,
        "both, and the key not encrypted",
    ),
    row(
        &[Psycopg],
        &[
            "sslpassword",
            "sslcrl",
            "sslcrldir",
            "require_auth",
            "requirepeer",
            "scram_client_key",
            "scram_server_key",
        ],
        Refused,
        "not supported",
    ),
    row(
        &[Psycopg],
        &["sslcertmode"],
        OnlyAs(&["allow"]),
        "the others are not supported",
    ),
    row(
        &[Psycopg],
        &["sslnegotiation"],
        OnlyAs(&["postgres"]),
        "direct is not supported",
    ),
    row(
        &[Psycopg],
        &["ssl_min_protocol_version"],
        OnlyAs(&["TLSv1", "TLSv1.1", "TLSv1.2"]),
        "TLS is 1.2 or 1.3 always",
    ),
    row(
        &[Psycopg],
        &["ssl_max_protocol_version"],
        OnlyAs(&["TLSv1.3"]),
        "TLS is 1.2 or 1.3 always",
    ),
    row(
        &[Psycopg],
        &["channel_binding", "gssencmode"],
        OnlyAs(&["prefer", "disable"]),
        "require is not supported",
    ),
    row(
        &[Psycopg],
        &["sslcompression", "sslsni"],
        Ignored,
        "TLS is not compressed, and names the host",
    ),
    row(
        &[Psycopg],
        &["options"],
        Honoured,
        "what it sets, such as search_path, holds for each connection",
    ),
    row(
        &[Psycopg, Pg8000],
        &["application_name"],
        Honoured,
        "instead of the program's name",
    ),
    row(
        &[Psycopg],
        &["connect_timeout"],
        Honoured,
        "for the first connection; requests wait 2 seconds",
    ),
    row(
        &[Asyncpg],
        &["timeout"],
        Honoured,
        "for the first connection; requests wait 2 seconds",
    ),
    row(
        &[Psycopg],
        &["client_encoding"],
        Ignored,
        "texts are sent as UTF-8, which every PostgreSQL converts",
    ),
    row(
        &[Psycopg],
        &[
            "fallback_application_name",
            "keepalives",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "tcp_user_timeout",
        ],
        Ignored,
        "a connection that falls silent is given up after 17 seconds",
    ),
    row(
        &[Psycopg, Asyncpg],
        &["target_session_attrs"],
        OnlyAs(&["any"]),
        "there is one host",
    ),
    row(
        &[Psycopg],
        &["load_balance_hosts"],
        OnlyAs(&["disable"]),
        "there is one host",
    ),
    row(
        &[Psycopg],
        &[
            "service",
            "servicefile",
            "passfile",
            "krbsrvname",
            "gsslib",
            "gssdelegation",
            "replication",
            "oauth_issuer",
            "oauth_client_id",
            "oauth_client_secret",
            "oauth_scope",
        ],
        Refused,
        "not supported: write host, user and database into the URL",
    ),
    row(
        &[Psycopg],
        &["connection_factory", "cursor_factory", "async", "dsn"],
        Refused,
        "Python only",
    ),
    row(
        &[Asyncpg],
        &["dsn", "loop", "connection_class", "record_class"],
        Refused,
        "Python only",
    ),
    row(
        &[Pg8000],
        &["timeout", "tcp_keepalive", "max_prepared_statements"],
        Ignored,
        "a connection that falls silent is given up after 17 seconds",
    ),
    row(
        &[Pg8000],
        &["ssl", "ssl_context", "source_address", "replication"],
        Refused,
        "not supported: to have TLS, write postgresql://...?sslmode=verify-full&sslrootcert=FILE",
    ),
    row(
        &[Asyncpg],
        &[
            "prepared_statement_cache_size",
            "prepared_statement_name_func",
            "statement_cache_size",
            "max_cached_statement_lifetime",
            "max_cacheable_statement_size",
            "command_timeout",
        ],
        Ignored,
        "tuning of that driver",
    ),
    row(
        &[Asyncpg],
        &[
            "passfile",
            "direct_tls",
            "server_settings",
            "krbsrvname",
            "gsslib",
            "service",
            "servicefile",
        ],
        Refused,
        "not supported",
    ),
    row(
        MYSQL_DB,
        &["host", "port", "user", "password", "passwd", "database", "db"],
        Honoured,
        "instead of the URL's own part",
    ),
    row(
        &[MySqlConnector],
        &[
            "host", "port", "user", "username", "password", "passwd", "database", "db",
        ],
        Honoured,
        "instead of the URL's own part",
    ),
    row(MYSQL, &["unix_socket"], Honoured, "the path of a Unix socket"),
    row(
        &[PyMySql],
        &["ssl_ca"],
        Honoured,
        "the certificate and its host name are verified, unless ssl_check_hostname=false or ssl_verify_cert=false",
    ),
    row(
        &[MySqlClient],
        &["ssl_ca"],
        Honoured,
        "the certificate is verified; its host name too with ssl_check_hostname=true or ssl_mode=VERIFY_IDENTITY",
    ),
    row(
        &[MySqlConnector],
        &["ssl_ca"],
        Honoured,
        "encrypted; verified with ssl_verify_cert=true only, as there",
    ),
    row(
        MYSQL,
        &["ssl_cert", "ssl_key"],
        Honoured,
        "both, and the key not encrypted",
    ),
    row(
        MYSQL_DB,
        &["ssl_check_hostname"],
        Honoured,
        "whether the certificate's host name is verified",
    ),
    row(
        &[MySqlClient],
        &["ssl_mode"],
        Honoured,
        "DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY",
    ),
    row(
        &[PyMySql, MySqlConnector],
        &["ssl_disabled", "ssl_verify_cert", "ssl_verify_identity"],
        Honoured,
        "true or false; to Python's driver each text was true",
    ),
    row(
        MYSQL_DB,
        &["ssl_capath", "ssl_cipher"],
        Refused,
        "not supported: name the file of the authority in ssl_ca",
    ),
    row(
        &[PyMySql],
        &["ssl_key_password", "server_public_key", "auth_plugin_map"],
        Refused,
        "not supported",
    ),
    row(
        MYSQL_DB,
        &["ssl"],
        Refused,
        "a dictionary in Python: write ssl_ca, ssl_cert, ssl_key",
    ),
    row(
        &[MySqlClient],
        &["auth_plugin", "server_public_key_path"],
        Refused,
        "not supported",
    ),
    row(
        &[MySqlConnector],
        &[
            "auth_plugin",
            "tls_versions",
            "tls_ciphersuites",
            "ssl_cipher",
            "dns_srv",
            "force_ipv6",
            "dsn",
            "failover",
            "option_files",
            "option_groups",
            "password1",
            "password2",
            "password3",
            "krb_service_principal",
            "oci_config_file",
            "oci_config_profile",
            "openid_token_file",
            "fido_callback",
            "webauthn_callback",
            "kerberos_auth_mode",
        ],
        Refused,
        "not supported",
    ),
    row(
        &[MySqlConnector],
        &[
            "client_flags",
            "converter_class",
            "converter_str_fallback",
            "time_zone",
            "conn_attrs",
        ],
        Refused,
        "it would change what statements do",
    ),
    row(
        MYSQL,
        &["init_command", "sql_mode", "read_default_file", "read_default_group"],
        Refused,
        "not supported: write host, user, database and TLS into the URL",
    ),
    row(
        MYSQL_DB,
        &["client_flag", "conv", "cursorclass", "bind_address"],
        Refused,
        "not supported",
    ),
    row(
        MYSQL,
        &["charset", "collation", "use_unicode"],
        Ignored,
        "texts are sent as utf8mb4, which every MySQL converts",
    ),
    row(
        MYSQL_DB,
        &["connect_timeout"],
        Honoured,
        "for the first connection; requests wait 2 seconds",
    ),
    row(
        &[MySqlConnector],
        &["connect_timeout", "connection_timeout"],
        Honoured,
        "for the first connection; requests wait 2 seconds",
    ),
    row(
        MYSQL_DB,
        &[
            "read_timeout",
            "write_timeout",
            "local_infile",
            "autocommit",
            "compress",
            "named_pipe",
        ],
        Ignored,
        "each statement has 15 seconds, and a transaction where it needs one",
    ),
    row(
        &[PyMySql],
        &["max_allowed_packet", "binary_prefix", "program_name", "defer_connect"],
        Ignored,
        "tuning of that driver",
    ),
    row(
        &[MySqlClient],
        &["multi_statements"],
        Ignored,
        "statements are sent one by one",
    ),
    row(
        &[MySqlConnector],
        &[
            "read_timeout",
            "write_timeout",
            "allow_local_infile",
            "allow_local_infile_in_path",
            "buffered",
            "compress",
            "consume_results",
            "get_warnings",
            "raise_on_warnings",
            "raw",
            "use_pure",
            "autocommit",
            "pool_name",
            "pool_size",
            "pool_reset_session",
        ],
        Ignored,
        "tuning of that driver",
    ),
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

/// What becomes of a driver's parameter; `None` if the driver has no such parameter.
pub fn row_of(driver: Driver, name: &str) -> Option<&'static Row> {
    let has = |row: &&Row| row.drivers.contains(&driver) && row.names.contains(&name);
    TABLE.iter().find(has)
}

/// The variables that libpq reads where a URL has no such parameter; sqlx reads some of them too.
pub const LIBPQ_VARIABLES: &[(&str, &str)] = &[
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGSERVICE", "service"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGSSLMODE", "sslmode"),
    ("PGREQUIRESSL", "requiressl"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLCERTMODE", "sslcertmode"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
    ("PGREQUIREPEER", "requirepeer"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
];
