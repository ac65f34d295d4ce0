//! Changes to a project's files: all of them or none, whatever kills the program in between.
//!
//! The new contents are written under `.scaffold/stage/`. Then a journal is put in place by one rename, and from that
//! moment on the changes are made, by this run or by the next one. Nothing of the project is touched before.
//!
//! They are made in an order (`Step`) in which each list only ever names what is there: the project's own program
//! makes the changes, so it must compile whenever a run is killed. Journal and stage come with a clone and may be
//! anybody's, so all they say is checked before anything is done.

use std::{
    collections::BTreeSet,
    fs::{self, File, Metadata},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{lists, paths, project::Project, record::RECORDS, source::shown};
use crate::{
    error::{Error, Result},
    flask::hashlib::hex,
};

const STAGE: &str = ".scaffold/stage";
/// Named as no record of a resource is: those end in `.json`.
const JOURNAL: &str = ".scaffold/journal";

/// What a file was and what it is to be; `None` where it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
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
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    /// The hash of what the file was; none if there was none.
    before: Option<String>,
    /// The name of the staged content; none if the file goes.
    stage: Option<String>,
}

/// When a change is made: one kind after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// New files, which nothing names yet.
    Add,
    /// Files that the program is made of already.
    FileChange,
    /// The lists, each with its place among them.
    Register(usize),
    /// Tests, which may name those of resources that are new in the list.
    ChangeTest,
    /// Files that no list names any longer.
    Remove,
    /// What is known of a resource, when all of it is done.
    Record,
}

impl Entry {
    fn step(&self) -> Step {
        let list = lists::PATHS.iter().position(|path| *path == self.path);
        match (list, &self.before, &self.stage) {
            (Some(place), ..) => Step::Register(place),
            _ if self.path.starts_with(RECORDS) => Step::Record,
            (.., None) => Step::Remove,
            (_, None, _) => Step::Add,
            _ if self.path.starts_with("tests/") => Step::ChangeTest,
            _ => Step::FileChange,
        }
    }

    /// In which order changes are made. A migration is there while its upper half is, so this comes last and goes first.
    /// Lists that lose a resource do so in the opposite order to those that gain one.
    fn order(&self, is_removal: bool) -> (Step, bool) {
        let is_up = self.path.ends_with(".up.sql");
        let step = match self.step() {
            Step::Register(place) if is_removal => Step::Register(lists::PATHS.len() - place),
            step => step,
        };
        (step, is_up == self.stage.is_some())
    }
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
            "{JOURNAL}: an earlier run was interrupted; run without --dry-run and --diff to finish it first"
        ))),
    }
}

