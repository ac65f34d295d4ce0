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

use crate::support::{project::Project, server::command};

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
        project.write(path, "");
        let message = project.refused(&RUN);
        assert!(
            message.contains(&format!("{path}: is no folder; move it away")),
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
            message.contains(&format!("{path}: is a link, which leads elsewhere")),
            "{message}"
        );
    }
    let project = new_project();
    project.must(&RUN);
    lead_elsewhere(&project, "src/app/posts");
    let message = project.refused(&["destroy", "posts"]);
    assert!(message.contains("src/app/posts: is a link"), "{message}");
}

/// Moves a folder of a project, or makes one, and leaves a link to it in its place.
fn lead_elsewhere(project: &Project, path: &str) {
    let (link, folder) = (project.path().join(path), project.path().join("elsewhere"));
    match link.exists() {
        true => fs::rename(&link, &folder).unwrap(),
        false => fs::create_dir(&folder).unwrap(),
    }
    symlink(folder, link).unwrap();
}
