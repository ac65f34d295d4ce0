//! The project that resources are added to: its folder, its files, and what was generated in it before.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{
    lists::{CRATES, ROUTES, ROUTES_MARKER},
    lockfile,
    model::USERS,
    paths,
    record::{RECORDS, ResourceRecord},
    skeleton::{RECORD, Record, VERSION},
};
use crate::{
    embedded::{self, Layers},
    error::{Error, Result},
};

/// The largest file that is read: much more than any that a run writes.
const MAX_BYTES: u64 = 16 << 20;

/// Where a project stands that is a part of a larger workspace, as this library's own does.
const INNER: &str = "project";

/// A project's folder.
#[derive(Debug)]
pub struct Project {
    /// The folder with `Cargo.toml`.
    pub root: PathBuf,
    /// The folder with `Cargo.lock`: that of the workspace.
    workspace: PathBuf,
}

impl Project {
    /// The given folder, or the nearest one around this that is a project.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none.
    pub fn find(root: Option<&Path>) -> Result<Self> {
        if let Some(root) = root {
            return Self::at(root).ok_or_else(|| {
                Error::Refused(format!(
                    "--root {}: {ROUTES} there has no line `{ROUTES_MARKER}`; expected the folder of a project; create \
                     one with `poem-scaffold new DIR`",
                    root.display()
                ))
            });
        }
        let here = here()?;
        Self::around(&here).ok_or_else(|| {
            Error::Refused(format!(
                "{} is not inside a project; create one with `poem-scaffold new DIR`, or select one with --root DIR",
                here.display()
            ))
        })
    }

    /// The nearest project around a folder.
    pub fn around(folder: &Path) -> Option<Self> {
        let folders = folder.ancestors();
        folders
            .flat_map(|folder| [folder.to_owned(), folder.join(INNER)])
            .find_map(|folder| Self::at(&folder))
    }

    /// The project in a folder.
    pub fn at(root: &Path) -> Option<Self> {
        let routes = fs::read(root.join(ROUTES)).ok()?;
        let is_marked = String::from_utf8_lossy(&routes).contains(ROUTES_MARKER);
        let real = fs::canonicalize(root).ok()?;
        // A project that is its own workspace is in no larger one, though it may stand in the folder of another.
        let manifest = fs::read_to_string(root.join(CRATES)).unwrap_or_default();
        let is_alone = manifest.lines().any(|line| line.trim() == "[workspace]");
        let has_lock = |folder: &&Path| is_alone || folder.join(lockfile::PATH).is_file();
        is_marked.then(|| Self {
            root: root.to_owned(),
            workspace: real.ancestors().find(has_lock).unwrap_or(&real).to_owned(),
        })
    }

    /// Where its program is run, as far as one can tell: there is an `.env` since its first start, here or in the folder
    /// of the workspace.
    pub fn settings_folder(&self) -> PathBuf {
        let has_settings = |folder: &&PathBuf| folder.join(".env").is_file();
        let found = [&self.root, &self.workspace].into_iter().find(has_settings);
        found.unwrap_or(&self.root).clone()
    }

    /// Where a file of the project is.
    pub fn place(&self, path: &str) -> PathBuf {
        match path {
            lockfile::PATH => self.workspace.join(path),
            _ => self.root.join(path),
        }
    }

    /// What cargo calls the project.
    ///
    /// # Errors
    /// [`Error::Refused`] if its `Cargo.toml` does not say so.
    pub fn package(&self) -> Result<String> {
        let manifest = self.manifest()?;
        lockfile::package_in(&manifest)
            .map(str::to_owned)
            .ok_or_else(|| Error::Refused(format!("{CRATES}: expected a [package] with a name")))
    }

    /// The crates that the project's code may name.
    ///
    /// # Errors
    /// As [`Project::package`].
    pub fn crates(&self) -> Result<Vec<String>> {
        let manifest = self.manifest()?;
        let tables = ["dependencies", "dev-dependencies"].map(|name| manifest.get(name));
        let tables = tables.into_iter().filter_map(|table| table?.as_table());
        Ok(tables
            .flat_map(toml::Table::keys)
            .map(|name| name.replace('-', "_"))
            .collect())
    }

    fn manifest(&self) -> Result<toml::Table> {
        let text = self.read(CRATES)?.unwrap_or_default();
        text.parse()
            .map_err(|error: toml::de::Error| Error::Refused(format!("{CRATES}: invalid TOML: {}", error.message())))
    }

