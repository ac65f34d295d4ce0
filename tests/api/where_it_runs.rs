//! What depends on the surroundings: spellings of paths, HEAD, addresses, signals, the settings of mail.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use super::{call, cheap, refused, token};
use crate::{
    browser::person::{ADMIN, password_of, token_of},
    support::{
        http::{self, Response},
        program,
        server::{Server, ServerConfig},
        services::left_out,
        vectors::{python, rows, rows_of_script},
    },
};

/// The administrator's token, whose password the first start has printed.
fn admin(server: &Server) -> String {
    token(server, ADMIN, &password_of(server))
}

#[test]
fn a_path_means_the_route_that_werkzeug_found_for_it() {
    let server = Server::start(&cheap());
    let token = admin(&server);
    let mut found = 0;
    let rows = rows("werkzeug_paths.json");
    for row in &rows {
        let path = row["path"].as_str().unwrap();
        let get = |token| call(&server, "GET", path, token, None);
        let options = call(&server, "OPTIONS", path, None, None);
        let is_page = ["login_page", "home"].contains(&row["endpoint"].as_str().unwrap_or_default());
        if let Some(ours) = row["ours"].as_str() {
            let expected = if ours == "redirect" { 307 } else { ours.parse().unwrap() };
            assert_eq!(get(Some(&token)).status, expected, "{row}");
        } else if row["allow"].is_null() {
            assert_eq!((get(Some(&token)).status, options.status), (404, 404), "{row}");
            assert_eq!(call(&server, "POST", path, Some(&token), None).status, 404, "{row}");
        } else if is_page {
            found += 1;
            assert_eq!(get(None).status, 200, "{row}");
        } else {
            found += 1;
            assert_eq!(options.header("allow").as_deref(), row["allow"].as_str(), "{row}");
            for (method, status) in row["statuses"].as_object().unwrap() {
                let answer = call(&server, method, path, None, None).status;
                assert_eq!(answer == 405, status == 405, "{method} {answer} {row}");
                let has_guard = ![200, 405].contains(&answer);
                assert_eq!(
                    has_guard,
                    status == 200 && method != "OPTIONS",
                    "{method} {answer} {row}"
                );
            }
            if row["id"] == 1 || row["endpoint"] == "users" {
                let answer = get(Some(&token));
                assert_eq!(answer.status, 200, "{row}: {}", answer.text());
                let is_one = answer.json().unwrap()["data"].is_object();
                assert_eq!(is_one, row["id"] == 1, "{row}");
            }
        }
    }
    assert!(rows.len() > 150 && found > 30, "{} rows, {found} found", rows.len());
}

#[test]
fn the_real_flask_and_flask_mail_still_say_what_the_vectors_say() {
    let Some(python) = python("flask-mail==0.9.1") else {
        return;
    };
    for (script, file) in [
        ("make_paths.py", "werkzeug_paths.json"),
        ("make_mail.py", "flask_mail.json"),
    ] {
        assert_eq!(rows_of_script(&python, script, &[], ""), rows(file), "{file}");
    }
}

/// What must be the same for HEAD as for GET; a list that is written while it is sent has no length.
fn head_of(answer: &Response) -> (u16, Vec<(String, String)>) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .filter(|(name, _)| !["date", "transfer-encoding"].contains(&name.as_str()))
        .collect();
    headers.sort();
    (answer.status, headers)
}

