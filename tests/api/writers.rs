//! What becomes of a change while others write to the same rows, while connections are few, and when one is lost.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use super::{call, on_each_engine, run};
use crate::support::{
    http::Response,
    server::{Server, ServerConfig},
    sql::{Engine, query, run_sql},
};

const CONFLICT: &str = "Other requests are changing the same rows, try again in a moment.";
const UNCONFIRMED: &str = "The database did not confirm the change. Check whether it was made before you try again.";

/// A server in the dialect of Flask-Scaffold 2.0 with the administrators 1 and 2, and the token of the first.
fn start(config: &ServerConfig, dir: &Path) -> (Server, String) {
    // All come from one address.
    let config = config
        .clone()
        .env("FLASK_PROFILE", "scaffold-2.0")
        .env("LOGIN_THROTTLE", "off");
    for email in ["one@example.com", "two@example.com"] {
        let create = ["user", "create", email, "--admin"];
        run(&config, dir, &create, Some("correct horse\n"));
    }
    let server = Server::start(&config);
    let body =
        json!({"data": {"type": "users", "attributes": {"email": "one@example.com", "password": "correct horse"}}});
    let login = call(&server, "POST", "/api/v1/login.json", None, Some(&body));
    let token = login.json().unwrap()["token"].as_str().unwrap().to_owned();
    (server, token)
}

fn user(attributes: Value) -> Value {
    json!({"data": {"type": "users", "attributes": attributes}})
}

fn sign_up(server: &Server, name: &str) -> Response {
    let email = format!("{name}@example.com");
    let body = user(json!({"email": email, "name": name, "password": "correct horse"}));
    call(server, "POST", "/api/v1/signup.json", None, Some(&body))
}

fn rename(server: &Server, token: &str, id: u32, name: &str) -> Response {
    let path = format!("/api/v1/users/{id}.json");
    call(server, "PATCH", &path, Some(token), Some(&user(json!({"name": name}))))
}

fn assert_unavailable(answer: &Response, text: &str) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("Retry-After").is_some());
    assert_eq!(answer.json().unwrap(), json!({"error": text}));
}

