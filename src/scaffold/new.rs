//! A project of one's own, in a folder that is there with all of it or not at all.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{
    changes::{create_folder, failed, write_synced},
    lockfile, names,
    project::here,
    reserved,
    skeleton::{RECORD, Record},
};
use crate::error::{Error, Result};

/// Names that cargo or Rust have something else for.
const TAKEN: &str = "alloc build core deps examples incremental proc-macro proc_macro std test";

/// Checks what a project is called: its crate, its program, and its file of an SQLite database.
///
/// # Errors
/// [`Error::Refused`] says what is wrong, and what is allowed.
pub fn check_name(name: &str, lock: &str) -> Result<()> {
    let refuse = |text: &str| {
        Err(Error::Refused(format!(
            "`{}` is not a valid project name: {text}; choose another with --name",
            super::source::shown(name)
        )))
    };
    let is_spelled = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= names::MAX_CHARS
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
    if !is_spelled {
        return refuse(&format!(
            "names start with a-z, followed by a-z, 0-9, - and _, at most {} characters",
            names::MAX_CHARS
        ));
    }
    if reserved::is_word_of_rust(&name.replace('-', "_")) || reserved::is_among(TAKEN, name) {
        return refuse("the name is reserved by Rust or Cargo");
    }
    if name.starts_with("app-") {
        return refuse("names starting with `app-` are reserved for resources");
    }
    if lockfile::has(lock, name) && name != "poem-scaffold" {
        return refuse("a dependency has the same name");
    }
    Ok(())
}

/// A folder that becomes the project's when all is in it.
pub struct NewProject {
    folder: tempfile::TempDir,
    target: PathBuf,
    /// Whether the project's folder is there: it stays the same one, for a shell may be in it, or a disk begin there.
    is_there: bool,
}

impl NewProject {
    /// Writes a project beside `target`, or in it, where nothing may be yet but an empty folder.
    ///
    /// # Errors
    /// [`Error::Refused`] if something is there; [`Error::Io`].
    pub fn write(target: &Path, record: &Record, settings: &str) -> Result<Self> {
        let here = here()?;
        let target = here.join(target);
        let is_there = match fs::read_dir(&target).map(|mut entries| entries.next().is_none()) {
            Ok(true) => true,
            Ok(false) => {
                return Err(Error::Refused(format!(
                    "{}: the folder is not empty; choose an empty or a new one",
                    target.display()
                )));
            }
            Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(&target).is_err() => false,
            Err(error) => {
                return Err(Error::Refused(format!(
                    "{}: {error}; choose another folder",
                    target.display()
                )));
            }
        };
        let parent = if is_there {
            &target
        } else {
            target.parent().unwrap_or(&here)
        };
        create_folder(parent)?;
        let folder = tempfile::Builder::new()
            .prefix(".poem-scaffold-new-")
            .tempdir_in(parent)
            .map_err(|error| failed("create a folder in", parent, error))?;
        let draft = Self {
            folder,
            target,
            is_there,
        };
        for (path, text) in &record.files {
            draft.put(path, text)?;
        }
        if let Some(lock) = record.framework.lock() {
            draft.put(lockfile::PATH, &lockfile::of_project(&lock, &record.name))?;
        }
        draft.put(RECORD, &record.to_text()?)?;
        if !settings.is_empty() {
            draft.put(".env", settings)?;
            private(&draft.path().join(".env"))?;
        }
        Ok(draft)
    }

    /// Where it is until it is finished.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    fn put(&self, path: &str, text: &str) -> Result<()> {
        let path = self.path().join(path);
        create_folder(path.parent().unwrap_or(self.path()))?;
        write_synced(&path, text, None)
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self) -> Result<PathBuf> {
        let failed = |error| failed("create", &self.target, error);
        if self.is_there {
            let entries = fs::read_dir(self.path()).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
            let mut entries = entries.map_err(failed)?;
            // What makes the folder a project comes last.
            entries.sort_by_key(|entry| entry.file_name() == "src");
            for entry in entries {
                fs::rename(entry.path(), self.target.join(entry.file_name())).map_err(failed)?;
            }
        } else {
            shared(self.path())?;
            fs::rename(self.path(), &self.target).map_err(failed)?;
        }
        Ok(self.target)
    }
}

/// A folder for a while is for its owner alone; a project's is as any other.
#[cfg(unix)]
fn shared(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // What the process gives to new folders.
    let usual = folder.join("src").metadata().map(|folder| folder.permissions().mode());
    let usual = usual.unwrap_or(0o755);
    fs::set_permissions(folder, PermissionsExt::from_mode(usual)).map_err(|error| failed("create", folder, error))
}

#[cfg(not(unix))]
fn shared(_folder: &Path) -> Result<()> {
    Ok(())
}

/// Settings may have a password.
#[cfg(unix)]
fn private(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, PermissionsExt::from_mode(0o600)).map_err(|error| failed("write", file, error))
}

#[cfg(not(unix))]
fn private(_file: &Path) -> Result<()> {
    Ok(())
}
