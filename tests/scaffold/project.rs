//! Projects whose folders, migrations or tools are not as they should be.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, symlink},
        process::CommandExt,
    },
    path::Path,
    process::{Command, Output},
};

use crate::support::{program, project::Project, server::ServerConfig};

const RUN: [&str; 2] = ["scaffold", "blog.yaml"];

fn new_project() -> Project {
    let project = Project::new();
    project.write("blog.yaml", "posts:\n - title:string\n");
    project
}

#[test]
fn what_stands_where_a_folder_must_be_is_refused() {
    for path in ["src/app/posts", "templates/posts", ".scaffold"] {
        let project = new_project();
        let _ = fs::remove_dir_all(project.path().join(path));
        project.write(path, "");
        let message = project.refused(&RUN);
        assert!(
            message.contains(&format!("{path}: is not a folder; move it out of the way")),
            "{message}"
        );
    }
    for path in [
        "src/app/posts",
        "templates/posts",
        "tests/resources",
        "migrations/mysql",
        ".scaffold",
    ] {
        let project = new_project();
        lead_elsewhere(&project, path);
        let message = project.refused(&RUN);
        assert!(
            message.contains(&format!("{path}: is a symlink; replace it")),
            "{message}"
        );
    }
    let project = new_project();
    project.must(&RUN);
    lead_elsewhere(&project, "src/app/posts");
    let message = project.refused(&["destroy", "posts"]);
    assert!(message.contains("src/app/posts: is a symlink"), "{message}");
}

/// Moves a folder of a project, or makes one, and leaves a link to it in its place.
fn lead_elsewhere(project: &Project, path: &str) {
    let (link, folder) = (project.path().join(path), project.path().join("elsewhere"));
    match link.exists() {
        true => fs::rename(&link, &folder).unwrap(),
        false => {
            fs::create_dir(&folder).unwrap();
            fs::create_dir_all(link.parent().unwrap()).unwrap();
        }
    }
    symlink(folder, link).unwrap();
}

#[test]
fn a_folder_that_cannot_be_written_is_found_before_anything_is() {
    let project = new_project();
    allow(project.path(), "a+rwX");
    allow(&project.path().join("templates"), "a-w");
    let before = project.files();
    let output = run_as_nobody(&project, &RUN);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("templates: cannot create files there"), "{message}");
    assert!(project.files() == before);
    allow(project.path(), "u+w");
}

#[test]
fn a_project_that_cannot_be_written_can_be_looked_at() {
    let project = new_project();
    project.must(&RUN);
    project.write("blog.yaml", "posts:\n - title:string\n - body:text\n");
    allow(project.path(), "a+rX,a-w");
    for option in ["--dry-run", "--diff"] {
        let output = run_as_nobody(&project, &[&RUN[..], &[option]].concat());
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{message}");
        let lines = String::from_utf8_lossy(&output.stdout);
        assert!(lines.contains("src/app/posts/models.rs"), "{lines}");
    }
    allow(project.path(), "u+w");
}

/// Changes who may do what with all that is in a folder.
fn allow(path: &Path, mode: &str) {
    let run = Command::new("chmod").arg("-R").arg(mode).arg(path).status();
    assert!(run.unwrap().success());
}

/// Runs a copy of the program without the rights of root, who may write everywhere.
fn run_as_nobody(project: &Project, args: &[&str]) -> Output {
    const NOBODY: u32 = 65534;
    let folder = tempfile::tempdir().unwrap();
    allow(folder.path(), "a+rX");
    let copied = folder.path().join("poem-scaffold");
    fs::copy(program(), &copied).unwrap();
    let mut command = Command::new(copied);
    // Root's own programs, rustfmt among them, are not for others.
    command
        .args(args)
        .current_dir(project.path())
        .env("PATH", "/usr/bin:/bin");
    if fs::metadata(folder.path()).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.output().unwrap()
}

#[test]
fn a_list_keeps_its_permissions() {
    let project = new_project();
    let list = project.path().join("src/app/mod.rs");
    fs::set_permissions(&list, PermissionsExt::from_mode(0o664)).unwrap();
    project.must(&RUN);
    assert_eq!(fs::metadata(&list).unwrap().permissions().mode() & 0o777, 0o664);
}

#[test]
fn a_resource_may_be_called_as_what_a_run_keeps_of_itself() {
    let project = Project::new();
    project.write("blog.yaml", "entry: {plural: journal, fields: [title:string]}\n");
    let before = project.files();
    project.must(&RUN);
    assert_eq!(project.must(&RUN), "nothing to do, everything is up to date\n");
    project.must(&["destroy", "journal"]);
    assert!(project.files() == before);
}

#[test]
fn a_number_that_nothing_can_come_after_is_refused() {
    let project = new_project();
    project.write("migrations/sqlite/9223372036854775807_x.up.sql", "");
    let message = project.refused(&RUN);
    assert!(
        message.contains("migrations: 9223372036854775807_* has the highest possible number"),
        "{message}"
    );
}

#[test]
fn code_is_written_unformatted_where_rustfmt_does_not_run() {
    let project = new_project();
    let tools = tempfile::tempdir().unwrap();
    let rustfmt = tools.path().join("rustfmt");
    let run = || {
        let output = ServerConfig::of(program())
            .env("PATH", tools.path().to_str().unwrap())
            .command(project.path(), &RUN);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(run().starts_with("rustfmt not found: the generated code is unformatted;"));
    project.must(&["destroy", "posts"]);
    fs::write(
        &rustfmt,
        "#!/bin/sh\necho \"error: 'rustfmt' is not installed\" >&2\nexit 1\n",
    )
    .unwrap();
    fs::set_permissions(&rustfmt, PermissionsExt::from_mode(0o755)).unwrap();
    assert!(run().starts_with("rustfmt not found: the generated code is unformatted;"));
    let lines = project.must(&RUN);
    assert!(lines.contains("Updated src/app/posts/models.rs\n"), "{lines}");
}

#[test]
fn settings_that_rustfmt_refuses_are_not_laid_to_a_template() {
    let project = new_project();
    project.write("rustfmt.toml", "max_width = \"wide\"\n");
    let message = project.refused(&RUN);
    assert!(message.starts_with("error: rustfmt.toml: "), "{message}");
}