/// Runs the jobs at once and gives their results in order.
fn at_once<T: Send>(jobs: impl IntoIterator<Item = impl FnOnce() -> T + Send>) -> Vec<T> {
    thread::scope(|scope| {
        let threads: Vec<_> = jobs.into_iter().map(|job| scope.spawn(job)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Has every change of users do this first; `then` is a statement of the engine's trigger language.
fn on_each_change(url: &str, then: &str) {
    let events = ["insert", "update"];
    match Engine::of(url) {
        Engine::Sqlite => events.map(|event| {
            run_sql(
                url,
                &format!("create trigger first_{event} before {event} on users begin {then}; end"),
            );
        }),
        Engine::MySql => events.map(|event| {
            run_sql(
                url,
                &format!("create trigger first_{event} before {event} on users for each row begin {then}; end"),
            );
        }),
        Engine::Postgres => events.map(|event| {
            run_sql(
                url,
                &format!(
                    "create function first_{event}() returns trigger language plpgsql as
                     $$ begin {then}; return new; end $$;
                     create trigger first_{event} before {event} on users for each row execute function first_{event}()"
                ),
            );
        }),
    };
}

/// Has the next so many changes of users fail with a conflict, and counts all there are.
fn disturb(url: &str, code: &str, times: u32) {
    let count = counting(url);
    let then = match Engine::of(url) {
        Engine::MySql => format!(
            "if (select n from changes) <= {times} then signal sqlstate 'HY000' set mysql_errno = {code}; end if"
        ),
        _ => format!("if lastval() <= {times} then raise exception 'disturbed' using errcode = '{code}'; end if"),
    };
    on_each_change(url, &format!("{count}; {then}"));
}

/// Makes what [`changes`] reads; gives the statement that counts a change, also one that is undone.
fn counting(url: &str) -> &'static str {
    match Engine::of(url) {
        Engine::MySql => {
            // MyISAM counts on when the transaction is rolled back.
            run_sql(url, "create table changes (n integer) engine=MyISAM");
            run_sql(url, "insert into changes (n) values (0)");
            "update changes set n = n + 1"
        }
        _ => {
            run_sql(url, "create sequence changes");
            "perform nextval('changes')"
        }
    }
}

fn changes(url: &str) -> String {
    match Engine::of(url) {
        Engine::MySql => query(url, "select n from changes"),
        _ => query(url, "select last_value from changes"),
    }
}

fn set_changes(url: &str, count: u32) {
    match Engine::of(url) {
        Engine::MySql => run_sql(url, &format!("update changes set n = {count}")),
        _ => run_sql(url, &format!("select setval('changes', {count})")),
    }
}

#[test]
fn a_change_that_other_writers_were_in_the_way_of_is_made_again() {
    on_each_engine(|config, dir, url| {
        let codes: &[&str] = match Engine::of(url) {
            Engine::Sqlite => return,
            Engine::Postgres => &["40001", "40P01", "55P03"],
            Engine::MySql => &["1213", "1205", "1020", "1047"],
        };
        let (server, token) = start(&config, dir);
        for code in codes {
            disturb(url, code, 1_000);
            set_changes(url, 997);
            assert_eq!(
                sign_up(&server, &format!("new{code}")).status,
                201,
                "{code}: {}",
                server.output()
            );
            set_changes(url, 995);
            let answer = rename(&server, &token, 2, code);
            assert_eq!(answer.status, 200, "{code}: {}", answer.text());
            assert_eq!(query(url, "select name from users where id = 2"), *code);

            // Once, and five times more.
            set_changes(url, 100);
            assert_unavailable(&sign_up(&server, "nobody"), CONFLICT);
            assert_eq!(changes(url), "106", "{code}");
            set_changes(url, 100);
            assert_unavailable(&rename(&server, &token, 2, "other"), CONFLICT);
            assert_eq!(changes(url), "106", "{code}");
            assert_eq!(query(url, "select name from users where id = 2"), *code);
            assert_eq!(query(url, "select count(*) from users where name = 'nobody'"), "0");
            match Engine::of(url) {
                Engine::MySql => run_sql(
                    url,
                    "drop trigger first_insert; drop trigger first_update; drop table changes",
                ),
                _ => run_sql(
                    url,
                    "drop function first_insert cascade; drop function first_update cascade; drop sequence changes",
                ),
            }
        }
    });
}

/// Each change locks its own row of a table first and then the other's, as two batch jobs in opposite order would.
#[test]
fn changes_that_would_wait_for_each_other_are_both_made() {
    on_each_engine(|config, dir, url| {
        let pause = match Engine::of(url) {
            Engine::Sqlite => return,
            Engine::Postgres => {
                let count = counting(url);
                format!("{count}; perform pg_sleep(0.2)")
            }
            // What counts there has one change wait for the end of the other.
            Engine::MySql => "do sleep(0.2)".to_owned(),
        };
        let (server, token) = start(&config, dir);
        run_sql(url, "create table locks (id integer primary key, n integer)");
        run_sql(url, "insert into locks (id, n) values (1, 0), (2, 0)");
        let then = format!(
            "update locks set n = n + 1 where id = new.id; {pause}; update locks set n = n + 1 where id = 3 - new.id"
        );
        on_each_change(url, &then);
        let answers = at_once([1, 2].map(|id| {
            let (server, token) = (&server, &token);
            move || rename(server, token, id, &format!("renamed {id}"))
        }));
        for answer in answers {
            assert_eq!(answer.status, 200, "{}: {}", answer.text(), server.output());
        }
        assert_eq!(query(url, "select n from locks order by id"), "2\n2");
        if Engine::of(url) == Engine::Postgres {
            // One of the two was undone and made again, not both.
            assert_eq!(changes(url), "3");
        }
    });
}

#[test]
fn changes_of_one_row_are_all_made_where_transactions_are_serializable() {
    on_each_engine(|config, dir, url| {
        match Engine::of(url) {
            Engine::Postgres => {
                let name = url.rsplit_once('/').unwrap().1;
                run_sql(
                    url,
                    &format!("alter database {name} set default_transaction_isolation = 'serializable'"),
                );
            }
            _ => return,
        }
        let (server, token) = start(&config, dir);
        let answers = at_once((0..5).map(|number| {
            let (server, token) = (&server, &token);
            move || rename(server, token, 2, &format!("name {number}"))
        }));
        for answer in answers {
            assert_eq!(answer.status, 200, "{}: {}", answer.text(), server.output());
        }
    });
}

#[test]
fn a_sqlite_file_that_another_process_writes_to_for_long_is_told_as_that() {
    on_each_engine(|config, dir, url| {
        if Engine::of(url) != Engine::Sqlite {
            return;
        }
        let (server, token) = start(&config, dir);
        thread::scope(|scope| {
            scope.spawn(|| hold_sqlite_lock(url, Duration::from_secs(7)));
            thread::sleep(Duration::from_millis(500));
            assert_unavailable(&rename(&server, &token, 2, "late"), CONFLICT);
        });
        assert_eq!(rename(&server, &token, 2, "later").status, 200);
    });
}

fn hold_sqlite_lock(url: &str, time: Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::raw_sql("begin immediate").execute(&mut connection).await.unwrap();
        tokio::time::sleep(time).await;
        connection.close().await.unwrap();
    });
}

/// More sign-ups than there are connections, each of which takes its time: many find no connection in time.
///
/// `SIGN_UPS=1000` is the long form.
#[test]
fn a_sign_up_that_is_answered_with_503_has_left_nothing() {
    on_each_engine(|config, dir, url| {
        let (server, _) = start(&config, dir);
        on_each_change(
            url,
            match Engine::of(url) {
                Engine::Sqlite => {
                    "select count(*) from (with recursive c(x) as (select 1 union all select x + 1 from c limit 1000000)
                     select x from c)"
                }
                Engine::Postgres => "perform pg_sleep(0.8)",
                Engine::MySql => "do sleep(0.8)",
            },
        );
        let sign_ups: u32 = std::env::var("SIGN_UPS").map_or(60, |number| number.parse().unwrap());
        let answers = at_once((0..sign_ups).map(|number| {
            let server = &server;
            move || sign_up(server, &format!("new{number}")).status
        }));
        let stored = query(url, "select name from users");
        for (number, status) in answers.iter().enumerate() {
            let is_stored = stored.lines().any(|name| name == format!("new{number}"));
            assert!(matches!(status, 201 | 503), "{status}");
            assert_eq!(
                is_stored,
                *status == 201,
                "{url}: sign-up {number} was answered with {status}"
            );
        }
        assert!(answers.contains(&201) && answers.contains(&503), "{url}: {answers:?}");
        let accepted = answers.iter().filter(|status| **status == 201).count();
        println!("{url}: {accepted} of {sign_ups} sign-ups accepted, the others left nothing");
        let log = server.output();
        assert!(!log.contains("ERROR"), "{log}");
        let times = log.matches("answered 503").count();
        assert!((1..=sign_ups as usize / 60).contains(&times), "{log}");
    });
}

