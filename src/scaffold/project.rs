//! The project that resources are added to: its folder, what was generated in it before, and its lists of modules.

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    blueprint::{Resource, nearest},
    controls::capitalised,
    kinds::spaced,
    names::type_name,
};
use crate::error::{Error, Result};

/// Where a project keeps what was generated, for the comparison with what became of it.
pub const STATE: &str = ".scaffold";
/// The file that makes a folder a project.
const MODULES: &str = "src/app/mod.rs";
const TESTS: &str = "tests/resources/mod.rs";
const MENU: &str = "templates/menu.html";

/// A project's folder.
#[derive(Debug)]
pub struct Project {
    /// The folder with `Cargo.toml`.
    pub root: PathBuf,
}

/// What is known of a resource since it was generated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// Its definition.
    pub resource: Resource,
    /// Its files as they were generated last, by their paths.
    pub files: BTreeMap<String, String>,
    /// Its migrations, which never change.
    pub migrations: BTreeMap<String, String>,
}

impl Project {
    /// The given folder, or the nearest one around this that is a project.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none.
    pub fn find(root: Option<&Path>) -> Result<Self> {
        if let Some(root) = root {
            return match root.join(MODULES).is_file() {
                true => Ok(Self { root: root.to_owned() }),
                false => Err(Error::Refused(format!(
                    "--root {}: there is no {MODULES}; expected a clone of poem-scaffold",
                    root.display()
                ))),
            };
        }
        let here = std::env::current_dir().map_err(|error| Error::Io("cannot find this folder".to_owned(), error))?;
        let root = here.ancestors().find(|folder| folder.join(MODULES).is_file());
        let root = root.ok_or_else(|| {
            Error::Refused(format!(
                "{} is not inside a project: no folder around it has {MODULES}. Clone poem-scaffold and run this there, \
                 or name a clone with --root",
                here.display()
            ))
        })?;
        Ok(Self { root: root.to_owned() })
    }

    /// The text of a file; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Refused`] for what is no text file of the project itself, or could not become one.
    pub fn read(&self, path: &str) -> Result<Option<String>> {
        self.check_folders(path)?;
        let refuse = |text: String| Error::Refused(format!("{path}: {text}"));
        let full = self.root.join(path);
        match fs::symlink_metadata(&full) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Ok(metadata) if !metadata.is_file() => return Err(refuse("is no plain file; move it away".to_owned())),
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
                Ok(metadata) if metadata.is_symlink() => {
                    "is a link, which leads elsewhere; put a folder there".to_owned()
                }
                Ok(_) => "is no folder; move it away".to_owned(),
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
        let mut folders = folder.ancestors().map(|folder| self.root.join(folder));
        let Some(folder) = folders.find(|folder| folder.is_dir()) else {
            return Ok(());
        };
        let probe = tempfile::tempfile_in(&folder).map_err(|error| {
            Error::Refused(format!(
                "{}: no file can be made there, so that nothing was written: {error}",
                folder.display()
            ))
        });
        probe.map(drop)
    }

    /// What was generated before, by plural.
    ///
    /// # Errors
    /// [`Error::Refused`] for a file that was not written by [`super::plan`].
    pub fn states(&self) -> Result<BTreeMap<String, State>> {
        let mut states = BTreeMap::new();
        for file in files_in(&self.root.join(STATE))? {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(plural) = name.strip_suffix(".json") else {
                continue;
            };
            let path = format!("{STATE}/{name}");
            let text = self.read(&path)?.unwrap_or_default();
            let state = serde_json::from_str(&text).map_err(|error| {
                Error::Refused(format!(
                    "{path}: is not what scaffold wrote ({error}); restore it from version control"
                ))
            })?;
            states.insert(plural.to_owned(), state);
        }
        Ok(states)
    }

    /// The highest version among the project's migrations.
    ///
    /// # Errors
    /// [`Error::Io`] if they cannot be listed.
    pub fn newest_migration(&self) -> Result<i64> {
        let version = |path: &PathBuf| path.file_name()?.to_str()?.split_once('_')?.0.parse().ok();
        Ok(self.migrations()?.iter().filter_map(version).max().unwrap_or_default())
    }

    /// The migration that makes a table, if there is one.
    ///
    /// # Errors
    /// [`Error::Io`] if they cannot be read.
    pub fn migration_of(&self, table: &str) -> Result<Option<PathBuf>> {
        let statement = format!("create table {table} (");
        for path in self.migrations()? {
            let sql = fs::read(&path).map_err(|error| failed(&path, error))?;
            if String::from_utf8_lossy(&sql).contains(&statement) {
                return Ok(Some(path.strip_prefix(&self.root).map(Path::to_owned).unwrap_or(path)));
            }
        }
        Ok(None)
    }

