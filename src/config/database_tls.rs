//! Reads the TLS parameters of each driver.

use std::path::PathBuf;

use super::{
    environment,
    parameters::{PythonDriver, Values},
};
use crate::flask::sqlalchemy::as_bool;

/// How a connection to a database is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Whether it is encrypted, and what is verified.
    pub mode: TlsMode,
    /// Certificates of authorities that are trusted besides the system's.
    pub root: Option<PathBuf>,
    /// Our own certificate, and its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

/// Whether TLS is used, and what is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// Not used.
    Disable,
    /// Used where the server can, with any certificate.
    Prefer,
    /// Used always, with any certificate.
    Require,
    /// Used always, with a certificate of a known authority.
    VerifyCa,
    /// Used always, with a certificate of a known authority for the host of the URL.
    VerifyFull,
}

/// The file in the user's home that libpq uses when none is named.
fn default_file(name: &str) -> Option<PathBuf> {
    let home = environment::text("HOME").ok()??;
    Some(PathBuf::from(home).join(".postgresql").join(name)).filter(|path| path.is_file())
}

/// What libpq makes of `sslmode` and its like.
pub(super) fn postgres_tls(values: &Values, is_socket: bool) -> Result<Tls, String> {
    let requires = values.get("requiressl").is_some_and(|value| value == "1");
    let text = values.get("sslmode").map(String::as_str);
    let mode = match text.unwrap_or(if requires { "require" } else { "prefer" }) {
        "disable" => TlsMode::Disable,
        "allow" | "prefer" => TlsMode::Prefer,
        "require" => TlsMode::Require,
        "verify-ca" => TlsMode::VerifyCa,
        "verify-full" => TlsMode::VerifyFull,
        _ => return Err("sslmode must be disable, allow, prefer, require, verify-ca or verify-full".to_owned()),
    };
    // libpq never encrypts a Unix socket.
    let mode = if is_socket { TlsMode::Disable } else { mode };
    let named = values.get("sslrootcert").map(String::as_str);
    let (mode, root) = match (mode, named) {
        (TlsMode::Disable, _) => (mode, None),
        (TlsMode::VerifyFull, Some("system")) => (mode, None),
        (_, Some("system")) => return Err("sslrootcert=system needs sslmode=verify-full".to_owned()),
        (TlsMode::Prefer, Some(_)) => {
            return Err("sslrootcert has no effect without sslmode=verify-full or verify-ca".to_owned());
        }
        (TlsMode::Prefer, None) => (mode, None),
        (_, named) => match named.map(PathBuf::from).or_else(|| default_file("root.crt")) {
            // With certificates to compare with, libpq's `require` is its `verify-ca`.
            Some(root) if mode == TlsMode::Require => (TlsMode::VerifyCa, Some(root)),
            root => (mode, root),
        },
    };
    let file = |parameter: &str, usual| match values.get(parameter) {
        Some(path) => Some(PathBuf::from(path)),
        None => default_file(usual),
    };
    let certificate = both(
        file("sslcert", "postgresql.crt"),
        file("sslkey", "postgresql.key"),
        "sslcert and sslkey",
    )?;
    Ok(Tls {
        mode,
        root,
        certificate,
    })
}

/// What MySQL's drivers make of `ssl_ca` and its like.
pub(super) fn mysql_tls(driver: PythonDriver, values: &Values) -> Result<Tls, String> {
    let flag = |name: &str| match values.get(name) {
        None => Ok(None),
        Some(text) => as_bool(text)
            .map(Some)
            .ok_or_else(|| format!("`{name}` must be true or false")),
    };
    let file = |name: &str| values.get(name).map(PathBuf::from);
    let root = file("ssl_ca");
    let certificate = both(file("ssl_cert"), file("ssl_key"), "ssl_cert and ssl_key")?;
    let (checks_host, verifies, identifies) = (
        flag("ssl_check_hostname")?,
        flag("ssl_verify_cert")?,
        flag("ssl_verify_identity")?,
    );
    let is_asked =
        root.is_some() || certificate.is_some() || checks_host.is_some() || verifies.is_some() || identifies.is_some();
    let mode = match (
        driver,
        values.get("ssl_mode").map(|mode| mode.to_uppercase()).as_deref(),
    ) {
        _ if flag("ssl_disabled")? == Some(true) => TlsMode::Disable,
        (_, Some("DISABLED")) => TlsMode::Disable,
        (_, Some("PREFERRED")) => TlsMode::Prefer,
        (_, Some("REQUIRED")) => TlsMode::Require,
        (_, Some("VERIFY_CA")) => TlsMode::VerifyCa,
        (_, Some("VERIFY_IDENTITY")) => TlsMode::VerifyFull,
        (_, Some(_)) => {
            return Err("ssl_mode must be DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY".to_owned());
        }
        (_, None) if !is_asked => TlsMode::Prefer,
        (PythonDriver::MySqlConnector, None) => verified(identifies == Some(true), verifies == Some(true)),
        (PythonDriver::MySqlClient, None) => verified(checks_host == Some(true), root.is_some()),
        (_, None) => {
            let verifies = verifies.unwrap_or(root.is_some());
            let checks_host = checks_host.or(identifies).unwrap_or(root.is_some());
            verified(identifies == Some(true) || (verifies && checks_host), verifies)
        }
    };
    if mode == TlsMode::Disable && root.is_some() {
        return Err("ssl_ca has no effect while TLS is disabled: remove one of the two".to_owned());
    }
    Ok(Tls {
        mode,
        root,
        certificate,
    })
}

