//! From nothing to a server that is logged into, and what keeps it from starting.

use std::{
    fs::File,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    process::Stdio,
    time::{Duration, Instant},
};

use super::{call, cheap, list_status, log_in, on_each_engine, refused, run, token};
use crate::{
    browser::person::password_of,
    support::{
        http, program,
        server::{Server, ServerConfig},
    },
};

#[test]
fn the_first_start_makes_everything_and_prints_a_login_that_works() {
    let server = Server::start(&ServerConfig::of(program()));
    let output = server.output();
    let password = password_of(&server);
    let token = token(&server, "admin@example.com", &password);
    let answer = call(&server, "GET", "/api/users", Some(&token), None);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    let users = answer.json().unwrap()["users"].clone();
    assert_eq!(
        users,
        serde_json::json!([{"id": 1, "email": "admin@example.com", "name": "Admin", "is_enabled": true}])
    );
    assert!(output.contains(&format!("{}/docs", server.base)), "{output}");
    assert_eq!(output.matches("curl -s").count(), 2, "{output}");
    let env = server.dir().join(".env");
    assert_eq!(env.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(env).unwrap();
    assert!(
        text.starts_with("SECRET_KEY=") && text.trim_end().len() == "SECRET_KEY=".len() + 64,
        "{text}"
    );
}

#[test]
fn no_administrator_is_made_whose_password_nobody_sees() {
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let closed = || {
        let (_, writer) = std::io::pipe().unwrap();
        Stdio::from(writer)
    };
    for stdout in [full(), closed(), Stdio::null()] {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let base = format!("http://127.0.0.1:{port}");
        let config = cheap().folder(folder.path());
        let args = ["serve", "--port", &port.to_string()];
        let mut child = config.spawn_printing_to(stdout, folder.path(), &args);
        let deadline = Instant::now() + Duration::from_secs(30);
        let status = || http::send(&base, "GET", "/api/users", &[("X", "y")], None).status;
        // Before the database is open, pages are served and the API is not.
        while status() != 401 {
            assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none());
            std::thread::sleep(Duration::from_millis(50));
        }
        child.kill().unwrap();
        let said = child.wait_with_output().unwrap().stderr;
        let said = String::from_utf8_lossy(&said);
        assert!(
            said.contains("no administrator was created") && said.contains("user create --admin"),
            "{said}"
        );
        let table = run(&config, folder.path(), &["user", "list"], None);
        assert!(!table.contains("admin@"), "{table}");
        // The next start that can be read makes one.
        let server = Server::start(&config);
        let password = password_of(&server);
        token(&server, "admin@example.com", &password);
    }
}

#[test]
fn the_printed_curl_commands_work_as_pasted() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        assert_ne!(
            std::env::var("REQUIRE_SERVICES").as_deref(),
            Ok("1"),
            "curl is not installed"
        );
        eprintln!("LEFT OUT: curl is not installed, so its printed commands are not tried");
        return;
    }
    let with = |dialect, places| {
        let key = "a test key of at least thirty-two bytes!";
        let config = cheap().env("SECRET_KEY", key).env("TOKEN_DIALECT", dialect);
        config.env("JWT_TOKEN_LOCATION", places)
    };
    for config in [
        cheap(),
        with("flask-jwt", "headers"),
        with("flask-jwt-extended-3", "query_string"),
        with("flask-jwt-extended-4", "cookies,headers"),
    ] {
        let server = Server::start(&config);
        let output = server.output();
        let commands: Vec<&str> = output.lines().filter(|line| line.contains("curl -s")).collect();
        let pasted = std::process::Command::new("sh")
            .arg("-c")
            .arg(commands.join("\n"))
            .output()
            .unwrap();
        let answer = String::from_utf8_lossy(&pasted.stdout);
        assert!(
            answer.contains("\"email\":\"admin@example.com\""),
            "{commands:?} {answer}"
        );
    }
}

#[test]
fn a_restart_keeps_users_passwords_and_tokens_on_each_database() {
    on_each_engine(|config, _, url| {
        let server = Server::start(&config);
        let password = password_of(&server);
        let token = token(&server, "admin@example.com", &password);
        drop(server);
        let server = Server::start(&config);
        assert!(
            !server.output().contains("password: "),
            "{url}: a second admin was made"
        );
        assert_eq!(list_status(&server, &token), 200, "{url}");
        assert_eq!(log_in(&server, "admin@example.com", &password).status, 200, "{url}");
    });
}

#[test]
fn a_key_in_the_dotenv_file_and_its_other_lines_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "BCRYPT_COST=4\nLOG=warn").unwrap();
    let config = ServerConfig::of(program()).folder(folder.path());
    drop(Server::start(&config));
    let written = std::fs::read_to_string(folder.path().join(".env")).unwrap();
    assert!(written.starts_with("BCRYPT_COST=4\nLOG=warn\nSECRET_KEY="), "{written}");
    drop(Server::start(&config));
    assert_eq!(std::fs::read_to_string(folder.path().join(".env")).unwrap(), written);
}

