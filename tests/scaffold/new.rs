//! `new`: a project of one's own, whole or not at all.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use poem_scaffold::testing::inside::dotenv;

use super::locked::is_locked;
use crate::support::{
    cargo_command, program,
    project::{Project, sample, texts_in},
    server::ServerConfig,
};

/// This repository.
const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// The files of a project but those that a build or a run leaves in it, as git does not have them.
fn committed(folder: &Path) -> BTreeMap<String, String> {
    let mut files = texts_in(folder);
    files.retain(|path, _| path != ".env" && !path.starts_with("target/") && !path.contains(".db"));
    files
}

#[test]
fn a_project_is_small_and_names_itself_only() {
    let place = Project::none();
    let said = place.must(&["new", "blog"]);
    let next: Vec<&str> = said.lines().skip_while(|line| *line != "Next:").skip(1).collect();
    assert_eq!(next.len(), 3, "{said}");
    assert!(
        next[0].ends_with("cd blog") && next[2].trim().starts_with("cargo run"),
        "{said}"
    );
    let files = texts_in(&place.path().join("blog"));
    let own: Vec<&String> = files
        .keys()
        .filter(|path| !path.starts_with(".scaffold/") && *path != "Cargo.lock")
        .collect();
    assert!(own.len() <= 15, "{own:?}");
    let lines: usize = own.iter().map(|path| files[*path].lines().count()).sum();
    assert!(lines < 350, "{lines} lines are more than are read in five minutes");
    for path in own {
        for line in files[path].lines().filter(|line| line.contains("poem-scaffold")) {
            let is_about_tool = line.contains("made with poem-scaffold");
            assert!(is_about_tool, "{path}: {line}");
        }
    }
    let mode = fs::metadata(place.path().join("blog")).unwrap().permissions().mode();
    assert_eq!(
        mode & 0o777,
        fs::metadata(place.path().join("blog/src"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    );
}

#[test]
fn cargo_takes_the_lock_file_of_a_project_that_begins_with_resources() {
    let project = Project::none();
    project.must(&["new", ".", "--name", "blog", "--from", &sample("scaffold/blog.yaml")]);
    assert!(is_locked(&project).contains("app-posts v0.0.0"));
}

/// `project/` is what `new` writes: the difference is what developers have scaffolded there.
#[test]
fn the_project_of_this_repository_is_what_new_writes() {
    let place = Project::none();
    place.must(&["new", "made", "--name", "poem-scaffold", "--framework", "workspace"]);
    let made = texts_in(&place.path().join("made"));
    let ours = Path::new(REPOSITORY).join("project");
    let is_scaffolded = crate::support::scaffolded::has_scaffolded();
    if is_scaffolded {
        let copy = place.path().join("copy");
        for (path, text) in committed(&ours) {
            fs::create_dir_all(copy.join(&path).parent().unwrap()).unwrap();
            fs::write(copy.join(path), text).unwrap();
        }
        let records = || {
            fs::read_dir(copy.join(".scaffold"))
                .unwrap()
                .map(|entry| entry.unwrap().path())
        };
        // One that others refer to goes after them.
        while let Some(goes) = records().filter(|path| path.extension().is_some()).find(|path| {
            let name = path.file_stem().unwrap().to_string_lossy();
            let run = ServerConfig::of(program()).command(&copy, &["destroy", &name, "--force"]);
            run.status.success()
        }) {
            assert!(!goes.exists());
        }
        assert_eq!(committed(&copy), made);
    } else {
        assert_eq!(
            committed(&ours),
            made,
            "project/ differs: `cargo run -- upgrade` brings it there"
        );
    }
}

/// A project shares what is compiled with this repository, if both optimise the same.
#[test]
fn a_project_optimises_the_same_crates_as_the_library() {
    let optimised = |text: String| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains("opt-level"));
        lines.map(str::to_owned).collect()
    };
    let place = Project::none();
    place.must(&["new", "blog"]);
    let project = optimised(fs::read_to_string(place.path().join("blog/Cargo.toml")).unwrap());
    let library = optimised(fs::read_to_string(Path::new(REPOSITORY).join("Cargo.toml")).unwrap());
    assert!(!library.is_empty());
    assert_eq!(project, library);
}

