//! The key that signs the tokens: whether it can be guessed, and where a new one is kept.

use std::{fmt, fs, io::Write, path::Path};

use super::{
    choices::Permission,
    environment::named,
    strength::{SECRET_KEY_BYTES, weakness},
};
use crate::{
    error::{Error, Result},
    flask::hashlib::hex,
};

/// A signing key; never shown by `Debug`.
#[derive(Clone)]
pub struct SecretKey(String);

impl SecretKey {
    /// The key's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Refuses a weak key, or warns of it if `weak` allows it; the setting `name` has it.
    ///
    /// # Errors
    /// [`Error::Refused`] says what is wrong with the key and how to make a better one.
    pub(super) fn check_strength(&self, name: &str, weak: Permission) -> Result<()> {
        let Some(weakness) = weakness(&self.0) else {
            return Ok(());
        };
        let fault = format!("{} {weakness} and can be brute-forced from one token", named(name));
        if weak == Permission::Deny {
            return Err(Error::Refused(format!(
                "{fault}; use {SECRET_KEY_BYTES} random bytes or more (openssl rand -hex 32), or set \
                 SHORT_SECRET_KEY=allow to keep an old key for now"
            )));
        }
        // A warning that cannot be shown is not worth an error.
        let _ = writeln!(
            std::io::stderr(),
            "warning: {fault}; replace it with {SECRET_KEY_BYTES} random bytes or more"
        );
        Ok(())
    }
}

impl From<&str> for SecretKey {
    fn from(key: &str) -> Self {
        Self(key.to_owned())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// Makes a random SECRET_KEY and keeps it in `.env` in `dir`, readable by its owner only.
///
/// # Errors
/// [`Error::Io`] if the file cannot be written.
pub fn create_secret_key(dir: &Path) -> Result<SecretKey> {
    let path = dir.join(".env");
    let attempt = |error| Error::Io(format!("cannot write SECRET_KEY to {}", path.display()), error);
    let key = random_hex(SECRET_KEY_BYTES)?;
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(attempt)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(attempt)?;
    // Not as text: its comments need not be UTF-8.
    let before = fs::read(&path).map_err(attempt)?;
    let separator = match before.last() {
        None | Some(b'\n' | b'\r') => "",
        Some(_) => "\n",
    };
    writeln!(file, "{separator}SECRET_KEY={key}").map_err(attempt)?;
    file.sync_all().map_err(attempt)?;
    Ok(SecretKey(key))
}

/// `bytes` random bytes of the operating system, as lower-case hexadecimal digits.
///
/// # Errors
/// [`Error::Internal`] if the operating system has none to give.
pub fn random_hex(bytes: usize) -> Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| Error::Internal(format!("no random bytes: {error}")))?;
    Ok(hex(&random))
}
