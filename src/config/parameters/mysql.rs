//! The parameters of the drivers of MySQL and MariaDB.

use super::{
    driver::PythonDriver::{self, MySqlClient, MySqlConnector, PyMySql},
    rule::{
        Fate::{Honoured, Ignored, Refused},
        Rule, rule,
    },
};

const MYSQL: &[PythonDriver] = &[PyMySql, MySqlClient, MySqlConnector];
/// Where SQLAlchemy itself makes a TLS context of the parameters.
const MYSQL_DB: &[PythonDriver] = &[PyMySql, MySqlClient];

/// Every parameter that one of the drivers takes.
pub const TABLE: &[Rule] = &[
    rule(
        MYSQL_DB,
        &["host", "port", "user", "password", "passwd", "database", "db"],
        Honoured,
        "instead of the URL's own part",
    ),
    rule(
        &[MySqlConnector],
        &[
            "host", "port", "user", "username", "password", "passwd", "database", "db",
        ],
        Honoured,
        "instead of the URL's own part",
    ),
    rule(MYSQL, &["unix_socket"], Honoured, "the path of a Unix socket"),
    rule(
        &[PyMySql],
        &["ssl_ca"],
        Honoured,
        "the certificate and its host name are verified, unless ssl_check_hostname=false or ssl_verify_cert=false",
    ),
    rule(
        &[MySqlClient],
        &["ssl_ca"],
        Honoured,
        "the certificate is verified; its host name too with ssl_check_hostname=true or ssl_mode=VERIFY_IDENTITY",
    ),
    rule(
        &[MySqlConnector],
        &["ssl_ca"],
        Honoured,
        "encrypted; verified with ssl_verify_cert=true only, as there",
    ),
    rule(
        MYSQL,
        &["ssl_cert", "ssl_key"],
        Honoured,
        "both, and the key not encrypted",
    ),
    rule(
        MYSQL_DB,
        &["ssl_check_hostname"],
        Honoured,
        "whether the certificate's host name is verified",
    ),
    rule(
        &[MySqlClient],
        &["ssl_mode"],
        Honoured,
        "DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY",
    ),
    rule(
        &[PyMySql, MySqlConnector],
        &["ssl_disabled", "ssl_verify_cert", "ssl_verify_identity"],
        Honoured,
        "true or false; to Python's driver each text was true",
    ),
    rule(
        MYSQL_DB,
        &["ssl_capath", "ssl_cipher"],
        Refused,
        "not supported: name the file of the authority in ssl_ca",
    ),
    rule(
        &[PyMySql],
        &["ssl_key_password", "server_public_key", "auth_plugin_map"],
        Refused,
        "not supported",
    ),
    rule(
        MYSQL_DB,
        &["ssl"],
        Refused,
        "a dictionary in Python: write ssl_ca, ssl_cert, ssl_key",
    ),
    rule(
        &[MySqlClient],
        &["auth_plugin", "server_public_key_path"],
        Refused,
        "not supported",
    ),
    rule(
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
    rule(
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
    rule(
        MYSQL,
        &["init_command", "sql_mode", "read_default_file", "read_default_group"],
        Refused,
        "not supported: write host, user, database and TLS into the URL",
    ),
    rule(
        MYSQL_DB,
        &["client_flag", "conv", "cursorclass", "bind_address"],
        Refused,
        "not supported",
    ),
    rule(
        MYSQL,
        &["charset", "collation", "use_unicode"],
        Ignored,
        "texts are sent as utf8mb4, which every MySQL converts",
    ),
    rule(
        MYSQL_DB,
        &["connect_timeout"],
        Honoured,
        "for the first connection; requests wait 2 seconds",
    ),
    rule(
        &[MySqlConnector],
        &["connect_timeout", "connection_timeout"],
        Honoured,
        "for the first connection; requests wait 2 seconds",
    ),
    rule(
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
    rule(
        &[PyMySql],
        &["max_allowed_packet", "binary_prefix", "program_name", "defer_connect"],
        Ignored,
        "tuning of that driver",
    ),
    rule(
        &[MySqlClient],
        &["multi_statements"],
        Ignored,
        "statements are sent one by one",
    ),
    rule(
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
];