/// HEAD and then GET on one connection: a body after the first would be taken for the second answer.
fn both_on_one_connection(server: &Server, path: &str) -> String {
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
    let request =
        format!("HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\nHEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    answers
}

#[test]
fn head_has_the_status_and_the_headers_of_get_and_no_body() {
    for profile in ["tutorial", "scaffold-1.0", "scaffold-2.0"] {
        let server = Server::start(&cheap().env("FLASK_PROFILE", profile));
        let token = token_of(&server, profile, &password_of(&server)).unwrap();
        let document = call(&server, "GET", "/openapi.json", None, None).json().unwrap();
        let documented = document["paths"].as_object().unwrap().iter();
        let mut paths: Vec<String> = documented
            .filter(|(_, operations)| operations["get"].is_object())
            .flat_map(|(path, _)| [path.replace("{id}", "1"), path.replace("{id}", "4711")])
            .collect();
        let page = call(&server, "GET", "/docs", None, None).text();
        let asset = page.split("src=\"./").nth(1).and_then(|rest| rest.split('"').next());
        paths.push(format!("/{}", asset.unwrap()));
        let others = [
            "/",
            "/login",
            "/login/",
            "/users",
            "/users/1",
            "/docs",
            "/openapi.json",
            "/nothing",
            "/api/nothing",
            "/poem-scaffold/x/icon.svg",
            "/api/v1/users%2Ejson",
            "/%ff",
            "/api/login",
        ];
        paths.extend(others.map(str::to_owned));
        assert!(paths.len() > others.len() + 2, "{paths:?}");
        for path in &paths {
            for token in [None, Some(token.as_str())] {
                let [head, get] = ["HEAD", "GET"].map(|method| call(&server, method, path, token, None));
                assert_eq!(head_of(&head), head_of(&get), "{profile} {path}");
                assert!(
                    head.header("content-type").is_some() || head.status == 307,
                    "{profile} {path}"
                );
            }
            let answers = both_on_one_connection(&server, path);
            assert_eq!(answers.matches("HTTP/1.1 ").count(), 2, "{profile} {path}: {answers}");
            assert!(answers.ends_with("\r\n\r\n"), "{profile} {path}: {answers}");
        }
    }
}

#[test]
fn head_of_a_front_ends_file_is_that_of_get_too() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("index.html", "<p>home</p>"), ("app.js", "go()"), ("empty.css", "")] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let server = Server::start(&cheap().env("STATIC_DIR", folder.path().to_str().unwrap()));
    for path in ["/", "/index.html", "/app.js", "/empty.css", "/nothing.js"] {
        let [head, get] = ["HEAD", "GET"].map(|method| call(&server, method, path, None, None));
        assert_eq!(head_of(&head), head_of(&get), "{path}");
        let tag = get.header("etag").unwrap_or_default();
        let known = [("If-None-Match", tag.as_str())];
        let [head, get] = ["HEAD", "GET"].map(|method| http::send(&server.base, method, path, &known, None));
        assert_eq!(head_of(&head), head_of(&get), "{path}");
    }
}

#[test]
fn every_spelling_of_an_address_is_listened_on_and_has_a_link() {
    let has_ipv6 = TcpListener::bind("[::1]:0").is_ok();
    for (host, base, link) in [
        ("127.0.0.1", "http://127.0.0.1:", "http://127.0.0.1:"),
        ("0.0.0.0", "http://0.0.0.0:", "http://127.0.0.1:"),
        ("localhost", "http://", "http://"),
        ("::1", "http://[::1]:", "http://[::1]:"),
        ("[::1]", "http://[::1]:", "http://[::1]:"),
        ("[::]", "http://[::]:", "http://[::1]:"),
    ] {
        if base.contains('[') && !has_ipv6 {
            eprintln!("LEFT OUT: {host}, because this machine has no IPv6");
            continue;
        }
        let server = Server::start(&cheap().env("HOST", host));
        assert!(server.base.starts_with(base), "{host}: {}", server.base);
        assert_eq!(call(&server, "GET", "/api/users", None, None).status, 401, "{host}");
        let output = server.output();
        let port = server.base.rsplit(':').next().unwrap();
        let pages = output.lines().find_map(|line| line.strip_prefix("Pages: ")).unwrap();
        assert!(pages.starts_with(link), "{host}: {pages}");
        let docs = http::send(pages.trim_end_matches('/'), "GET", "/docs", &[("X-Test", "link")], None);
        assert_eq!(docs.status, 200, "{host} {port}: {pages}");
    }
    let folder = tempfile::tempdir().unwrap();
    for host in ["127.0.0.1:8000", "[::1]:8000", "http://127.0.0.1"] {
        let text = refused(&cheap(), folder.path(), &["serve", "--host", host], None, 2);
        assert!(
            text.contains("--host: expected an address") && !text.contains(host),
            "{text}"
        );
    }
}

fn send_signal(server: &Server, signal: &str) {
    let pid = server.pid().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
}

/// A login of which the server has only the first half.
struct HalfLogin(TcpStream);

impl HalfLogin {
    const BODY: &str = r#"{"email": "nobody@example.com", "password": "x"}"#;