/// Passes everything on between the server and its database, until it is told to lose an answer.
struct Proxy {
    port: u16,
    is_armed: Arc<AtomicBool>,
}

impl Proxy {
    /// A proxy in front of the database; once it is armed, what is sent with `mark` in it arrives and its answer does
    /// not.
    fn start(upstream: String, mark: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_armed = Arc::new(AtomicBool::new(false));
        let armed = is_armed.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&upstream) else {
                    continue;
                };
                let is_cut = Arc::new(AtomicBool::new(false));
                let (to_client, from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (cut, armed) = (is_cut.clone(), armed.clone());
                thread::spawn(move || {
                    pass(&client, &server, |bytes| {
                        let is_marked = bytes.windows(mark.len()).any(|part| part == mark.as_bytes());
                        if is_marked && armed.swap(false, Ordering::SeqCst) {
                            cut.store(true, Ordering::SeqCst);
                        }
                        true
                    });
                });
                thread::spawn(move || pass(&from_server, &to_client, |_| !is_cut.load(Ordering::SeqCst)));
            }
        });
        Self { port, is_armed }
    }
}

/// Copies until an end, or until `may_pass` says no; then both connections are closed.
fn pass(mut from: &TcpStream, mut to: &TcpStream, may_pass: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 65536];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !may_pass(&buffer[..count]) || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Runs `test` on a server whose connections to its database are lost after a COMMIT.
fn with_lost_answers(test: impl Fn(&Server, &str, &Proxy, &str)) {
    on_each_engine(|config, dir, url| {
        if Engine::of(url) == Engine::Sqlite {
            return;
        }
        let parts = url::Url::parse(url).unwrap();
        let upstream = format!("127.0.0.1:{}", parts.port().unwrap());
        let proxy = Proxy::start(upstream, "COMMIT");
        let mut through = parts.clone();
        through.set_port(Some(proxy.port)).unwrap();
        let (server, token) = start(&config.env("DATABASE_URL", through.as_str()), dir);
        test(&server, &token, &proxy, url);
        // The next one has a connection again.
        assert_eq!(sign_up(&server, "next").status, 201, "{}", server.output());
    });
}

#[test]
fn a_row_whose_insertion_was_not_confirmed_is_not_inserted_again() {
    with_lost_answers(|server, _, proxy, url| {
        proxy.is_armed.store(true, Ordering::SeqCst);
        // A second insertion would be refused, because the address is taken.
        assert_unavailable(&sign_up(server, "lost"), UNCONFIRMED);
        assert_eq!(query(url, "select count(*) from users where name = 'lost'"), "1");
    });
}

#[test]
fn a_change_whose_commit_was_not_confirmed_is_not_made_again() {
    with_lost_answers(|server, token, proxy, url| {
        proxy.is_armed.store(true, Ordering::SeqCst);
        assert_unavailable(&rename(server, token, 2, "changed"), UNCONFIRMED);
        assert_eq!(query(url, "select name from users where id = 2"), "changed");
    });
}
