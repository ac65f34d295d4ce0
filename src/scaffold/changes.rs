//! Changes to a project's files: all of them or none, whatever kills the program in between.
//!
//! The new contents are written under `.scaffold/stage/`. Then a journal is put in place by one rename, and from that
//! moment on the changes are made, by this run or by the next one. Nothing of the project is touched before.

use std::{
    collections::BTreeSet,
    fs::{self, File, Metadata},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::project::{Project, STATE};
use crate::error::{Error, Result};

const STAGE: &str = ".scaffold/stage";
/// Named as no record of a resource is: those end in `.json`.
const JOURNAL: &str = ".scaffold/journal";

/// What a file was and what it is to be; `None` where it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path in the project.
    pub path: String,
    /// What it is now.
    pub before: Option<String>,
    /// What it is to be.
    pub after: Option<String>,
}

/// The right to change a project, which one process has at a time.
///
/// Lost with the process, however it ends.
#[derive(Debug)]
pub struct Lock {
    _folder: File,
}

/// An entry of the journal.
#[derive(Serialize, Deserialize)]
struct Entry {
    path: String,
    /// The hash of what the file was; none if there was none.
    before: Option<String>,
    /// The name of the staged content; none if the file goes.
    stage: Option<String>,
}

/// Waits for other runs on the project.
///
/// # Errors
/// [`Error::Io`].
pub fn lock(project: &Project) -> Result<Lock> {
    let root = &project.root;
    let folder = File::open(root).map_err(|error| failed("open", root, error))?;
    folder.lock().map_err(|error| failed("lock", root, error))?;
    Ok(Lock { _folder: folder })
}

/// Checks, without changing anything, that no run was interrupted.
///
/// # Errors
/// [`Error::Refused`] if one was.
pub fn check_finished(project: &Project, _lock: &Lock) -> Result<()> {
    match project.read(JOURNAL)? {
        None => Ok(()),
        Some(_) => Err(Error::Refused(format!(
            "{JOURNAL}: an earlier run was interrupted half-way; the next run without --dry-run and --diff finishes it, and \
             nothing can be shown before"
        ))),
    }
}

/// Makes the changes.
///
/// # Errors
/// [`Error::Io`]; before the journal is in place nothing has changed, and after that the next run finishes.
pub fn apply(project: &Project, lock: &Lock, changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let root = &project.root;
    let stage = root.join(STAGE);
    let paths = changes.iter().map(|change| change.path.as_str()).chain([STAGE]);
    let folders: BTreeSet<&Path> = paths.filter_map(|path| Path::new(path).parent()).collect();
    for folder in folders {
        project.check_writable(folder)?;
    }
    create_folder(&stage)?;
    let mut entries = Vec::new();
    for (number, change) in changes.iter().enumerate() {
        let name = number.to_string();
        if let Some(after) = &change.after {
            write_synced(&stage.join(&name), after, fs::metadata(root.join(&change.path)).ok())?;
        }
        entries.push(Entry {
            path: change.path.clone(),
            before: change.before.as_deref().map(hash),
            stage: change.after.as_ref().map(|_| name),
        });
    }
    let journal = serde_json::to_string(&entries).map_err(|error| Error::Internal(error.to_string()))?;
    let written = stage.join("journal");
    write_synced(&written, &journal, None)?;
    sync_folder(&stage)?;
    let place = root.join(JOURNAL);
    fs::rename(&written, &place).map_err(|error| failed("write", &place, error))?;
    sync_folder(&root.join(STATE))?;
    finish(project, lock)
}

/// Makes the changes of the journal, if there is one, and clears away what is left of a run.
///
/// # Errors
/// [`Error::Refused`] if files of an interrupted run were edited since; [`Error::Io`].
pub fn finish(project: &Project, _lock: &Lock) -> Result<()> {
    let root = &project.root;
    let (stage, journal) = (root.join(STAGE), root.join(JOURNAL));
    let entries: Vec<Entry> = match project.read(JOURNAL)? {
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| Error::Refused(format!("{JOURNAL}: is not what scaffold wrote ({error}); delete it")))?,
        None => {
            remove_stage(&stage)?;
            return remove_if_empty(&root.join(STATE));
        }
    };
    for entry in &entries {
        check_unedited(project, &stage, entry)?;
    }
    let mut folders = BTreeSet::new();
    for entry in &entries {
        let target = root.join(&entry.path);
        let folder = target.parent().unwrap_or(root).to_owned();
        match &entry.stage {
            Some(name) => {
                let staged = stage.join(name);
                // Without it the change was made before the interruption.
                if staged.exists() {
                    create_folder(&folder)?;
                    fs::rename(&staged, &target).map_err(|error| failed("write", &target, error))?;
                }
            }
            None => match fs::remove_file(&target) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed("remove", &target, error)),
                _ => {}
            },
        }
        folders.insert(folder);
    }
    for folder in folders.iter().filter(|folder| folder.exists()) {
        sync_folder(folder)?;
    }
    for entry in entries.iter().filter(|entry| entry.stage.is_none()) {
        let folder = root.join(&entry.path);
        remove_if_empty(folder.parent().unwrap_or(root))?;
    }
    fs::remove_file(&journal).map_err(|error| failed("remove", &journal, error))?;
    remove_stage(&stage)?;
    remove_if_empty(&root.join(STATE))
}

/// Whether a file is still what the interrupted run found.
fn check_unedited(project: &Project, stage: &Path, entry: &Entry) -> Result<()> {
    let is_done = entry.stage.as_ref().is_some_and(|name| !stage.join(name).exists());
    let now = project.read(&entry.path)?.as_deref().map(hash);
    if is_done || now == entry.before || (now.is_none() && entry.stage.is_none()) {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{}: was edited after an earlier run was interrupted; put the edit elsewhere and run this again, or give the \
         interrupted run up by deleting {JOURNAL}",
        entry.path
    )))
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file for good; what is to take the place of `another` gets its permissions.
fn write_synced(path: &Path, text: &str, another: Option<Metadata>) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(text.as_bytes())?;
        if let Some(another) = another {
            file.set_permissions(another.permissions())?;
        }
        file.sync_all()
    };
    write().map_err(|error| failed("write", path, error))
}

fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| failed("create", path, error))
}

fn sync_folder(path: &Path) -> Result<()> {
    let sync = File::open(path).and_then(|folder| folder.sync_all());
    sync.map_err(|error| failed("write", path, error))
}

fn remove_stage(stage: &Path) -> Result<()> {
    match fs::remove_dir_all(stage) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", stage, error)),
        _ => Ok(()),
    }
}

/// Looks first: where nothing may be removed, removing a folder that is not empty fails for that reason.
fn remove_if_empty(folder: &Path) -> Result<()> {
    let remove = || match fs::read_dir(folder)?.next() {
        None => fs::remove_dir(folder),
        Some(_) => Ok(()),
    };
    match remove() {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
            Err(failed("remove", folder, error))
        }
        _ => Ok(()),
    }
}

fn failed(what: &str, path: &Path, error: std::io::Error) -> Error {
    let path: PathBuf = path.to_owned();
    Error::Io(format!("cannot {what} {}", path.display()), error)
}
