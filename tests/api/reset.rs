//! Forgotten passwords: from the request through a real mail server to the new password.

use std::{
    net::TcpListener,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{assert_is_logged, call, cheap, list_status, on_each_engine, refused, run};
use crate::support::{
    http::{self, Response},
    mail::{Mail, MailSink},
    server::{Server, ServerConfig},
};

const PASSWORD: &str = "correct horse";
const FORGOT: &str = "/api/v1/forgotpassword";
const ANN: &str = "ann@example.com";
const PUBLIC_URL: &str = "https://app.example.com/blog";

/// Settings of a server whose mail goes to this port of this machine.
fn mailing(config: ServerConfig, port: u16) -> ServerConfig {
    config
        .env("SECRET_KEY", "a test key of at least thirty-two bytes!")
        .env("PUBLIC_URL", PUBLIC_URL)
        .env("MAIL_SERVER", "localhost")
        .env("MAIL_PORT", &port.to_string())
        .env("MAIL_DEFAULT_SENDER", "Blog <no-reply@example.com>")
}

/// Creates ann and starts the server.
fn serve(config: &ServerConfig, dir: &Path) -> Server {
    let password = format!("{PASSWORD}\n");
    run(config, dir, &["user", "create", ANN], Some(&password));
    Server::start(&config.clone().folder(dir))
}

fn document(attributes: Value) -> Value {
    json!({"data": {"type": "users", "attributes": attributes}})
}

fn forgot(server: &Server, email: &str) -> Response {
    call(server, "POST", FORGOT, None, Some(&document(json!({"email": email}))))
}

fn set_password(server: &Server, token: &str, password: &str) -> Response {
    let body = document(json!({"password": password}));
    call(server, "PATCH", FORGOT, Some(token), Some(&body))
}

fn log_in(server: &Server, password: &str) -> Response {
    let body = document(json!({"email": ANN, "password": password}));
    call(server, "POST", "/api/v1/login.json", None, Some(&body))
}

fn token(server: &Server, password: &str) -> String {
    let answer = log_in(server, password);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()["token"].as_str().unwrap().to_owned()
}

/// The token of the one link in a text.
fn token_in(text: &str, public_url: &str) -> String {
    let (_, rest) = text.split_once(&format!("{public_url}/#/forgotpassword/")).expect(text);
    rest.split(|c: char| c.is_whitespace() || c == '"')
        .next()
        .unwrap()
        .to_owned()
}

fn next_token(sink: &MailSink) -> String {
    token_in(&sink.next().text, PUBLIC_URL)
}

#[test]
fn a_link_goes_to_the_stored_address_and_sets_the_password_once() {
    for (profile, key) in [("scaffold-1.0", "message"), ("scaffold-2.0", "error")] {
        let Some(sink) = MailSink::start() else { return };
        let folder = tempfile::tempdir().unwrap();
        let config = mailing(cheap(), sink.port).env("FLASK_PROFILE", profile);
        let server = serve(&config, folder.path());
        let before = token(&server, PASSWORD);

        let body = document(json!({"email": ANN})).to_string();
        let headers = [("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example")];
        let answer = http::send(&server.base, "POST", FORGOT, &headers, Some(body.as_bytes()));
        assert_eq!(answer.status, 201, "{profile}");
        assert_eq!(
            answer.json().unwrap(),
            json!({key: "Password reset mail sent successfully"})
        );

        let mail = sink.next();
        assert_eq!(mail.to, [ANN]);
        assert_eq!(mail.from, "Blog <no-reply@example.com>");
        assert_eq!(mail.subject, "Here's your Password Reset Link :)");
        let reset = token_in(&mail.text, PUBLIC_URL);
        assert_eq!(token_in(&mail.html, PUBLIC_URL), reset);
        assert!(mail.text.contains("within 60 minutes"), "{}", mail.text);
        assert!(!format!("{mail:?}").contains("evil"), "{mail:?}");

        assert_eq!(list(&server, &reset), 401, "{profile}: a reset is no login");
        assert_eq!(
            set_password(&server, &before, "another horse").status,
            401,
            "{profile}: nor a login a reset"
        );
        let answer = set_password(&server, &reset, "another horse");
        assert_eq!((answer.status, answer.text().trim()), (200, "201"), "{profile}");
        let again = set_password(&server, &reset, "a third horse");
        assert_eq!(
            (again.status, again.text().contains("Token is invalid")),
            (401, true),
            "{profile}"
        );

        assert_eq!(log_in(&server, PASSWORD).status, 401, "{profile}");
        assert_eq!(list(&server, &before), 401, "{profile}: tokens from before are over");
        assert_eq!(list(&server, &token(&server, "another horse")), 200, "{profile}");
    }
}

fn list(server: &Server, token: &str) -> u16 {
    call(server, "GET", "/api/v1/users.json", Some(token), None).status
}

#[test]
fn of_many_uses_at_once_exactly_one_sets_the_password() {
    on_each_engine(|config, dir, url| {
        let Some(sink) = MailSink::start() else { return };
        let server = serve(&mailing(config, sink.port), dir);
        forgot(&server, ANN);
        let reset = next_token(&sink);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let (server, reset) = (&server, &reset);
            let uses: Vec<_> = (0..8)
                .map(|n| scope.spawn(move || set_password(server, reset, &format!("horse number {n}")).status))
                .collect();
            uses.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let count = |status| statuses.iter().filter(|&&one| one == status).count();
        assert_eq!((count(200), count(401)), (1, 7), "{url} {statuses:?}");
        let winner = statuses.iter().position(|&status| status == 200).unwrap();
        assert_eq!(log_in(&server, &format!("horse number {winner}")).status, 200, "{url}");
    });
}

#[test]
fn a_user_gets_three_mails_within_an_hour_however_they_are_asked_for() {
    on_each_engine(|config, dir, url| {
        let Some(sink) = MailSink::start() else { return };
        let server = serve(&mailing(config, sink.port), dir);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(forgot(&server, ANN).status, 201));
            }
        });
        let resets = [next_token(&sink), next_token(&sink), next_token(&sink)];
        assert!(sink.is_silent(), "{url}: a fourth mail came");
        // One use ends the others too: they are from before the change.
        assert_eq!(set_password(&server, &resets[1], "another horse").status, 200, "{url}");
        assert_eq!(set_password(&server, &resets[0], "a third horse").status, 401, "{url}");
        assert_eq!(set_password(&server, &resets[2], "a third horse").status, 401, "{url}");
    });
}

