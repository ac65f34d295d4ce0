//! Mails that wait: in the database, through kills and outages of the mail server, sent by one process.

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use serde_json::json;

use super::{call, cheap, on_each_engine, run};
use crate::support::{
    mail::MailSink,
    server::{Server, ServerConfig},
    sql::query,
};

const FORGOT: &str = "/api/v1/forgotpassword";

fn mailing(config: ServerConfig, port: u16) -> ServerConfig {
    config
        .env("SECRET_KEY", "a test key of at least thirty-two bytes!")
        .env("PUBLIC_URL", "https://app.example.com")
        .env("MAIL_SERVER", "localhost")
        .env("MAIL_PORT", &port.to_string())
}

fn forgot(server: &Server, email: &str) {
    let body = json!({"data": {"type": "users", "attributes": {"email": email}}});
    let answer = call(server, "POST", FORGOT, None, Some(&body));
    assert_eq!(answer.status, 201, "{}", answer.text());
}

/// Passes what comes to the port on to another one, from now on.
fn forward(listener: TcpListener, to: u16) {
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let Ok(other) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], to))) else {
                break;
            };
            for (mut from, mut to) in [
                (stream.try_clone().unwrap(), other.try_clone().unwrap()),
                (other, stream),
            ] {
                thread::spawn(move || {
                    let _ = io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
}

/// Once the mail server says nothing at all, once it is not there; in both cases the process is killed.
#[test]
fn a_mail_outlives_its_process_and_an_outage_of_the_mail_server() {
    on_each_engine(|config, dir, url| {
        let Some(sink) = MailSink::start() else { return };
        // Connections are taken by the kernel, and nobody says a word.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap();
        let config = mailing(config, address.port());
        run(
            &config,
            dir,
            &["user", "create", "ann@example.com"],
            Some("correct horse\n"),
        );
        run(
            &config,
            dir,
            &["user", "create", "bob@example.com"],
            Some("correct horse\n"),
        );
        let server = Server::start(&config);
        forgot(&server, "ann@example.com");
        thread::sleep(Duration::from_millis(300));
        drop(silent);
        forgot(&server, "bob@example.com");
        forgot(&server, "nobody@example.com");
        thread::sleep(Duration::from_millis(300));
        // Dropping it is a kill -9.
        drop(server);
        let waiting = query(url, "select email from poem_scaffold_mails order by email");
        assert!(
            waiting.starts_with("ann@example.com\nbob@example.com"),
            "{url}: {waiting}"
        );
        let stored = query(url, "select * from poem_scaffold_mails");
        assert!(!stored.contains("eyJ"), "{url}: {stored}");

        forward(TcpListener::bind(address).unwrap(), sink.port);
        let server = Server::start(&config);
        let mut to = [sink.next().to, sink.next().to];
        to.sort();
        assert_eq!(to, [["ann@example.com"], ["bob@example.com"]], "{url}");
        assert!(sink.is_silent(), "{url}: a mail came twice");
        assert_eq!(query(url, "select count(*) from poem_scaffold_mails"), "0", "{url}");
        drop(server);
    });
}

#[test]
fn of_two_processes_one_sends_a_mail() {
    on_each_engine(|config, dir, url| {
        let Some(sink) = MailSink::start() else { return };
        let config = mailing(config, sink.port);
        let emails: Vec<String> = (0..12).map(|n| format!("user{n}@example.com")).collect();
        for email in &emails {
            run(&config, dir, &["user", "create", email], Some("correct horse\n"));
        }
        let servers = [Server::start(&config), Server::start(&config)];
        thread::scope(|scope| {
            for (n, email) in emails.iter().enumerate() {
                let server = &servers[n % 2];
                scope.spawn(move || forgot(server, email));
            }
        });
        let mut came: Vec<String> = emails.iter().map(|_| sink.next().to.remove(0)).collect();
        came.sort();
        let mut expected = emails.clone();
        expected.sort();
        assert_eq!(came, expected, "{url}");
        assert!(sink.is_silent(), "{url}: a mail came twice");
    });
}

#[test]
fn a_stop_leaves_in_the_table_what_was_not_handed_in() {
    let Some(sink) = MailSink::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = mailing(cheap(), closed.port()).folder(folder.path());
    run(
        &config,
        folder.path(),
        &["user", "create", "ann@example.com"],
        Some("correct horse\n"),
    );
    let server = Server::start(&config);
    forgot(&server, "ann@example.com");
    thread::sleep(Duration::from_millis(300));
    let started = std::time::Instant::now();
    let kill = std::process::Command::new("kill")
        .arg(server.pid().to_string())
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(server.wait(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    forward(TcpListener::bind(closed).unwrap(), sink.port);
    let _server = Server::start(&config);
    assert_eq!(sink.next().to, ["ann@example.com"]);
}