#[test]
fn nothing_is_written_where_something_is_already() {
    let place = Project::none();
    fs::create_dir(place.path().join("blog")).unwrap();
    fs::write(place.path().join("blog/mine"), "").unwrap();
    fs::write(place.path().join("file"), "").unwrap();
    let message = place.refused(&["new", "blog"]);
    assert!(
        message.contains("blog: the folder is not empty; choose an empty"),
        "{message}"
    );
    let message = place.refused(&["new", "file"]);
    assert!(message.contains("file: Not a directory"), "{message}");
    fs::remove_file(place.path().join("blog/mine")).unwrap();
    place.must(&["new", "blog"]);
    place.refused(&["new", "blog"]);
    // Whoever is in the folder already stays in it.
    let here = tempfile::tempdir().unwrap();
    let before = fs::metadata(here.path()).unwrap().ino();
    let run = ServerConfig::of(program()).command(here.path(), &["new", ".", "--name", "blog"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(fs::metadata(here.path()).unwrap().ino(), before);
    assert_eq!(texts_in(here.path()), texts_in(&place.path().join("blog")));
    assert_eq!(
        fs::read_dir(place.path()).unwrap().count(),
        2,
        "nothing is left beside the project"
    );
}

#[test]
fn what_a_project_cannot_be_called_is_refused() {
    let place = Project::none();
    for name in [
        "Blog",
        "1st",
        "my blog",
        "app-posts",
        "test",
        "build",
        "fn",
        "serde",
        "tokio",
        "poem_scaffold",
        "naïve",
    ] {
        let message = place.refused(&["new", "folder", "--name", name]);
        assert!(
            message.contains(&format!("`{name}` is not a valid project name")),
            "{message}"
        );
        assert!(message.contains("choose another with --name"), "{message}");
    }
    place.must(&["new", "A folder", "--name", "blog2"]);
    assert!(
        fs::read_to_string(place.path().join("A folder/Cargo.toml"))
            .unwrap()
            .contains("name = \"blog2\"")
    );
}

#[test]
fn the_library_comes_from_where_it_is_said() {
    let place = Project::none();
    for (index, (given, expected)) in [
        (
            "git=https://example.com/it.git",
            "poem_scaffold = { git = \"https://example.com/it.git\" }",
        ),
        ("version=0.1", "poem_scaffold = \"0.1\""),
        (
            &format!("path={REPOSITORY}"),
            &format!("poem_scaffold = {{ path = \"{REPOSITORY}\" }}"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = format!("blog{index}");
        place.must(&["new", &folder, "--framework", given]);
        let manifest = fs::read_to_string(place.path().join(&folder).join("Cargo.toml")).unwrap();
        assert!(manifest.lines().any(|line| line == expected), "{manifest}");
    }
    for given in [
        "",
        "x",
        "path=",
        "path=/tmp",
        "git=",
        "version=",
        "version=^1",
        "version=1.2.3.4",
    ] {
        let message = place.refused(&["new", "other", "--framework", given]);
        assert!(message.contains("--framework"), "{message}");
    }
}

#[test]
fn a_wrong_file_of_resources_leaves_no_project() {
    let place = Project::none();
    fs::write(place.path().join("blog.yaml"), "posts:\n - title:strin\n").unwrap();
    let message = place.refused(&["new", "blog", "--from", "blog.yaml"]);
    assert!(message.contains("blog.yaml:2"), "{message}");
    fs::write(
        place.path().join("blog.yaml"),
        "posts:\n - author:references(authors)\n",
    )
    .unwrap();
    let message = place.refused(&["new", "blog", "--from", "blog.yaml"]);
    assert!(
        message.contains("refers to the unknown resource `authors`"),
        "{message}"
    );
    place.refused(&["new", "blog", "--from", "none.yaml"]);
}

#[test]
fn settings_that_are_given_stand_in_a_private_file() {
    let place = Project::none();
    let url = "postgres://me:it's a \"secret\" #1@localhost/blog";
    place.must(&["new", "blog", "--profile", "scaffold-2.0", "--database-url", url]);
    let file = place.path().join("blog/.env");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let read = dotenv::parse(&fs::read(&file).unwrap(), |_| None).unwrap();
    let read: BTreeMap<String, String> = read
        .values
        .into_iter()
        .map(|(name, value)| (name, value.unwrap()))
        .collect();
    assert_eq!(read["FLASK_PROFILE"], "scaffold-2.0");
    assert_eq!(read["DATABASE_URL"], url);
    // What the environment says is somebody else's.
    let environment = ServerConfig::of(program())
        .env("DATABASE_URL", "sqlite:secret.db")
        .env("FLASK_PROFILE", "tutorial");
    assert!(environment.command(place.path(), &["new", "other"]).status.success());
    assert!(!place.path().join("other/.env").exists());
    let message = place.refused(&["new", "third", "--database-url", "oracle://x"]);
    assert!(message.contains("--database-url"), "{message}");
}

#[test]
fn outside_of_a_project_each_command_says_how_to_get_one() {
    let place = Project::none();
    for args in [
        &["scaffold", "blog.yaml"][..],
        &["scaffold", "post", "title:string"],
        &["destroy", "posts"],
        &["upgrade"],
        &["eject", "pages", "login.html"],
    ] {
        let message = place.refused(args);
        assert!(message.contains("`poem-scaffold new DIR`"), "{args:?}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn the_library_is_published_without_recordings_and_tests() {
    let output = cargo_command()
        .args(["package", "--list", "--allow-dirty", "--offline", "-p", "poem_scaffold"])
        .current_dir(REPOSITORY)
        .output()
        .unwrap();
    let list = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for needed in [
        "src/lib.rs",
        "scaffold/project/Cargo.toml.in",
        "scaffold/project/.gitignore",
        "Cargo.lock",
    ] {
        assert!(list.lines().any(|path| path == needed), "{needed} is missing: {list}");
    }
    for path in list.lines() {
        let is_ours = path.starts_with("tests/") || path.starts_with("project/") || path.contains("recordings");
        assert!(!is_ours, "{path}");
    }
}
