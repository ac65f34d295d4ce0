//! Arguments that lead to no resource, and projects that are not as `scaffold` needs them.

use std::process::Command;

use crate::support::{
    program,
    project::{Project, sample, says},
    server::ServerConfig,
};

#[test]
fn paths_that_are_no_files_and_words_that_are_no_fields() {
    let project = Project::new();
    let refused = |args: &[&str], expected: &str| {
        let message = project.refused(&[&["scaffold"], args].concat());
        assert!(says(&message, expected), "{args:?}: {message}");
    };
    refused(&["none.yaml"], "none.yaml: cannot be read");
    refused(&["tests/none"], "tests/none: cannot be read");
    refused(&["src/app"], "src/app: is not a regular file");
    let pipe = project.path().join("pipe.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused_pipe(&project);
    std::fs::remove_file(pipe).unwrap();
    refused(&["post"], "argument:1:1…`post` has no fields");
    refused(&["post", "title"], "argument:2:1…`title` has no type");
    refused(
        &["post", "title:strin"],
        "argument:2:7…unknown type `strin`…did you mean `string`?",
    );
    refused(
        &["post", "title:string", "title:text"],
        "argument:3:1…duplicate field `title`…first defined here",
    );
    refused(
        &["blog-post", "title:string"],
        "argument:1:1…`blog-post` cannot be the name of a resource…did you mean `blog_post`?",
    );
    refused(
        &["post", "a:references(things)"],
        "argument:2:14…`a` refers to the unknown resource `things`",
    );
    let path = project.write("good.yaml", "posts:\n - title:string\n");
    refused(
        &[&path, "body:text"],
        "argument 2: `body:text` follows the file good.yaml",
    );
    for args in [
        &["scaffold"][..],
        &["scaffold", "--no-such-flag"],
        &["destroy"],
        &["destroy", "a", "b"],
    ] {
        project.refused(args);
    }
}

/// A pipe in the folder cannot be read by the comparison of trees, so only the run is looked at.
fn refused_pipe(project: &Project) {
    let output = project.run(&["scaffold", "pipe.yaml"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("pipe.yaml: is not a regular file"), "{message}");
}

const YAML: &str = "posts:\n - title:string\n";

/// Has `from` replaced in a file of a project, which `scaffold` must refuse.
fn spoiled(path: &str, from: &str, to: &str, expected: &str) {
    let project = Project::new();
    project.write("good.yaml", YAML);
    let text = project.read(path);
    assert!(text.contains(from), "{path} has no {from}");
    project.write(path, text.replace(from, to));
    let message = project.refused(&["scaffold", "good.yaml"]);
    assert!(message.contains(expected), "{message}");
}

#[test]
fn projects_that_are_not_as_scaffold_needs_them() {
    for (path, marker, near) in [
        ("Cargo.toml", "# scaffold: resources", "# scafold: resources"),
        ("tests/resources/main.rs", "// scaffold: modules", "// scafold: modules"),
        ("templates/menu.html", "{# scaffold: menu #}", "{# scafold: menu #}"),
    ] {
        spoiled(path, marker, "", &format!("{path}: the line `{marker}` is missing"));
        let twice = format!("{marker}\n{marker}");
        spoiled(
            path,
            marker,
            &twice,
            &format!("{path}: the line `{marker}` occurs more than once"),
        );
        spoiled(path, marker, near, &format!("`{near}` is similar"));
    }
    let routes = "// scaffold: routes";
    spoiled("src/app/mod.rs", routes, "", "is not inside a project");
    let twice = format!("{routes}\n{routes}");
    spoiled("src/app/mod.rs", routes, &twice, "occurs more than once");
    spoiled(
        "src/app/mod.rs",
        routes,
        "    let x = \"// scaffold: routes\";",
        "the line `// scaffold: routes` is missing",
    );

    let outside = tempfile::tempdir().unwrap();
    let output = ServerConfig::of(program()).command(outside.path(), &["scaffold", "post", "a:string"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("is not inside a project"), "{message}");
}

/// Adds a file to a project, which `scaffold` must refuse.
fn in_the_way(path: &str, content: &str, expected: &str) {
    let project = Project::new();
    project.write("good.yaml", YAML);
    project.write(path, content);
    let message = project.refused(&["scaffold", "good.yaml"]);
    assert!(message.contains(expected), "{message}");
}

#[test]
fn files_that_are_in_the_way_or_make_no_code() {
    in_the_way(
        "src/app/posts/lib.rs",
        "// mine\n",
        "src/app/posts/lib.rs: already exists and was not generated",
    );
    in_the_way(
        "src/app/posts/Cargo.toml",
        "[package]\nname = \"mine\"\n",
        "src/app/posts/Cargo.toml: already exists and was not generated",
    );
    in_the_way(
        "src/app/posts/lib.rs/x",
        "",
        "src/app/posts/lib.rs: is not a regular file",
    );
    in_the_way(
        "src/app/posts/Cargo.toml/x",
        "",
        "src/app/posts/Cargo.toml: is not a regular file",
    );
    let template = "scaffold/templates/src/app/resources/views.rs";
    let ours = std::fs::read_to_string(sample(template)).unwrap();
    for (from, to, expected) in [
        ("[[ plural ]]", "[[ plural", template),
        ("[[ plural ]]", "[[ no_such_thing ]]", template),
        ("async fn", "async fun", "does not render to valid Rust"),
    ] {
        in_the_way(template, &ours.replace(from, to), expected);
    }
    in_the_way(
        "tests/resources/posts.rs",
        "// mine\n",
        "tests/resources/posts.rs: already exists",
    );
    in_the_way(
        "migrations/sqlite/1_x.up.sql",
        "create table posts (\n);\n",
        "the table `posts` is already created by migrations",
    );
    in_the_way(
        ".scaffold/posts.json",
        "{}",
        ".scaffold/posts.json: not as scaffold wrote it",
    );
}