    fn start(server: &Server) -> Self {
        let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = format!(
            "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{{",
            Self::BODY.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(200));
        Self(stream)
    }

    /// The status line of the answer.
    fn finish(mut self) -> String {
        thread::sleep(Duration::from_millis(200));
        self.0.write_all(&Self::BODY.as_bytes()[1..]).unwrap();
        let mut answer = [0; 4096];
        let length = self.0.read(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]);
        answer.lines().next().unwrap_or_default().to_owned()
    }
}

#[test]
fn no_signal_ends_a_request_that_runs() {
    for (signal, stops) in [
        ("-TERM", true),
        ("-INT", true),
        ("-QUIT", true),
        ("-HUP", false),
        ("-USR1", false),
        ("-USR2", false),
    ] {
        let server = Server::start(&cheap());
        let login = HalfLogin::start(&server);
        send_signal(&server, signal);
        let answer = login.finish();
        assert!(answer.starts_with("HTTP/1.1 401"), "{signal}: {answer}");
        if !stops {
            assert_eq!(call(&server, "GET", "/api/users", None, None).status, 401, "{signal}");
            let output = server.output();
            assert!(output.contains(&signal.replace('-', "SIG")), "{signal}: {output}");
            send_signal(&server, "-TERM");
        }
        let started = Instant::now();
        assert_eq!(server.wait(), Some(0), "{signal}");
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{signal}: {:?}",
            started.elapsed()
        );
    }
}

#[test]
fn a_terminal_that_is_closed_stops_the_server_once_requests_are_answered() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/closed_terminal.py");
    let folder = tempfile::tempdir().unwrap();
    let mut python = Command::new("python3");
    python
        .arg(script)
        .arg(program())
        .env("BCRYPT_COST", "4")
        .current_dir(folder.path());
    let Ok(output) = python.output() else {
        return left_out("a terminal", "Python").unwrap_or_default();
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        said,
        "HTTP/1.1 401 Unauthorized\n0\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The mail settings of a server that sends its mails somewhere.
fn mailing(server: &str) -> ServerConfig {
    cheap()
        .env("PUBLIC_URL", "https://example.org/app")
        .env("MAIL_SERVER", server)
}

#[test]
fn a_start_says_where_mails_go_and_what_has_no_effect() {
    for (config, line) in [
        (mailing("localhost"), "mail:     localhost port 25 (unencrypted)"),
        (mailing("localhost:1025"), "mail:     localhost port 1025 (unencrypted)"),
        (
            mailing("smtps://ann:geheim@localhost"),
            "mail:     localhost port 465 (TLS)",
        ),
        (
            mailing("localhost").env("MAIL_DEBUG", "1").env("MAIL_MAX_EMAILS", ""),
            "note:     MAIL_DEBUG has no effect here",
        ),
        (
            mailing("localhost").env("MAIL_USE_TSL", "1"),
            "note:     MAIL_USE_TSL has no effect here",
        ),
    ] {
        let server = Server::start(&config);
        let output = server.output();
        assert!(output.contains(line), "{line}: {output}");
        assert!(
            !output.contains("geheim") && !output.contains("MAIL_MAX_EMAILS"),
            "{output}"
        );
    }
    let suppressed = Server::start(&mailing("localhost").env("MAIL_SUPPRESS_SEND", "True"));
    assert!(!suppressed.output().contains("  mail:  "), "{}", suppressed.output());
}

#[test]
fn switches_of_mail_are_read_in_every_usual_spelling() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = |value: &str| {
        let config = mailing("localhost")
            .env("MAIL_USE_TLS", value)
            .env("MAIL_USE_SSL", "true");
        let output = config.command(folder.path(), &["user", "list"]);
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for on in ["True", "true", "TRUE", "1", "yes", "on", "y", "t"] {
        assert!(outcome(on).contains("both on"), "{on}: {}", outcome(on));
    }
    for off in ["False", "false", "0", "no", "off", "n", "f"] {
        assert!(!outcome(off).contains("MAIL"), "{off}: {}", outcome(off));
    }
    for neither in ["maybe", "2", "None"] {
        assert!(
            outcome(neither).contains("MAIL_USE_TLS") || outcome(neither).contains("mail-use-tls"),
            "{neither}"
        );
    }
}
