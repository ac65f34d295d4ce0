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

/// A line that a resource has in one of the project's lists.
pub struct Registration {
    /// The file that has the list.
    pub path: &'static str,
    /// The comment above the list.
    marker: &'static str,
    /// The line as it is generated.
    pub line: String,
    /// What shows that a line does the same, edited or in another place.
    trace: String,
}

/// The lines that a resource has in the project's lists.
pub fn registrations(plural: &str) -> [Registration; 4] {
    let modules = "// scaffold: modules";
    let (label, types) = (capitalised(&spaced(plural)), type_name(plural));
    [
        Registration {
            path: MODULES,
            marker: modules,
            line: format!("pub mod {plural};"),
            trace: format!("mod {plural}"),
        },
        Registration {
            path: MODULES,
            marker: "// scaffold: routes",
            line: format!("{plural}::views::{types}Api,"),
            trace: format!("{plural}::views"),
        },
        Registration {
            path: TESTS,
            marker: modules,
            line: format!("mod {plural};"),
            trace: format!("mod {plural}"),
        },
        Registration {
            path: MENU,
            marker: "{# scaffold: menu #}",
            line: format!("{{{{ <menu.item path=\"/{plural}\" label=\"{label}\" resource=\"{plural}\" /> }}}}"),
            trace: format!("resource=\"{plural}\""),
        },
    ]
}

impl Registration {
    /// The text with the line in the list under the marker, which is kept in order.
    ///
    /// # Errors
    /// [`Error::Refused`] if the marker is not there exactly once.
    pub fn add_to(&self, text: &str) -> Result<String> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let marker = self.place_of_marker(&lines)?;
        let list = lines[marker + 1..].iter().map(|line| line.trim());
        let list: Vec<&str> = list
            .take_while(|line| !line.is_empty() && !line.starts_with(']'))
            .collect();
        let is_after = |other: &&str| is_entry(other) && by_version(other, &self.line) != Ordering::Less;
        let next = list.iter().position(is_after).unwrap_or(list.len());
        if list.get(next) == Some(&self.line.as_str()) {
            return Ok(text.to_owned());
        }
        // Attributes and comments belong to what is below them.
        let above = list[..next].iter().rev().take_while(|other| !is_entry(other)).count();
        let (before, after) = lines.split_at(marker + 1 + next - above);
        let indentation = &lines[marker][..lines[marker].len() - lines[marker].trim_start().len()];
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let new = match before.last() {
            Some(last) if !last.ends_with('\n') => format!("{end}{indentation}{}", self.line),
            _ => format!("{indentation}{}{end}", self.line),
        };
        Ok([before.concat(), new, after.concat()].concat())
    }

    fn place_of_marker(&self, lines: &[&str]) -> Result<usize> {
        let Self { path, marker, .. } = self;
        let places: Vec<usize> = (0..lines.len())
            .filter(|index| lines[*index].trim() == *marker)
            .collect();
        let found = match places.as_slice() {
            [place] => return Ok(*place),
            [] => {
                let comments: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
                match nearest(marker, &comments) {
                    Some(near) => format!("the line `{marker}` is missing; `{near}` is near"),
                    None => format!("the line `{marker}` is missing"),
                }
            }
            _ => format!("the line `{marker}` is there more than once"),
        };
        Err(Error::Refused(format!(
            "{path}: {found}; scaffold adds to the list under it and needs it exactly once"
        )))
    }

    /// The text without the line, and without what became of it by edits if these go too.
    pub fn remove_from(&self, text: &str, edits_too: bool) -> String {
        let goes = |line: &str| line.trim() == self.line || (edits_too && self.is_traced(line));
        let mut without: String = text.split_inclusive('\n').filter(|line| !goes(line)).collect();
        if !text.ends_with('\n') {
            // The line was the last; so is the one before it now.
            let length = without.trim_end_matches(['\r', '\n']).len();
            without.truncate(length);
        }
        without
    }

    /// The lines that register the resource, each with its number from 1, whatever was edited in them.
    pub fn found_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        (1..)
            .zip(text.lines().map(str::trim))
            .filter(|(_, line)| self.is_traced(line))
    }

    fn is_traced(&self, line: &str) -> bool {
        let comment = &self.marker[..2];
        let code = line.split(comment).next().unwrap_or_default();
        let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
        code.match_indices(&self.trace).any(|(start, trace)| {
            !code[..start].ends_with(is_part_of_name) && !code[start + trace.len()..].starts_with(is_part_of_name)
        })
    }
}