#[test]
fn nobody_learns_who_has_an_account_and_the_disabled_get_no_mail() {
    let Some(sink) = MailSink::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = mailing(cheap(), sink.port);
    let server = serve(&config, folder.path());
    run(&config, folder.path(), &["user", "disable", ANN], None);
    let known = forgot(&server, ANN);
    for email in [
        "nobody@example.com",
        "ANN@example.com",
        "ann@example.com ",
        "",
        "not an address",
    ] {
        let unknown = forgot(&server, email);
        assert_eq!(
            (unknown.status, unknown.text()),
            (known.status, known.text()),
            "{email}"
        );
    }
    assert!(sink.is_silent());

    let server = Server::start(&config.env("FORGOT_UNKNOWN", "404").folder(folder.path()));
    let unknown = forgot(&server, "nobody@example.com");
    assert_eq!(unknown.status, 404);
    assert_eq!(
        unknown.json().unwrap(),
        json!({"error": "We could not find this email address :("})
    );
}

#[test]
fn a_link_for_a_user_who_was_disabled_meanwhile_is_refused() {
    let Some(sink) = MailSink::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = mailing(cheap(), sink.port);
    let server = serve(&config, folder.path());
    forgot(&server, ANN);
    let reset = next_token(&sink);
    run(&config, folder.path(), &["user", "disable", ANN], None);
    assert_eq!(set_password(&server, &reset, "another horse").status, 401);
    run(&config, folder.path(), &["user", "enable", ANN], None);
    assert_eq!(log_in(&server, PASSWORD).status, 200, "the password is the old one");
}

#[test]
fn a_dead_or_silent_mail_server_changes_neither_answer_nor_time() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // Connections are taken by the kernel, and nobody ever says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for port in [closed, silent.local_addr().unwrap().port()] {
        let folder = tempfile::tempdir().unwrap();
        let server = serve(&mailing(cheap(), port), folder.path());
        let mut durations: Vec<Duration> = (0..12)
            .map(|_| {
                let asked = Instant::now();
                assert_eq!(forgot(&server, ANN).status, 201);
                asked.elapsed()
            })
            .collect();
        durations.sort();
        // A busy machine may let one wait; a server that waited for the mail would let all.
        assert!(durations[6] < Duration::from_secs(1), "{durations:?}");
        assert_eq!(log_in(&server, PASSWORD).status, 200);
    }
}

