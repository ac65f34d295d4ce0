//! Long lists: the bytes of one document, sent page by page.

mod figures;

use std::{
    io::{Read, Write},
    net::TcpStream,
    ops::Range,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use poem_scaffold::{
    db::Db,
    jsonapi::attribute::{self, Attribute},
    testing::inside::{DatabaseUrl, List, Shape},
};
use serde_json::{Value, json};

use super::{assert_is_logged, call, on_each_engine, run};
use crate::support::{
    http,
    server::{Server, ServerConfig},
    services::fresh_database,
    sql::{Engine, query, run_sql},
};

const USERS: &str = "/api/v1/users.json";

/// The settings of a server on the tables of Flask-Scaffold 1.0.
fn configured(config: &ServerConfig) -> ServerConfig {
    config
        .clone()
        .env("FLASK_PROFILE", "scaffold-1.0")
        .env("SECRET_KEY", "a test key of at least thirty-two bytes!")
}

/// A server with an administrator, who is logged in, and `rows` other users.
fn start(config: &ServerConfig, dir: &Path, url: &str, rows: usize) -> (Server, String) {
    let config = configured(config);
    let create = ["user", "create", "root@example.com", "--admin"];
    run(&config, dir, &create, Some("correct horse\n"));
    run_sql(url, &insert(url, 0..rows));
    let server = Server::start(&config);
    let token = log_in(&server);
    (server, token)
}

fn log_in(server: &Server) -> String {
    super::token(server, "root@example.com", "correct horse")
}

/// Users with gaps between their ids, in SQL that all engines know.
fn insert(url: &str, rows: Range<usize>) -> String {
    let mode = if Engine::of(url) == Engine::MySql {
        "set sql_mode = 'PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES';"
    } else {
        ""
    };
    let digits = "(select 0 as d union all select 1 union all select 2 union all select 3 union all select 4 \
                  union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)";
    let (from, until) = (rows.start, rows.end);
    format!(
        "{mode} insert into users (id, email, password, name, active, creation_time)
         select 3 * n - 99, 'user' || n || '@example.com', 'x', 'Zo\u{eb} \"' || n || '\\ ' || 'long name ', 1,
                '2026-01-02 03:04:05.678901'
         from (select a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d as n
               from {digits} a cross join {digits} b cross join {digits} c cross join {digits} e cross join {digits} f) as numbers
         where n >= {from} and n < {until} and n <> 33 and n <> 34"
    )
}

/// A request that is sent, and an answer that has not been read.
fn ask(server: &Server, path: &str, token: &str, version: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let request =
        format!("GET {path} HTTP/{version}\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn read_some(stream: &mut TcpStream) -> Vec<u8> {
    let mut some = vec![0; 10_000];
    stream.read_exact(&mut some).unwrap();
    some
}

#[test]
fn a_list_of_many_pages_has_the_bytes_of_one_document() {
    on_each_engine(|config, dir, url| {
        let (server, token) = start(&config, dir, url, 2500);
        let get = |path: &str| call(&server, "GET", path, Some(&token), None);
        let answer = get(USERS);
        let document = answer.json().unwrap();
        // Members by name, nothing between them, as ever.
        assert_eq!(answer.text(), document.to_string(), "{url}");
        assert_eq!(answer.header("content-type").unwrap(), "application/json");
        assert_eq!(document["links"], json!({"self": "/users/"}));
        let rows = document["data"].as_array().unwrap();
        let ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
        let in_database = query(url, "select id from users order by id");
        let expected: Vec<i64> = in_database.lines().map(|id| id.parse().unwrap()).collect();
        assert_eq!((ids.len(), &ids), (2499, &expected), "{url}");
        assert_eq!(rows[0]["id"], -99, "{url}");
        for row in rows.iter().skip(200).step_by(499) {
            let one = get(&format!("/api/v1/users/{}.json", row["id"])).json().unwrap();
            assert_eq!(one["data"], *row, "{url}");
        }
        let answer = get("/api/users");
        let users = answer.json().unwrap();
        assert_eq!(answer.text(), users.to_string(), "{url}");
        let shown =
            json!({"email": "user0@example.com", "id": -99, "is_enabled": true, "name": "Zo\u{eb} \"0\\ long name "});
        assert_eq!(
            (&users["users"][0], users["users"].as_array().unwrap().len()),
            (&shown, 2499),
            "{url}"
        );
        // Without chunks the end of the connection is the end.
        let mut whole = String::new();
        ask(&server, USERS, &token, "1.0").read_to_string(&mut whole).unwrap();
        let (head, body) = whole.split_once("\r\n\r\n").unwrap();
        assert!(!head.to_lowercase().contains("transfer-encoding"), "{head}");
        assert_eq!(body, document.to_string(), "{url}");
        let mut head = String::new();
        let request =
            format!("HEAD {USERS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n");
        let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.read_to_string(&mut head).unwrap();
        assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
    });
}

#[test]
fn rows_of_any_size_come_in_pages_that_memory_can_hold() {
    const ATTRIBUTES: &[Attribute] = &[attribute::of::<String>("value")];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    on_each_engine(|_, _, url| {
        let text = if Engine::of(url) == Engine::MySql {
            "longtext"
        } else {
            "text"
        };
        let values = |from: i32| {
            let value = |id: i32| format!("({id}, '{}')", "x".repeat(if id % 7 == 0 { 300_000 } else { 3000 }));
            (from..from + 40).map(value).collect::<Vec<_>>().join(", ")
        };
        run_sql(
            url,
            &format!("create table things (id integer primary key, value {text})"),
        );
        for from in (0..160).step_by(40) {
            run_sql(url, &format!("insert into things values {}", values(from)));
        }
        runtime.block_on(async {
            let db = Db::connect(&DatabaseUrl::parse(url).unwrap()).await.unwrap();
            let pages = || {
                db.pages(
                    "select id, value from things where id >= ? order by id limit ?",
                    Vec::new(),
                )
            };
            let mut counts = Vec::new();
            let mut paged = pages();
            while !paged.is_over() {
                counts.push(paged.rows::<Wide>().await.unwrap().len());
            }
            assert_eq!(counts, [160], "{url}");
            // A page that has enough leaves a query behind that was not read to its end.
            for _ in 0..3 {
                let list = List::new(Shape::Member("things"), "things", ATTRIBUTES, pages());
                let body = list.into_body().await.unwrap().into_string().await.unwrap();
                let listed: Value = serde_json::from_str(&body).unwrap();
                let lengths = listed["things"].as_array().unwrap().iter();
                let total: usize = lengths.map(|row| row["value"].as_str().unwrap().len()).sum();
                assert_eq!(total, 23 * 300_000 + 137 * 3000, "{url}");
            }
            db.close().await;
        });
    });
}

struct Wide;

impl poem_scaffold::db::FromRow for Wide {
    fn from_row(_: &poem_scaffold::db::Row) -> poem_scaffold::error::Result<Self> {
        Ok(Self)
    }
}

#[test]
fn a_list_that_fails_on_its_way_is_cut_off_and_one_that_cannot_begin_is_503() {
    on_each_engine(|config, dir, url| {
        let (server, token) = start(&config, dir, url, 60_000);
        let mut streams = ["1.1", "1.0"].map(|version| ask(&server, USERS, &token, version));
        for stream in &mut streams {
            assert!(read_some(stream).starts_with(b"HTTP/1.1 200") || stream.peer_addr().is_ok());
        }
        run_sql(url, "alter table users rename to users_elsewhere");
        for mut stream in streams {
            let mut rest = Vec::new();
            // A reset is as good as an end.
            let _ = stream.read_to_end(&mut rest);
            let text = String::from_utf8_lossy(&rest);
            assert!(rest.len() > 10_000, "{url}: {}", rest.len());
            let end = &text[text.len() - 20..];
            assert!(
                !end.contains("0\r\n\r\n") && !text.contains("\"links\""),
                "{url}: {end}"
            );
        }
        assert_is_logged(&server, "a list ended before its end");
        assert_eq!(
            call(&server, "GET", "/api/users", Some(&token), None).status,
            503,
            "{url}"
        );
    });
}

#[test]
fn clients_that_do_not_read_hold_no_connection_and_those_that_leave_are_not_read_for() {
    on_each_engine(|config, dir, url| {
        let (server, token) = start(&config, dir, url, 60_000);
        let readers: Vec<TcpStream> = (0..6).map(|_| ask(&server, USERS, &token, "1.1")).collect();
        wait_for_rest(&server, "all that fits on the way is sent");
        let started = Instant::now();
        for path in ["/api/v1/roles.json", "/api/v1/users/1.json"] {
            assert_eq!(call(&server, "GET", path, Some(&token), None).status, 200, "{url}");
        }
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{url}: {:?}",
            started.elapsed()
        );
        for mut reader in readers {
            read_some(&mut reader);
        }
        wait_for_rest(&server, "all have left");
    });
}

#[test]
fn a_stop_waits_for_a_list_that_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh_database(Engine::Sqlite, folder.path()).unwrap();
    let config = super::cheap().env("DATABASE_URL", &url).folder(folder.path());
    let (server, token) = start(&config, folder.path(), &url, 60_000);
    let mut stream = ask(&server, USERS, &token, "1.1");
    let mut text = read_some(&mut stream);
    Command::new("kill")
        .args(["-TERM", &server.pid().to_string()])
        .status()
        .unwrap();
    thread::sleep(Duration::from_millis(500));
    stream.read_to_end(&mut text).unwrap();
    assert!(text.ends_with(b"],\"links\":{\"self\":\"/users/\"}}\r\n0\r\n\r\n"));
    assert_eq!(server.wait(), Some(0));
}

