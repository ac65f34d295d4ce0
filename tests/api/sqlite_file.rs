//! An SQLite file that is deleted, moved or replaced while it is served, and who may read it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::json;

use super::{call, cheap, list_status, log_in, run, token};
use crate::support::{program, server::Server, sql::query};

const PASSWORD: &str = "correct horse";

fn serve(folder: &Path) -> Server {
    let config = cheap().folder(folder);
    run(
        &config,
        folder,
        &["user", "create", "ann@example.com", "--admin"],
        Some("correct horse\n"),
    );
    Server::start(&config)
}

fn add_role(server: &Server, token: &str) -> u16 {
    let body = json!({"data": {"type": "roles", "attributes": {"name": "guest"}}});
    call(server, "POST", "/api/v1/roles.json", Some(token), Some(&body)).status
}

#[test]
fn nothing_is_written_to_or_read_from_a_file_that_was_moved_or_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path());
    let token = token(&server, "ann@example.com", PASSWORD);
    for name in ["poem-scaffold.db", "poem-scaffold.db-wal", "poem-scaffold.db-shm"] {
        let (file, elsewhere) = (folder.path().join(name), folder.path().join("elsewhere"));
        fs::rename(&file, &elsewhere).unwrap();
        for replaced in [false, true] {
            if replaced {
                fs::copy(&elsewhere, &file).unwrap();
            }
            assert_eq!(list_status(&server, &token), 503, "{name} {replaced}");
            assert_eq!(log_in(&server, "ann@example.com", PASSWORD).status, 503, "{name}");
            assert_eq!(add_role(&server, &token), 503, "{name}");
            assert_eq!(file.exists(), replaced, "{name} was created");
        }
        let log = server.output();
        assert!(log.contains(&format!("{name} was deleted or moved")), "{log}");
        assert!(log.contains(&format!("{name} was replaced")), "{log}");
        fs::rename(&elsewhere, &file).unwrap();
        assert_eq!(list_status(&server, &token), 200, "{name}");
    }
    let url = format!("sqlite:///{}/poem-scaffold.db", folder.path().display());
    assert_eq!(query(&url, "select count(*) from roles where name = 'guest'"), "0");
}

#[test]
fn a_restart_takes_the_file_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path());
    let file = folder.path().join("poem-scaffold.db");
    fs::remove_file(&file).unwrap();
    assert_eq!(log_in(&server, "ann@example.com", PASSWORD).status, 503);
    assert!(!file.exists());
    drop(server);
    for name in ["poem-scaffold.db-wal", "poem-scaffold.db-shm"] {
        let _ = fs::remove_file(folder.path().join(name));
    }
    let server = Server::start(&cheap().folder(folder.path()));
    assert!(server.output().contains("password: "), "{}", server.output());
}

#[test]
fn files_that_are_created_are_for_this_user_only_whatever_the_umask() {
    for umask in ["000", "022", "277"] {
        let folder = tempfile::tempdir().unwrap();
        let program = program().display();
        let script = format!("umask {umask}; exec '{program}' serve --port 0");
        let mut server = Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .env_clear()
            .env("SECRET_KEY", "a test key of at least thirty-two bytes!")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(server.stdout.take().unwrap()));
        assert!(lines.any(|line| line.unwrap().contains("listening on")));
        for name in ["poem-scaffold.db", "poem-scaffold.db-wal", "poem-scaffold.db-shm"] {
            let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name} under umask {umask}");
        }
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

#[test]
fn a_file_that_was_there_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("poem-scaffold.db");
    drop(serve(folder.path()));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let _server = Server::start(&cheap().folder(folder.path()));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
}