    /// The text of a file; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Refused`] for what is no text file of the project itself, or could not become one.
    pub fn read(&self, path: &str) -> Result<Option<String>> {
        self.check_folders(path)?;
        let refuse = |text: String| Error::Refused(format!("{path}: {text}"));
        let full = self.place(path);
        match fs::symlink_metadata(&full) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Ok(metadata) if !metadata.is_file() => {
                return Err(refuse(
                    "is not a regular file; move it out of the \
                                                                      way"
                    .to_owned(),
                ));
            }
            Ok(metadata) if metadata.len() > MAX_BYTES => {
                return Err(refuse(format!(
                    "is larger than {} MiB; move it out of the way",
                    MAX_BYTES >> 20
                )));
            }
            Ok(_) => {}
            Err(error) => return Err(refuse(format!("cannot be read: {error}"))),
        }
        match fs::read_to_string(&full) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(refuse(format!("cannot be read: {error}"))),
        }
    }

    /// Checks that the folders of a file, as far as they are there, are the project's own.
    fn check_folders(&self, path: &str) -> Result<()> {
        let mut folders: Vec<&Path> = Path::new(path).ancestors().skip(1).collect();
        folders.pop();
        for folder in folders.iter().rev() {
            let problem = match fs::symlink_metadata(self.root.join(folder)) {
                Ok(metadata) if metadata.is_dir() => continue,
                Ok(metadata) if metadata.is_symlink() => "is a symlink; replace it with a folder".to_owned(),
                Ok(_) => "is not a folder; move it out of the way".to_owned(),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
                Err(error) => format!("cannot be read: {error}"),
            };
            return Err(Error::Refused(format!("{}: {problem}", folder.display())));
        }
        Ok(())
    }

    /// Checks that files can be made in a folder, or in the nearest one around it that is there.
    ///
    /// # Errors
    /// [`Error::Refused`] with that folder.
    pub fn check_writable(&self, folder: &Path) -> Result<()> {
        let Some(folder) = folder.ancestors().find(|folder| folder.is_dir()) else {
            return Ok(());
        };
        let probe = tempfile::tempfile_in(folder).map_err(|error| {
            Error::Refused(format!(
                "{}: cannot create files there; nothing was written: {error}",
                folder.strip_prefix(&self.root).unwrap_or(folder).display()
            ))
        });
        probe.map(drop)
    }

    /// How the project was made; `None` for one that `new` has not made.
    ///
    /// # Errors
    /// As [`Record::read`].
    pub fn record(&self) -> Result<Option<Record>> {
        self.read(RECORD)?.as_deref().map(Record::read).transpose()
    }

    /// Checks that the project is built with the version of the library whose templates this program has.
    ///
    /// # Errors
    /// [`Error::Refused`] with both versions, and what to do.
    pub fn check_library(&self) -> Result<()> {
        let lock = self.read(lockfile::PATH)?.unwrap_or_default();
        match lockfile::version_of(&lock, lockfile::LIBRARY) {
            Some(version) if version != VERSION => Err(Error::Refused(format!(
                "this program generates code for poem_scaffold {VERSION}, but the project uses {version} (Cargo.lock): \
                 run the command with the project's own program, `cargo run --`"
            ))),
            _ => Ok(()),
        }
    }

    /// Checks that the project was generated by this version.
    ///
    /// # Errors
    /// [`Error::Refused`] with both versions, and what to do.
    pub fn check_generated(&self) -> Result<()> {
        match self.record()? {
            Some(record) if record.version != VERSION => Err(Error::Refused(format!(
                "the project was generated by version {}, but this is version {VERSION}: run `cargo run -- upgrade` \
                 first; with --diff it shows the changes",
                record.version
            ))),
            _ => Ok(()),
        }
    }

    /// What was generated before, by plural.
    ///
    /// # Errors
    /// [`Error::Refused`] for a file that was not written by [`super::plan`], or names what is not the resource's.
    pub fn records(&self) -> Result<BTreeMap<String, ResourceRecord>> {
        let mut records = BTreeMap::new();
        for file in files_in(&self.root.join(RECORDS))? {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(plural) = name.strip_suffix(".json") else {
                continue;
            };
            let path = format!("{RECORDS}/{name}");
            if plural == USERS {
                continue;
            }
            let text = self.read(&path)?.unwrap_or_default();
            let refuse = |text: String| {
                Error::Refused(format!(
                    "{path}: not as scaffold wrote it ({text}); restore it from version control"
                ))
            };
            let mut record: ResourceRecord = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
            record.check_names(plural).map_err(refuse)?;
            for named in record.files.keys().chain(record.migrations.keys()) {
                paths::check(named, &path, Some(plural))?;
            }
            // References may say it.
            record.resource.key = record.key.clone().unwrap_or_else(|| plural.to_owned());
            records.insert(plural.to_owned(), record);
        }
        Ok(records)
    }

    /// The highest version among the migrations, the library's among them: a resource's table is made after what the
    /// library keeps of tables.
    ///
    /// # Errors
    /// [`Error::Io`] if they cannot be listed.
    pub fn newest_migration(&self) -> Result<i64> {
        let version = |path: &PathBuf| path.file_name()?.to_str()?.split_once('_')?.0.parse().ok();
        let librarys = Layers::new(embedded::migrations(), None).paths();
        let librarys = librarys.iter().map(|path| PathBuf::from(path.as_ref()));
        let all = self.migrations()?.into_iter().chain(librarys);
        Ok(all.filter_map(|path| version(&path)).max().unwrap_or_default())
    }

    /// The migration that makes a table, if there is one.
    ///
    /// # Errors
    /// [`Error::Io`] if they cannot be read.
    pub fn migration_of(&self, table: &str) -> Result<Option<PathBuf>> {
        let statements = ["", "\"", "`"].map(|quote| format!("create table {quote}{table}{quote} ("));
        for path in self.migrations()? {
            let sql = fs::read(&path).map_err(|error| failed(&path, error))?;
            let sql = String::from_utf8_lossy(&sql);
            if statements.iter().any(|statement| sql.contains(statement)) {
                return Ok(Some(path.strip_prefix(&self.root).map(Path::to_owned).unwrap_or(path)));
            }
        }
        Ok(None)
    }

    fn migrations(&self) -> Result<Vec<PathBuf>> {
        let mut paths = files_in(&self.root.join("migrations"))?;
        let mut files = Vec::new();
        while let Some(path) = paths.pop() {
            // Links to folders may lead in a circle, and pipes never end.
            if path.is_dir() && !path.is_symlink() {
                paths.extend(files_in(&path)?);
            } else if path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The folder that this program runs in.
///
/// # Errors
/// [`Error::Io`] if it is gone.
pub fn here() -> Result<PathBuf> {
    std::env::current_dir().map_err(|error| Error::Io("cannot find the current folder".to_owned(), error))
}

/// What is in a folder; nothing where there is none.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(folder, error)),
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()).map_err(|error| failed(folder, error)))
            .collect(),
    }
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::Io(format!("cannot read {}", path.display()), error)
}