    fn migrations(&self) -> Result<Vec<PathBuf>> {
        let mut paths = files_in(&self.root.join("migrations"))?;
        let mut files = Vec::new();
        while let Some(path) = paths.pop() {
            if path.is_dir() {
                paths.extend(files_in(&path)?);
            } else {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
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

/// The lines that a resource has in the project's lists: the file, its marker and the line.
pub fn registrations(plural: &str) -> [(&'static str, &'static str, String); 4] {
    let modules = "// scaffold: modules";
    let label = capitalised(&spaced(plural));
    [
        (MODULES, modules, format!("pub mod {plural};")),
        (
            MODULES,
            "// scaffold: routes",
            format!("{plural}::views::{}Api,", type_name(plural)),
        ),
        (TESTS, modules, format!("mod {plural};")),
        (
            MENU,
            "{# scaffold: menu #}",
            format!("{{{{ <menu.item path=\"/{plural}\" label=\"{label}\" resource=\"{plural}\" /> }}}}"),
        ),
    ]
}

/// The text with a line more in the list under the marker, which is kept in order.
///
/// # Errors
/// [`Error::Refused`] if the marker is not there exactly once.
pub fn register(path: &str, text: &str, marker: &str, line: &str) -> Result<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let places: Vec<usize> = (0..lines.len())
        .filter(|index| lines[*index].trim() == marker)
        .collect();
    let [place] = places.as_slice() else {
        let found = match places.len() {
            0 => {
                let comments: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
                match nearest(marker, &comments) {
                    Some(near) => format!("the line `{marker}` is missing; `{near}` is near"),
                    None => format!("the line `{marker}` is missing"),
                }
            }
            _ => format!("the line `{marker}` is there more than once"),
        };
        return Err(Error::Refused(format!(
            "{path}: {found}; scaffold adds to the list under it and needs it exactly once"
        )));
    };
    let indentation = &lines[*place][..lines[*place].len() - lines[*place].trim_start().len()];
    let end = if lines[*place].ends_with("\r\n") { "\r\n" } else { "\n" };
    let list = lines[place + 1..].iter().take_while(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with(']')
    });
    let before = list
        .take_while(|other| by_version(other.trim(), line) == Ordering::Less)
        .count();
    let place = place + 1 + before;
    if lines.get(place).is_some_and(|other| other.trim() == line) {
        return Ok(text.to_owned());
    }
    let new = format!("{indentation}{line}{end}");
    Ok([lines[..place].concat(), new, lines[place..].concat()].concat())
}

/// The text without the line that [`register`] added.
pub fn unregister(text: &str, marker: &str, line: &str) -> String {
    let mut is_below = false;
    text.split_inclusive('\n')
        .filter(|other| {
            is_below |= other.trim() == marker;
            !(is_below && other.trim() == line)
        })
        .collect()
}

/// The order that rustfmt gives modules: numbers inside of names count as numbers.
fn by_version(one: &str, other: &str) -> Ordering {
    chunks(one).cmp(&chunks(other))
}

/// A name in pieces that are either digits, as a number, or other characters.
fn chunks(text: &str) -> Vec<(u64, String)> {
    let name = text.trim_end_matches([';', ',']);
    let mut chunks: Vec<(u64, String)> = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let is_digit = rest.starts_with(|c: char| c.is_ascii_digit());
        let end = rest
            .find(|c: char| c.is_ascii_digit() != is_digit)
            .unwrap_or(rest.len());
        chunks.push(match is_digit {
            true => (rest[..end].parse().unwrap_or(u64::MAX), String::new()),
            false => (u64::MAX, rest[..end].to_owned()),
        });
        rest = &rest[end..];
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "mod a;\n\n// scaffold: modules\npub mod comments;\npub mod posts;\n\nuse x;\n";

    #[test]
    fn a_line_goes_to_its_place_and_out_again() {
        for (line, expected) in [
            ("pub mod authors;", "modules\npub mod authors;\npub mod comments;"),
            ("pub mod likes;", "comments;\npub mod likes;\npub mod posts;"),
            ("pub mod tags;", "posts;\npub mod tags;\n\nuse x;"),
        ] {
            let text = register("x", LIST, "// scaffold: modules", line).unwrap();
            assert!(text.contains(expected), "{text}");
            assert_eq!(unregister(&text, "// scaffold: modules", line), LIST);
            assert_eq!(register("x", &text, "// scaffold: modules", line).unwrap(), text);
        }
        let empty = "    routes![\r\n        // scaffold: routes\r\n    ]\r\n";
        let text = register("x", empty, "// scaffold: routes", "a::A,").unwrap();
        assert_eq!(
            text,
            "    routes![\r\n        // scaffold: routes\r\n        a::A,\r\n    ]\r\n"
        );
    }

    #[test]
    fn a_list_without_its_marker_is_refused() {
        for text in ["mod a;\n", "// scaffold: modules\n// scaffold: modules\n"] {
            assert!(register("x", text, "// scaffold: modules", "mod b;").is_err());
        }
        let misspelled = register("x", "// scafold: modules\n", "// scaffold: modules", "mod b;");
        assert!(
            misspelled
                .unwrap_err()
                .to_string()
                .contains("`// scafold: modules` is near")
        );
    }

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["a10;", "a2;", "ab;", "a_b;", "a;"];
        names.sort_by(|one, other| by_version(one, other));
        assert_eq!(names, ["a;", "a2;", "a10;", "a_b;", "ab;"]);
    }
}