fn verified(host: bool, authority: bool) -> TlsMode {
    match (host, authority) {
        (true, _) => TlsMode::VerifyFull,
        (false, true) => TlsMode::VerifyCa,
        (false, false) => TlsMode::Require,
    }
}

fn both(certificate: Option<PathBuf>, key: Option<PathBuf>, names: &str) -> Result<Option<(PathBuf, PathBuf)>, String> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        _ => Err(format!("{names} belong together: set both or none")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::database_server::tests::server;

    #[test]
    fn parameters_of_tls_have_the_effect_that_each_driver_gives_them() {
        use TlsMode::{Disable, Prefer, Require, VerifyCa, VerifyFull};
        for (url, mode) in [
            ("postgresql://u@h/d", Prefer),
            ("postgresql://u@h/d?sslmode=allow", Prefer),
            ("postgresql://u@h/d?sslmode=disable&sslrootcert=/ca", Disable),
            ("postgresql://u@h/d?requiressl=1", Require),
            ("postgresql://u@h/d?sslmode=require", Require),
            ("postgresql://u@h/d?sslmode=require&sslrootcert=/ca", VerifyCa),
            ("postgresql://u@h/d?sslmode=verify-ca&sslrootcert=/ca", VerifyCa),
            ("postgresql://u@h/d?sslmode=verify-full&sslrootcert=system", VerifyFull),
            ("postgresql://u@/d?host=/run&sslmode=require", Disable),
            ("postgresql+asyncpg://u@h/d?ssl=require", Require),
            ("mysql://u@h/d", Prefer),
            ("mysql://u@h/d?ssl_ca=/ca", VerifyCa),
            ("mysql://u@h/d?ssl_ca=/ca&ssl_check_hostname=true", VerifyFull),
            ("mysql+mysqldb://u@h/d?ssl_mode=REQUIRED", Require),
            ("mysql+mysqldb://u@h/d?ssl_mode=VERIFY_IDENTITY&ssl_ca=/ca", VerifyFull),
            ("mysql+mysqldb://u@h/d?ssl_mode=DISABLED", Disable),
            ("mysql+pymysql://u@h/d?ssl_ca=/ca", VerifyFull),
            ("mysql+pymysql://u@h/d?ssl_ca=/ca&ssl_check_hostname=false", VerifyCa),
            ("mysql+pymysql://u@h/d?ssl_ca=/ca&ssl_verify_cert=false", Require),
            ("mysql+pymysql://u@h/d?ssl_verify_cert=true", VerifyCa),
            ("mysql+pymysql://u@h/d?ssl_verify_identity=true", VerifyFull),
            ("mysql+pymysql://u@h/d?ssl_cert=/c&ssl_key=/k", Require),
            ("mysql+pymysql://u@h/d?ssl_check_hostname=false", Require),
            ("mysql+pymysql://u@h/d?ssl_disabled=true", Disable),
            ("mysql+mysqlconnector://u@h/d?ssl_ca=/ca", Require),
            ("mysql+mysqlconnector://u@h/d?ssl_ca=/ca&ssl_verify_cert=true", VerifyCa),
            (
                "mysql+mysqlconnector://u@h/d?ssl_ca=/ca&ssl_verify_cert=1&ssl_verify_identity=1",
                VerifyFull,
            ),
        ] {
            assert_eq!(server(url).tls.mode, mode, "{url}");
        }
    }
}
