//! Database servers that take encrypted connections only, with a private authority.

use std::process::Command;

use super::{cheap, refused, run};
use crate::support::{
    services::{MariaDb, Postgres, left_out},
    sql::run_sql,
};

/// An authority and another one, a certificate for `localhost`, one of version 1, one of itself, and a client's.
const CERTIFICATES: &str = r#"
    new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    for name in ca other; do
        openssl req -x509 $new -days 2 -subj "/CN=$name" -keyout $name.key -out $name.pem
    done
    printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' >extensions
    sign="openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
    for name in server ann; do
        openssl req -new $new -subj "/CN=$name" -keyout $name.key -out $name.csr
        $sign -in $name.csr -extfile extensions -out $name.pem
    done
    $sign -in server.csr -out first.pem
    openssl req -x509 -key server.key -days 2 -subj /CN=self -addext subjectAltName=DNS:localhost -out self.pem
    openssl req -x509 -key server.key -days 2 -subj /CN=leaf -addext subjectAltName=DNS:localhost \
        -addext basicConstraints=critical,CA:FALSE -out leaf.pem
    chmod 644 *.key && chmod 755 .
"#;

fn certificates() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("sh")
        .args(["-ec", CERTIFICATES])
        .current_dir(&folder)
        .output();
    match made {
        Ok(made) if made.status.success() => Some(folder),
        Ok(made) if !String::from_utf8_lossy(&made.stderr).contains("openssl: not found") => {
            panic!("{}", String::from_utf8_lossy(&made.stderr))
        }
        _ => left_out("TLS", "openssl"),
    }
}

/// Whether a URL is opened, or refused with this exit code and these words.
type Outcome<'a> = Result<(), (i32, &'a str)>;

