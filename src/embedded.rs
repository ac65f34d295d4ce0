//! Files that are built into the program: the library's own, and over them those of a project.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use rust_embed::{EmbeddedFile, RustEmbed};

/// A folder of a project, as [`embed!`](crate::embed) builds it in.
#[derive(Clone, Copy, Debug)]
pub struct Files {
    paths: fn() -> Vec<Cow<'static, str>>,
    get: fn(&str) -> Option<EmbeddedFile>,
}

impl Files {
    /// What [`embed!`](crate::embed) calls.
    pub fn of<E: RustEmbed>() -> Self {
        Self {
            paths: || E::iter().collect(),
            get: |path| E::get(path),
        }
    }

    /// All of them as texts, by their paths.
    pub(crate) fn texts(self) -> BTreeMap<String, String> {
        let paths = (self.paths)().into_iter();
        paths
            .filter_map(|path| Some((path.to_string(), text_of(&(self.get)(&path)?))))
            .collect()
    }
}

fn text_of(file: &EmbeddedFile) -> String {
    String::from_utf8_lossy(&file.data).into_owned()
}

#[derive(RustEmbed)]
#[folder = "migrations/"]
struct LibraryMigrations;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct LibraryTemplates;

/// The library's own tables, and the users' of each profile.
pub(crate) fn migrations() -> Files {
    Files::of::<LibraryMigrations>()
}

/// All of the library that is rendered or sent while serving.
pub(crate) fn templates() -> Files {
    Files::of::<LibraryTemplates>()
}

/// A folder whose files a project may have of its own; the project's win.
#[derive(Clone, Debug)]
pub(crate) struct Layers(Vec<Files>);

impl Layers {
    /// The library's folder `ours`, under that of a project.
    pub fn new(ours: Files, projects: Option<Files>) -> Self {
        Self(projects.into_iter().chain([ours]).collect())
    }

    /// The paths of all files, each once, in order, but for hidden ones such as the `.gitkeep` of an empty folder.
    pub fn paths(&self) -> BTreeSet<Cow<'static, str>> {
        let is_hidden = |path: &str| path.split('/').any(|name| name.starts_with('.'));
        let paths = self.0.iter().flat_map(|files| (files.paths)());
        paths.filter(|path| !is_hidden(path)).collect()
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<EmbeddedFile> {
        self.0.iter().find_map(|files| (files.get)(path))
    }

    /// The text of the file at a path.
    pub fn text(&self, path: &str) -> Option<String> {
        self.get(path).as_ref().map(text_of)
    }
}

/// Builds a folder of the project into the program, which serves without it.
///
/// The folder is named by its path from the project's own.
#[macro_export]
macro_rules! embed {
    ($folder:tt) => {{
        use poem_scaffold::rust_embed;
        #[derive(rust_embed::RustEmbed)]
        #[crate_path = "poem_scaffold::rust_embed"]
        #[folder = $folder]
        #[allow_missing = true]
        struct Folder;
        $crate::Files::of::<Folder>()
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_are_not_listed() {
        let files = |paths| Files { paths, get: |_| None };
        let ours = files(|| vec!["mysql/1_users.up.sql".into(), ".DS_Store".into()]);
        let projects = files(|| vec!["mysql/.gitkeep".into(), ".git/x".into(), "mysql/2_posts.up.sql".into()]);
        let layers = Layers::new(ours, Some(projects));
        let paths: Vec<_> = layers.paths().into_iter().collect();
        assert_eq!(paths, ["mysql/1_users.up.sql", "mysql/2_posts.up.sql"]);
    }
}