#[test]
fn mail_goes_out_encrypted_after_a_login_and_not_at_all_after_a_wrong_one() {
    let folder = tempfile::tempdir().unwrap();
    let Some((sink, certificate)) = MailSink::start_guarded(folder.path(), "blog", "mail secret") else {
        return;
    };
    let config = mailing(cheap(), sink.port)
        .env("MAIL_USE_TLS", "true")
        .env("MAIL_USERNAME", "blog")
        .env("SSL_CERT_FILE", certificate.to_str().unwrap());
    let right = config.clone().env("MAIL_PASSWORD", "mail secret");
    let server = serve(&right, folder.path());
    forgot(&server, ANN);
    let mail: Mail = sink.next();
    assert!(mail.is_encrypted, "{mail:?}");
    drop(server);

    let wrong = config.env("MAIL_PASSWORD", "wrong secret").folder(folder.path());
    let server = Server::start(&wrong);
    assert_eq!(forgot(&server, ANN).status, 201);
    assert_is_logged(&server, "a reset mail was not sent");
    assert!(sink.is_silent());
    assert!(!server.output().contains("wrong secret"), "{}", server.output());
    drop(server);

    // A server that nobody vouches for is told nothing.
    let unknown = right.env("SSL_CERT_FILE", "/etc/hostname").folder(folder.path());
    let server = Server::start(&unknown);
    assert_eq!(forgot(&server, ANN).status, 201);
    assert!(sink.is_silent());
}

#[test]
fn without_a_mail_server_the_mail_is_printed_and_its_link_works() {
    let folder = tempfile::tempdir().unwrap();
    let config = cheap().env("SECRET_KEY", "a test key of at least thirty-two bytes!");
    let server = serve(&config, folder.path());
    forgot(&server, ANN);
    assert_is_logged(&server, "#/forgotpassword/");
    assert_is_logged(&server, "nothing has changed.");
    let reset = token_in(&server.output(), &server.base);
    assert_eq!(set_password(&server, &reset, "another horse").status, 200);
    assert_eq!(log_in(&server, "another horse").status, 200);
}

#[test]
fn under_flask_any_login_token_resets_as_the_links_did() {
    let Some(sink) = MailSink::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = mailing(cheap(), sink.port).env("FLASK_FIDELITY", "flask");
    let server = serve(&config, folder.path());
    forgot(&server, ANN);
    let reset = next_token(&sink);
    assert_eq!(list_status(&server, &reset), 200, "the link's token is one of a login");
    assert_eq!(set_password(&server, &reset, "another horse").status, 200);
    let login = token(&server, "another horse");
    assert_eq!(set_password(&server, &login, "a third horse").status, 200);
    assert_eq!(log_in(&server, "a third horse").status, 200);
}

#[test]
fn mail_settings_that_cannot_work_refuse_the_start_and_are_named() {
    let mail = [("MAIL_SERVER", "localhost"), ("PUBLIC_URL", PUBLIC_URL)];
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[("MAIL_SERVER", "localhost")], "PUBLIC_URL"),
        (&[("MAIL_USE_TLS", "true"), ("MAIL_USE_SSL", "true")], "MAIL_USE_SSL"),
        (&[("MAIL_USE_TLS", "perhaps")], "MAIL_USE_TLS"),
        (&[("MAIL_USERNAME", "blog")], "MAIL_PASSWORD"),
        (&[("MAIL_PASSWORD", "secret")], "MAIL_USERNAME"),
        (&[("MAIL_PORT", "70000")], "MAIL_PORT"),
        (&[("PUBLIC_URL", "app.example.com")], "PUBLIC_URL"),
        (&[("PUBLIC_URL", "https://ann:secret@app.example.com")], "PUBLIC_URL"),
        (
            &[mail[0], mail[1], ("MAIL_DEFAULT_SENDER", "nobody")],
            "MAIL_DEFAULT_SENDER",
        ),
    ];
    for (settings, named) in cases {
        let folder = tempfile::tempdir().unwrap();
        let config = settings
            .iter()
            .fold(cheap(), |config, (name, value)| config.env(name, value));
        let text = refused(&config, folder.path(), &["serve", "--port", "0"], None, 2);
        let option = format!("--{}", named.to_lowercase().replace('_', "-"));
        assert!(text.contains(named) || text.contains(&option), "{settings:?}: {text}");
        assert!(!text.contains("secret"), "{settings:?}: {text}");
    }
}