/// The short form of `benches/lists.sh`.
#[test]
fn many_long_lists_at_once_need_little_memory_and_keep_nobody_waiting() {
    on_each_engine(|config, dir, url| {
        let (server, token) = start(&config, dir, url, 10_000);
        call(&server, "GET", "/api/v1/roles.json", Some(&token), None);
        let idle = resident_megabytes(&server);
        let (mut most, mut slowest) = (0, Duration::ZERO);
        thread::scope(|scope| {
            let reader = || {
                let answer = call(&server, "GET", USERS, Some(&token), None);
                assert_eq!(answer.status, 200, "{url}");
                answer.json().unwrap()["data"].as_array().unwrap().len()
            };
            let readers: Vec<_> = (0..20).map(|_| scope.spawn(reader)).collect();
            while !readers.iter().all(thread::ScopedJoinHandle::is_finished) {
                most = most.max(resident_megabytes(&server));
                slowest = slowest.max(refused_within(&server));
                thread::sleep(Duration::from_millis(20));
            }
            for reader in readers {
                assert_eq!(reader.join().unwrap(), 9999, "{url}");
            }
        });
        assert!(most <= idle + 40, "{url}: {idle} MB, then {most} MB");
        assert!(slowest < Duration::from_secs(10), "{url}: {slowest:?}");
    });
}

/// How long it takes until somebody with a wrong token is told so.
fn refused_within(server: &Server) -> Duration {
    let started = Instant::now();
    let refused = http::send(&server.base, "GET", USERS, &[("Authorization", "Bearer x.y.z")], None);
    assert_eq!(refused.status, 401);
    started.elapsed()
}

fn resident_megabytes(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes / 1024
}

/// Waits until the server does nothing any more; there would be minutes of work if it went on.
fn wait_for_rest(server: &Server, why: &str) {
    let started = Instant::now();
    loop {
        let before = cpu_seconds(server);
        thread::sleep(Duration::from_millis(500));
        if cpu_seconds(server) - before < 0.1 {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "{why}");
    }
}

fn cpu_seconds(server: &Server) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.pid())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}
