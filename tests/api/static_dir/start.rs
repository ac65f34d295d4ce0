//! Which folders STATIC_DIR may name.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::{
    super::{cheap, refused},
    PROFILES, get,
};
use crate::support::server::{Server, ServerConfig};

fn refused_start(config: &ServerConfig, dir: &Path) -> String {
    // An address that no machine has ends a start that was not refused, which would go on for ever otherwise.
    let args = ["serve", "--host", "203.0.113.1", "--port", "0"];
    refused(config, dir, &args, None, 2)
}

#[test]
fn a_folder_that_cannot_be_served_refuses_the_start_and_says_what_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(path("empty")).unwrap();
    fs::write(path("file"), "").unwrap();
    fs::create_dir_all(path("folder/index.html")).unwrap();
    fs::create_dir(path("link")).unwrap();
    fs::write(path("outside.html"), "").unwrap();
    symlink(path("outside.html"), path("link/index.html")).unwrap();
    for profile in PROFILES {
        for (name, expected) in [
            ("nowhere", "folder cannot be read"),
            ("file", "folder cannot be read"),
            ("empty", "index.html cannot be read"),
            ("folder", "index.html cannot be read"),
            ("link", "index.html cannot be read"),
        ] {
            let config = cheap().env("FLASK_PROFILE", profile).env("STATIC_DIR", &path(name));
            let text = refused_start(&config, folder.path());
            assert!(text.contains("STATIC_DIR") && text.contains(expected), "{text}");
            assert!(text.contains("expected the folder of a front end"), "{text}");
        }
    }
    assert!(!folder.path().join("poem-scaffold.db").exists(), "nothing was made");
}

#[test]
fn a_folder_with_the_database_in_it_refuses_the_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "").unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    for url in ["sqlite:poem-scaffold.db", "sqlite:data/x.db"] {
        let config = cheap().env("STATIC_DIR", ".").env("DATABASE_URL", url);
        let text = refused_start(&config, folder.path());
        assert!(text.contains("STATIC_DIR") && text.contains("database"), "{text}");
    }
    let other = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", other.path().join("x.db").display());
    let config = cheap().env("STATIC_DIR", ".").env("DATABASE_URL", &url);
    let server = Server::start(&config.folder(folder.path()));
    assert_eq!(get(&server, "/").status, 200);
}

#[test]
fn a_link_to_a_database_in_the_folder_refuses_the_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("site")).unwrap();
    fs::write(folder.path().join("site/index.html"), "").unwrap();
    symlink("site/real.db", folder.path().join("one.db")).unwrap();
    symlink("one.db", folder.path().join("two.db")).unwrap();
    for file in [None, Some("site/real.db")] {
        if let Some(file) = file {
            fs::write(folder.path().join(file), "").unwrap();
        }
        for url in ["sqlite:one.db", "sqlite:two.db"] {
            let config = cheap().env("STATIC_DIR", "site").env("DATABASE_URL", url);
            let text = refused_start(&config, folder.path());
            assert!(text.contains("STATIC_DIR") && text.contains("database"), "{text}");
        }
    }
    // A link from the folder to a database elsewhere is not followed, so it may be there.
    symlink("../elsewhere.db", folder.path().join("site/x.db")).unwrap();
    let config = cheap()
        .env("STATIC_DIR", "site")
        .env("DATABASE_URL", "sqlite:elsewhere.db");
    let server = Server::start(&config.folder(folder.path()));
    assert_eq!(get(&server, "/x.db").status, 404);
}

#[test]
fn a_folder_of_a_project_refuses_the_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "").unwrap();
    fs::write(folder.path().join("Cargo.toml"), "").unwrap();
    let other = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", other.path().join("x.db").display());
    let config = cheap().env("STATIC_DIR", ".").env("DATABASE_URL", &url);
    let text = refused_start(&config, folder.path());
    assert!(text.contains("contains a Cargo.toml"), "{text}");
}

#[test]
fn database_settings_and_log_are_not_served_by_any_name_that_they_get_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("site")).unwrap();
    fs::write(path("site/index.html"), "").unwrap();
    symlink("x.db", path("link.db")).unwrap();
    let config = cheap()
        .env("STATIC_DIR", "site")
        .env("DATABASE_URL", "sqlite:link.db")
        .folder(folder.path());
    let server = Server::start(&config);
    let companions = [".env", "x.db", "x.db-wal", "x.db-shm"];
    for (number, name) in companions.iter().enumerate() {
        assert!(path(name).exists(), "{name}");
        // A symlink would lead out of the folder; a hard link does not.
        fs::hard_link(path(name), path(&format!("site/{number}.txt"))).unwrap();
        for method in ["GET", "HEAD"] {
            let answer = crate::api::call(&server, method, &format!("/{number}.txt"), None, None);
            assert_eq!(answer.status, 404, "{method} {name}");
        }
    }
    // And the name that the link has.
    fs::remove_file(path("link.db")).unwrap();
    fs::rename(path("x.db"), path("y.db")).unwrap();
    symlink("y.db", path("link.db")).unwrap();
    assert_eq!(get(&server, "/1.txt").status, 404);
    fs::write(path("site/other.txt"), "not the database").unwrap();
    assert_eq!(get(&server, "/other.txt").status, 200);
}

#[test]
fn an_empty_setting_is_none() {
    let server = Server::start(&cheap().env("STATIC_DIR", ""));
    assert!(!server.output().contains("Front end:"), "{}", server.output());
}
