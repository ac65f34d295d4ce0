//! `Cargo.toml` and `Cargo.lock` of a project: cargo takes them as they are after each run, and `destroy` undoes it all.

use std::{collections::BTreeMap, fs, os::unix::fs::symlink, process::Output};

use crate::support::{
    cargo_command,
    project::{Project, sample},
};

const LOCK: &str = "Cargo.lock";
const MANIFEST: &str = "Cargo.toml";
const RUN: [&str; 3] = ["scaffold", "post", "title:string"];

/// What cargo finds of the dependencies, without compiling any of them.
pub fn cargo_tree(project: &Project, args: &[&str]) -> Output {
    let elsewhere = tempfile::tempdir().unwrap();
    cargo_command()
        .args(["tree", "--offline", "--depth", "1"])
        .args(args)
        .env("CARGO_TARGET_DIR", elsewhere.path())
        .current_dir(project.path())
        .output()
        .unwrap()
}

/// Checks that cargo takes the lock file as it is; gives what it finds.
pub fn is_locked(project: &Project) -> String {
    let output = cargo_tree(project, &["--locked", "--workspace"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A project in the folder `project` of a workspace, whose lock file is above it.
fn member() -> Project {
    let alone = Project::new().files();
    let mut files = BTreeMap::from([("project/".to_owned(), Vec::new())]);
    for (path, content) in alone {
        match path.as_str() {
            LOCK => drop(files.insert(path, content)),
            MANIFEST => {
                let text = String::from_utf8(content).unwrap();
                let (own, _) = text.split_once("\n# A resource is a crate of its own").unwrap();
                files.insert(format!("project/{MANIFEST}"), own.into());
            }
            _ => drop(files.insert(format!("project/{path}"), content)),
        }
    }
    let workspace = format!(
        "[workspace]\nmembers = [\"project\"]\nresolver = \"3\"\n\n[workspace.dependencies]\npoem_scaffold = {{ path = \
         \"{}\" }}\n",
        sample("")
    );
    files.insert(MANIFEST.to_owned(), workspace.into());
    Project::of(&files)
}

#[test]
fn cargo_takes_the_lock_file_after_each_run_and_destroy_restores_it() {
    for project in [Project::new(), member()] {
        is_locked(&project);
        let mut trees = vec![project.files()];
        let names = ["post", "blog_comment", "author"];
        for name in names {
            project.must(&["scaffold", name, "title:string"]);
            let tree = is_locked(&project);
            assert!(
                tree.contains(&format!("app-{}s v0.0.0", name.replace('_', "-"))),
                "{tree}"
            );
            trees.push(project.files());
        }
        // Nor is anything new in them when a resource gets a field.
        let before = project.read(LOCK);
        project.must(&["scaffold", "author", "title:string", "age:integer=1"]);
        assert_eq!(project.read(LOCK), before);
        for name in names.iter().rev() {
            project.must(&["destroy", name]);
            trees.pop();
            is_locked(&project);
            assert!(project.files() == *trees.last().unwrap(), "{name}");
        }
        assert!(!project.path().join("project/Cargo.lock").exists());
    }
}

#[test]
fn a_project_that_is_its_own_workspace_leaves_the_lock_file_of_another_alone() {
    let inner = Project::new().files();
    let mut files: BTreeMap<_, _> = inner
        .iter()
        .map(|(path, content)| (format!("project/{path}"), content.clone()))
        .collect();
    files.insert(LOCK.to_owned(), inner[LOCK].clone());
    files.remove("project/Cargo.lock");
    let project = Project::of(&files);
    project.must(&RUN);
    assert!(project.files()[LOCK] == inner[LOCK]);
    assert!(!project.path().join("project/Cargo.lock").exists());
}

#[test]
fn line_ends_of_windows_stay() {
    let project = Project::new();
    for path in [
        LOCK,
        MANIFEST,
        "src/app/mod.rs",
        "tests/resources/main.rs",
        "templates/menu.html",
    ] {
        project.write(path, project.read(path).replace('\n', "\r\n"));
    }
    let before = project.files();
    project.must(&RUN);
    is_locked(&project);
    for path in [LOCK, MANIFEST, "src/app/mod.rs"] {
        let text = project.read(path);
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{path}");
    }
    project.must(&["destroy", "post"]);
    assert!(project.files() == before);
}

#[test]
fn a_lock_file_that_is_not_there_or_not_of_the_project_stays_so() {
    for text in [None, Some(""), Some("version = 4\n"), Some("no lock file at all")] {
        let project = Project::new();
        fs::remove_file(project.path().join(LOCK)).unwrap();
        if let Some(text) = text {
            project.write(LOCK, text);
        }
        let before = project.files();
        project.must(&RUN);
        assert_eq!(fs::read_to_string(project.path().join(LOCK)).ok().as_deref(), text);
        project.must(&["destroy", "post"]);
        assert!(project.files() == before, "{text:?}");
    }
}

#[test]
fn what_stands_in_the_place_of_either_is_refused() {
    for path in [LOCK, MANIFEST] {
        let place = |project: &Project| project.path().join(path);
        let refused = |project: &Project, expected: &str| {
            let message = project.refused(&RUN);
            assert!(message.starts_with(&format!("error: {path}: ")), "{message}");
            assert!(message.contains(expected), "{message}");
        };
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        let project = Project::new();
        fs::copy(place(&project), elsewhere.path()).unwrap();
        fs::remove_file(place(&project)).unwrap();
        symlink(elsewhere.path(), place(&project)).unwrap();
        refused(&project, "is not a regular file; move it out of the way");
        let project = Project::new();
        fs::remove_file(place(&project)).unwrap();
        fs::create_dir(place(&project)).unwrap();
        refused(&project, "is not a regular file; move it out of the way");
        let project = Project::new();
        project.write(path, b"\xff\xfe");
        refused(&project, "cannot be read");
    }
    let project = Project::new();
    fs::remove_file(project.path().join(MANIFEST)).unwrap();
    let message = project.refused(&RUN);
    assert!(message.contains("Cargo.toml: "), "{message}");
}

#[test]
fn a_manifest_that_would_not_be_one_with_the_crate_is_refused() {
    let list = "# scaffold: resources\n";
    for (from, to, expected) in [
        ("[package]", "[package", "invalid TOML"),
        (
            list,
            &format!("app-posts = \"1\"\n{list}")[..],
            "would not be valid TOML with the crate `app-posts` in the list (duplicate key",
        ),
        (
            list,
            &format!("[features]\n{list}"),
            "the list of resources is not in [dependencies]; move the line `# scaffold: resources` there",
        ),
        (
            list,
            &format!("posts = \"1\"\n{list}"),
            "a resource cannot be called `posts`",
        ),
        (
            "[dev-dependencies]\n",
            "[dev-dependencies]\nposts = \"1\"\n",
            "a resource cannot be called `posts`",
        ),
    ] {
        let project = Project::new();
        let text = project.read(MANIFEST);
        assert!(text.contains(from), "{from}");
        project.write(MANIFEST, text.replace(from, to));
        let message = project.refused(&RUN);
        assert!(message.contains(expected), "{message}");
    }
    // A table that begins right below the list is not part of it.
    let project = Project::new();
    let text = project.read(MANIFEST);
    project.write(MANIFEST, text.replace(&format!("{list}\n"), list));
    project.must(&RUN);
    is_locked(&project);
}