/// Whether a line of a list is one by itself, and not about the line below it.
fn is_entry(line: &str) -> bool {
    !["#", "//", "{#"].iter().any(|start| line.starts_with(start))
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

    /// The entry of a resource in the list of modules.
    fn module(plural: &str) -> Registration {
        let [module, ..] = registrations(plural);
        module
    }

    #[test]
    fn a_line_goes_to_its_place_and_out_again() {
        for (plural, expected) in [
            ("authors", "modules\npub mod authors;\npub mod comments;"),
            ("likes", "comments;\npub mod likes;\npub mod posts;"),
            ("tags", "posts;\npub mod tags;\n\nuse x;"),
        ] {
            let text = module(plural).add_to(LIST).unwrap();
            assert!(text.contains(expected), "{text}");
            assert_eq!(module(plural).remove_from(&text, false), LIST);
            assert_eq!(module(plural).add_to(&text).unwrap(), text);
        }
        let empty = "    routes![\r\n        // scaffold: routes\r\n    ]\r\n";
        let [_, route, ..] = registrations("likes");
        assert_eq!(
            route.add_to(empty).unwrap(),
            "    routes![\r\n        // scaffold: routes\r\n        likes::views::LikesApi,\r\n    ]\r\n"
        );
    }

    #[test]
    fn a_file_without_a_newline_at_its_end_is_given_back_without() {
        for end in ["", "\npub mod comments;", "\r\npub mod zebras;"] {
            let before = format!("// scaffold: modules{end}");
            let text = module("likes").add_to(&before).unwrap();
            assert!(text.lines().any(|line| line == "pub mod likes;"), "{text}");
            assert_eq!(module("likes").remove_from(&text, false), before);
        }
    }

    #[test]
    fn attributes_and_comments_stay_above_their_line() {
        let list = "// scaffold: modules\n#[cfg(feature = \"x\")]\n// Mine.\npub mod posts;\n";
        let text = module("likes").add_to(list).unwrap();
        assert_eq!(text, list.replace("modules\n", "modules\npub mod likes;\n"));
    }

    #[test]
    fn a_line_is_found_whatever_was_edited_in_it() {
        let found = |line: &str| -> Vec<usize> {
            let text = format!("x\n{line}\n");
            let all = registrations("posts");
            let found = |entry: &Registration| entry.found_in(&text).next().map(|(number, _)| number);
            all.iter().filter_map(found).collect()
        };
        for line in [
            "  mod posts {",
            "pub(crate) mod posts; // mine",
            "posts::views::PostsApi, // mine",
            "{{ <menu.item path=\"/posts\" label=\"All posts\" resource=\"posts\" /> }}",
        ] {
            assert_eq!(found(line).first(), Some(&2), "{line}");
        }
        for line in [
            "// pub mod posts;",
            "mod posts2;",
            "blog_posts::views::BlogPostsApi,",
            "{# resource=\"posts\" #}",
        ] {
            assert!(found(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn a_list_without_its_marker_is_refused() {
        for text in ["mod a;\n", "// scaffold: modules\n// scaffold: modules\n"] {
            assert!(module("likes").add_to(text).is_err());
        }
        let misspelled = module("likes").add_to("// scafold: modules\n").unwrap_err().to_string();
        assert!(misspelled.contains("`// scafold: modules` is near"), "{misspelled}");
    }

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["a10;", "a2;", "ab;", "a_b;", "a;"];
        names.sort_by(|one, other| by_version(one, other));
        assert_eq!(names, ["a;", "a2;", "a10;", "a_b;", "ab;"]);
    }
}