/// Makes the changes.
///
/// # Errors
/// [`Error::Io`]; before the journal is in place nothing has changed, and after that the next run finishes.
pub fn apply(project: &Project, lock: &Lock, changes: &[FileChange]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let root = &project.root;
    let stage = root.join(STAGE);
    let paths = changes.iter().map(|change| change.path.as_str()).chain([STAGE]);
    let places = paths.map(|path| project.place(path));
    let folders: BTreeSet<PathBuf> = places.filter_map(|place| place.parent().map(Path::to_owned)).collect();
    for folder in folders {
        project.check_writable(&folder)?;
    }
    create_folder(&stage)?;
    let mut entries = Vec::new();
    for (number, change) in changes.iter().enumerate() {
        let name = number.to_string();
        if let Some(after) = &change.after {
            write_synced(
                &stage.join(&name),
                after,
                fs::metadata(project.place(&change.path)).ok(),
            )?;
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
    sync_folder(&root.join(RECORDS))?;
    finish(project, lock).map(drop)
}

/// Makes a file that [`Project::read`] has not found, all of it or nothing.
///
/// # Errors
/// [`Error::Io`], also if it has come since.
pub fn create(project: &Project, path: &str, text: &str) -> Result<()> {
    let place = project.place(path);
    let folder = place.parent().unwrap_or(&project.root);
    create_folder(folder)?;
    let write = || -> std::io::Result<()> {
        // With the permissions of any new file.
        let mut file = tempfile::Builder::new().make_in(folder, |path| File::create_new(path))?;
        file.as_file_mut().write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&place)?;
        Ok(())
    };
    write().map_err(|error| failed("write", &place, error))
}

/// Makes the changes of the journal, if there is one, and clears away what is left of a run.
///
/// Gives the paths of files that an interrupted run changed; `None` if no run was interrupted.
///
/// # Errors
/// [`Error::Refused`] if files of an interrupted run were edited since, or the journal is not one of ours; [`Error::Io`].
pub fn finish(project: &Project, _lock: &Lock) -> Result<Option<Vec<String>>> {
    let root = &project.root;
    let (stage, journal, state) = (root.join(STAGE), root.join(JOURNAL), root.join(RECORDS));
    let Some(entries) = read_journal(project)? else {
        remove_stage(&stage)?;
        remove_if_empty(&state)?;
        return Ok(None);
    };
    for entry in &entries {
        check_unedited(project, entry)?;
    }
    for step in entries.chunk_by(|one, other| one.step() == other.step()) {
        make(project, &stage, step)?;
    }
    for entry in entries.iter().filter(|entry| entry.stage.is_none()) {
        let folders = Path::new(&entry.path).ancestors().skip(1);
        for folder in folders.filter(|folder| !folder.as_os_str().is_empty()) {
            remove_if_empty(&root.join(folder))?;
        }
    }
    // The journal goes last: while it is there, the next run knows that this one was not at its end.
    remove_stage(&stage)?;
    fs::remove_file(&journal).map_err(|error| failed("remove", &journal, error))?;
    remove_if_empty(&state)?;
    Ok(Some(entries.into_iter().map(|entry| entry.path).collect()))
}

/// Makes the changes of one step, for good.
fn make(project: &Project, stage: &Path, entries: &[Entry]) -> Result<()> {
    let mut folders = BTreeSet::new();
    for entry in entries {
        let target = project.place(&entry.path);
        let folder = target.parent().unwrap_or(&project.root).to_owned();
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
    folders
        .iter()
        .filter(|folder| folder.exists())
        .try_for_each(|folder| sync_folder(folder))
}

/// The entries of the journal in the order in which they are to be done, each of them checked; `None` if there is none.
fn read_journal(project: &Project) -> Result<Option<Vec<Entry>>> {
    let Some(text) = project.read(JOURNAL)? else {
        return Ok(None);
    };
    let refuse = |text: String| {
        Error::Refused(format!(
            "{JOURNAL}: cannot be read by this version of scaffold ({text}); finish the run with the version that \
             started it, or delete the file"
        ))
    };
    let mut entries: Vec<Entry> = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    let (mut targets, mut stages) = (BTreeSet::new(), BTreeSet::new());
    for entry in &entries {
        paths::check(&entry.path, JOURNAL, None)?;
        if !targets.insert(&entry.path) {
            return Err(refuse(format!("it has {} twice", entry.path)));
        }
        if let Some(name) = &entry.stage {
            let is_name = name.parse::<u16>().is_ok_and(|number| number.to_string() == *name);
            if !is_name || !stages.insert(name) {
                return Err(refuse(format!(
                    "the stage of {} is `{}`, expected a number of its own",
                    entry.path,
                    shown(name)
                )));
            }
            // What is still there must be a file of the project itself, not a link.
            project.read(&format!("{STAGE}/{name}"))?;
        }
    }
    let is_crate = |entry: &Entry| entry.path.starts_with("src/app/") && entry.path.ends_with("/Cargo.toml");
    let is_removal = entries.iter().any(|entry| is_crate(entry) && entry.stage.is_none());
    entries.sort_by_key(|entry| entry.order(is_removal));
    Ok(Some(entries))
}

/// Whether a file is still what the interrupted run found.
fn check_unedited(project: &Project, entry: &Entry) -> Result<()> {
    let staged = entry.stage.as_ref().map(|name| format!("{STAGE}/{name}"));
    let staged = staged.map(|path| project.read(&path)).transpose()?;
    let is_done = matches!(staged, Some(None));
    let now = project.read(&entry.path)?;
    // Cargo has perhaps made the same change of its lock file in between, to build the program that finishes the run.
    let is_same = now == staged.flatten();
    if is_done || is_same || now.as_deref().map(hash) == entry.before {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{}: was edited after an earlier run was interrupted; move the edit elsewhere and run this again, or delete \
         {JOURNAL} to abandon the interrupted run",
        entry.path
    )))
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// Writes a file for good; what is to take the place of `another` gets its permissions.
pub(super) fn write_synced(path: &Path, text: &str, another: Option<Metadata>) -> Result<()> {
    let write = || -> std::io::Result<()> {
        // The folder was empty: what is there, a link elsewhere perhaps, is not ours to write to.
        let mut file = File::create_new(path)?;
        file.write_all(text.as_bytes())?;
        if let Some(another) = another {
            file.set_permissions(another.permissions())?;
        }
        file.sync_all()
    };
    write().map_err(|error| failed("write", path, error))
}

pub(super) fn create_folder(path: &Path) -> Result<()> {
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

pub(super) fn failed(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::Io(format!("cannot {what} {}", path.display()), error)
}