#[test]
fn a_taken_port_is_named_with_the_flag_that_changes_it_before_anything_is_written() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let text = refused(&cheap(), folder.path(), &["serve", "--port", &port], None, 1);
    assert!(text.contains(&port) && text.contains("--port"), "{text}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn settings_that_cannot_be_used_are_refused_with_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value, expected) in [
        ("SECRET_KEY", "s0me random string", "32"),
        (
            "SECRET_KEY",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "repeats itself",
        ),
        ("SECRET_KEY", "a-string-secret-at-least-256-bits-long", "published"),
        ("MIN_PASSWORD", "0", "1 to 64"),
        ("DATABASE_URL", "oracle://scott:tiger@db/x", "postgres://"),
        ("DATABASE_URL", "sqlite://", "sqlite:FILE"),
        ("FLASK_PROFILE", "flask", "tutorial"),
        ("FLASK_FIDELITY", "strict", "safe"),
        ("MAIL_PORT", "70000", "65535"),
        ("MAIL_PORT", "smtp", "whole number"),
        ("MAIL_USE_TLS", "perhaps", "true or false"),
        ("BCRYPT_COST", "31", "15"),
        ("DISABLED_USERS", "maybe", "allow"),
        ("LOG", "a=b=c", "LOG in the environment"),
    ] {
        let config = ServerConfig::of(program()).env(name, value);
        let text = refused(&config, folder.path(), &["serve", "--port", "0"], None, 2);
        assert!(
            text.contains(expected) && !text.contains("tiger"),
            "{name}={value}: {text}"
        );
    }
    let flask = ServerConfig::of(program()).env("FLASK_FIDELITY", "flask");
    let text = refused(&flask, folder.path(), &["serve", "--port", "0"], None, 2);
    assert!(text.contains("SECRET_KEY"), "{text}");
}

#[test]
fn a_dotenv_line_of_another_program_is_skipped_with_its_number_and_without_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        b"# caf\xe9\nif true; then\nSECRET KEY=hush hush\nSECRET_KEY='a test key of at least thirty-two bytes!'\n";
    std::fs::write(folder.path().join(".env"), text).unwrap();
    let config = ServerConfig::of(program()).folder(folder.path());
    let server = Server::start(&config);
    let said = server.output();
    assert!(
        said.contains(".env:2 is skipped") && said.contains(".env:3 is skipped"),
        "{said}"
    );
    assert!(
        !said.contains("hush") && !said.contains("SECRET_KEY was written"),
        "{said}"
    );
}

#[test]
fn a_dotenv_setting_that_is_not_utf8_is_refused_with_its_line_and_without_its_value() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), b"LOG=warn\nMAIL_PASSWORD=hush\xe9hush\n").unwrap();
    let text = refused(&ServerConfig::of(program()), folder.path(), &["db", "status"], None, 2);
    assert!(text.contains(".env:2: the setting MAIL_PASSWORD"), "{text}");
    assert!(!text.contains("hush"), "{text}");
}

/// The settings of the help page.
fn names_of_settings() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let output = ServerConfig::of(program()).command(folder.path(), &["--help"]);
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = help
        .split("[env: ")
        .skip(1)
        .map(|rest| rest.split(['=', ']']).next().unwrap().to_owned());
    names.collect()
}

#[test]
fn an_empty_setting_is_not_set_in_the_environment_in_dotenv_and_as_a_flag() {
    let names = names_of_settings();
    assert!(names.len() > 30, "{names:?}");
    let lines: String = names.iter().map(|name| format!("{name}=\n")).collect();
    let in_file = tempfile::tempdir().unwrap();
    std::fs::write(in_file.path().join(".env"), lines).unwrap();
    let in_environment = tempfile::tempdir().unwrap();
    let mut all_empty = ServerConfig::of(program());
    for name in &names {
        all_empty = all_empty.env(name, "");
    }
    for (config, folder) in [(ServerConfig::of(program()), in_file), (all_empty, in_environment)] {
        let config = config.folder(folder.path());
        let server = Server::start(&config);
        assert!(server.output().contains("profile scaffold-1.0"), "{}", server.output());
        drop(server);
        let key = std::fs::read_to_string(folder.path().join(".env")).unwrap();
        drop(Server::start(&config));
        // The key of the first start is found by the second.
        assert_eq!(std::fs::read_to_string(folder.path().join(".env")).unwrap(), key);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "DATABASE_URL=sqlite:of-file.db").unwrap();
    let config = ServerConfig::of(program()).env("DATABASE_URL", "");
    let args = ["--port=", "--profile", "", "db", "upgrade", "--database-url", ""];
    run(&config, folder.path(), &args, None);
    assert!(folder.path().join("of-file.db").exists());
}

#[test]
fn an_unreachable_database_is_named_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let config = cheap().env("DATABASE_URL", "postgres://u:tiger@127.0.0.1:1/x");
    let text = refused(&config, folder.path(), &["db", "status"], None, 1);
    assert!(
        text.contains("127.0.0.1:1 (database x): connection refused") && !text.contains("tiger"),
        "{text}"
    );
    assert_eq!(text.matches("refused").count(), 1, "{text}");
}

#[test]
fn the_start_names_the_sqlite_file_and_the_parameters_without_effect() {
    let folder = tempfile::tempdir().unwrap();
    let config = cheap()
        .env(
            "SQLALCHEMY_DATABASE_URI",
            "sqlite:///app.db?check_same_thread=False&timeout=20",
        )
        .folder(folder.path());
    let server = Server::start(&config);
    let file = folder.path().canonicalize().unwrap().join("app.db");
    let said = server.output();
    assert!(
        said.contains(&format!("database: sqlite:{}\n", file.display())),
        "{said}"
    );
    assert!(said.contains("without effect: check_same_thread, timeout"), "{said}");
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        names.iter().all(|name| !name.to_string_lossy().contains('?')),
        "{names:?}"
    );
}

#[test]
fn every_help_page_shows_and_names_its_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig::of(program());
    for args in [
        &["--help"][..],
        &["serve", "--help"],
        &["db", "--help"],
        &["user", "create", "--help"],
        &["openapi", "--help"],
    ] {
        let output = config.command(folder.path(), args);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{args:?}");
        for expected in [
            "5000",
            "127.0.0.1",
            "sqlite:poem-scaffold.db",
            "scaffold-1.0",
            "[env: SECRET_KEY",
        ] {
            assert!(text.contains(expected), "{args:?} lacks {expected}: {text}");
        }
    }
}