/// Tries each URL.
fn check(cases: &[(String, Outcome<'_>)]) {
    let folder = tempfile::tempdir().unwrap();
    for (url, expected) in cases {
        let config = cheap().env("DATABASE_URL", url);
        match expected {
            Ok(()) => _ = run(&config, folder.path(), &["db", "status"], None),
            Err((code, words)) => {
                let text = refused(&config, folder.path(), &["db", "status"], None, *code);
                assert!(text.contains(words), "{url}: {text}");
                assert_eq!(
                    text.matches("invalid peer certificate").count().max(1),
                    1,
                    "{url}: {text}"
                );
            }
        }
    }
}

#[test]
fn postgres_is_reached_as_sslmode_and_its_like_ask() {
    let Some(files) = certificates() else { return };
    let Some(postgres) = Postgres::start_with_tls(files.path()) else {
        return;
    };
    let url = postgres.create_database();
    let (_, rest) = url.split_once("127.0.0.1").unwrap();
    let file = |name: &str| files.path().join(name).display().to_string();
    let of = |host: &str, query: &str| format!("postgresql+psycopg2://postgres@{host}{rest}?{query}");
    let verified = |mode: &str, host: &str, root: &str| of(host, &format!("sslmode={mode}&sslrootcert={}", file(root)));
    run_sql(&url, "create role ann login");
    let client = format!(
        "sslmode=verify-full&sslrootcert={}&sslcert={}&sslkey={}",
        file("ca.pem"),
        file("ann.pem"),
        file("ann.key")
    );
    let port = rest[1..].split('/').next().unwrap();
    let socket = format!("host={}&port={port}&sslmode=require", postgres.folder().display());
    let socket = of("", &socket).replace(&format!(":{port}/"), "/");
    check(&[
        // A socket is never encrypted, as with libpq.
        (socket, Ok(())),
        (of("127.0.0.1", "sslmode=disable"), Err((1, "no encryption"))),
        (of("127.0.0.1", ""), Ok(())),
        (of("127.0.0.1", "sslmode=require"), Ok(())),
        (verified("verify-full", "localhost", "ca.pem"), Ok(())),
        (verified("verify-ca", "127.0.0.1", "ca.pem"), Ok(())),
        (verified("require", "127.0.0.1", "ca.pem"), Ok(())),
        (
            verified("verify-full", "127.0.0.1", "ca.pem"),
            Err((1, "subjectAltName")),
        ),
        (
            verified("verify-full", "localhost", "other.pem"),
            Err((1, "not signed")),
        ),
        (verified("verify-ca", "localhost", "other.pem"), Err((1, "not signed"))),
        (verified("require", "localhost", "other.pem"), Err((1, "not signed"))),
        (of("localhost", "sslmode=verify-full"), Err((1, "not signed"))),
        (
            verified("verify-full", "localhost", "missing.pem"),
            Err((2, "missing.pem")),
        ),
        (of("localhost", &client).replace("postgres@", "ann@"), Ok(())),
        (
            verified("verify-full", "localhost", "ca.pem").replace("postgres@", "ann@"),
            Err((1, "certificate")),
        ),
    ]);
    let serve = |certificate: &str| {
        run_sql(&url, &format!("alter system set ssl_cert_file = '{certificate}'"));
        run_sql(&url, "select pg_reload_conf()");
        std::thread::sleep(std::time::Duration::from_millis(500));
    };
    serve("self.pem");
    check(&[
        (
            verified("verify-full", "localhost", "self.pem"),
            Err((1, "basicConstraints=critical,CA:FALSE")),
        ),
        (of("localhost", "sslmode=require"), Ok(())),
    ]);
    serve("leaf.pem");
    check(&[
        (verified("verify-full", "localhost", "leaf.pem"), Ok(())),
        (verified("verify-full", "localhost", "ca.pem"), Err((1, "not signed"))),
    ]);
}

#[test]
fn mariadb_is_reached_as_ssl_ca_and_its_like_ask() {
    let Some(files) = certificates() else { return };
    let Some(mariadb) = MariaDb::start_with_tls(files.path()) else {
        return;
    };
    let url = mariadb.create_database();
    let (_, rest) = url.split_once("127.0.0.1").unwrap();
    let file = |name: &str| files.path().join(name).display().to_string();
    let of = |driver: &str, host: &str, query: &str| format!("{driver}://root@{host}{rest}?{query}");
    let with =
        |driver: &str, host: &str, root: &str, more: &str| of(driver, host, &format!("ssl_ca={}{more}", file(root)));
    let (pymysql, connector) = ("mysql+pymysql", "mysql+mysqlconnector");
    check(&[
        (of(pymysql, "127.0.0.1", "ssl_disabled=true"), Err((1, "denied"))),
        (of("mysql", "127.0.0.1", "ssl_mode=DISABLED"), Err((1, "denied"))),
        (of(pymysql, "127.0.0.1", "charset=utf8mb4"), Ok(())),
        (with(pymysql, "localhost", "ca.pem", ""), Ok(())),
        (with(pymysql, "127.0.0.1", "ca.pem", ""), Err((1, "subjectAltName"))),
        (
            with(pymysql, "127.0.0.1", "ca.pem", "&ssl_check_hostname=false"),
            Ok(()),
        ),
        (with(pymysql, "localhost", "other.pem", ""), Err((1, "not signed"))),
        (
            with(pymysql, "localhost", "other.pem", "&ssl_verify_cert=false"),
            Ok(()),
        ),
        (with("mysql", "127.0.0.1", "ca.pem", ""), Ok(())),
        (with("mysql", "127.0.0.1", "other.pem", ""), Err((1, "not signed"))),
        (
            with("mysql", "127.0.0.1", "ca.pem", "&ssl_mode=VERIFY_IDENTITY"),
            Err((1, "subjectAltName")),
        ),
        (with(connector, "127.0.0.1", "other.pem", ""), Ok(())),
        (
            with(connector, "127.0.0.1", "other.pem", "&ssl_verify_cert=true"),
            Err((1, "not signed")),
        ),
        (
            with(
                connector,
                "localhost",
                "ca.pem",
                "&ssl_verify_cert=true&ssl_verify_identity=true",
            ),
            Ok(()),
        ),
    ]);
    let serve = |certificate: &str| {
        std::fs::copy(files.path().join(certificate), mariadb.folder().join("server.pem")).unwrap();
        run_sql(&url, "flush ssl");
    };
    serve("self.pem");
    check(&[(
        with(pymysql, "localhost", "self.pem", ""),
        Err((1, "basicConstraints=critical,CA:FALSE")),
    )]);
    serve("first.pem");
    check(&[(with(pymysql, "localhost", "ca.pem", ""), Err((1, "version")))]);
}
