//! How often passwords may be tried, accounts be made and mails be asked for.

use std::{
    collections::VecDeque,
    net::Ipv4Addr,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use poem_scaffold::{
    db::Db,
    error::Error,
    testing::inside::{ClientAddress, DatabaseUrl, Throttle},
};
use serde_json::{Value, json};

use super::{call, cheap, list_status, log_in, on_each_engine, run};
use crate::support::{
    http::{self, Response},
    program,
    server::{Server, ServerConfig},
    services::Postgres,
    sql::query,
};

const ANN: &str = "ann@example.com";
const PASSWORD: &str = "correct horse";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn create(config: &ServerConfig, dir: &Path, email: &str) {
    run(config, dir, &["user", "create", email], Some(&format!("{PASSWORD}\n")));
}

fn send_from(source: [u8; 4], server: &Server, path: &str, body: &Value) -> Response {
    let none: [(&str, &str); 0] = [];
    let body = body.to_string();
    http::send_from(
        Ipv4Addr::from(source),
        &server.base,
        "POST",
        path,
        &none,
        Some(body.as_bytes()),
    )
}

fn log_in_from(source: [u8; 4], server: &Server, email: &str, password: &str) -> Response {
    send_from(
        source,
        server,
        "/api/login",
        &json!({"email": email, "password": password}),
    )
}

/// The seconds that a refusal says to wait, which its text says too.
fn seconds_of(answer: &Response) -> u64 {
    assert_eq!(answer.status, 429, "{}", answer.text());
    let text = answer.json().unwrap()["message"].as_str().unwrap().to_owned();
    assert!(text.starts_with("Too many attempts. Try again in "), "{text}");
    answer.header("retry-after").unwrap().parse().unwrap()
}

#[test]
fn the_sixth_failure_within_five_minutes_is_refused_whoever_is_asked_for_and_after_a_restart_too() {
    on_each_engine(|config, dir, url| {
        create(&config, dir, ANN);
        let server = Server::start(&config);
        let mut refusals = Vec::new();
        for (source, email) in [([127, 1, 1, 1], ANN), ([127, 1, 2, 1], "nobody@example.com")] {
            for n in 0..5 {
                let answer = log_in_from(source, &server, email, &format!("wrong {n}"));
                assert_eq!(answer.status, 401, "{url} {email} {n}: {}", answer.text());
            }
            for password in ["wrong", PASSWORD] {
                let answer = log_in_from(source, &server, email, password);
                assert!((200..=300).contains(&seconds_of(&answer)), "{url} {:?}", answer.headers);
                refusals.push(answer.text().replace(char::is_numeric, ""));
            }
        }
        assert!(refusals.iter().all(|text| *text == refusals[0]), "{url} {refusals:?}");
        // The rest of the network is refused too, other networks and other users are not.
        assert_eq!(
            log_in_from([127, 1, 1, 99], &server, ANN, PASSWORD).status,
            429,
            "{url}"
        );
        assert_eq!(
            log_in_from([127, 1, 1, 1], &server, "other@example.com", "x").status,
            401,
            "{url}"
        );
        assert_eq!(log_in_from([127, 1, 3, 1], &server, ANN, PASSWORD).status, 200, "{url}");
        drop(server);
        let server = Server::start(&config);
        assert_eq!(log_in_from([127, 1, 1, 1], &server, ANN, PASSWORD).status, 429, "{url}");
        let rows = query(url, "select count(*) from poem_scaffold_attempts");
        assert_eq!(
            rows, "11",
            "{url}: refused attempts and right passwords are not written"
        );
        drop(server);

        let server = Server::start(&config.env("LOGIN_THROTTLE", "off"));
        assert_eq!(log_in_from([127, 1, 1, 1], &server, ANN, PASSWORD).status, 200, "{url}");
        for n in 0..12 {
            assert_eq!(
                log_in_from([127, 1, 1, 1], &server, ANN, "wrong").status,
                401,
                "{url} {n}"
            );
        }
    });
}

#[test]
fn an_address_has_ten_failures_a_minute_but_right_passwords_as_many_as_it_likes() {
    on_each_engine(|config, dir, url| {
        create(&config, dir, ANN);
        let server = Server::start(&config);
        let source = [127, 2, 1, 1];
        for n in 0..30 {
            assert_eq!(log_in_from(source, &server, ANN, PASSWORD).status, 200, "{url} {n}");
        }
        let guess = |n: u32| log_in_from(source, &server, &format!("user{n}@example.com"), "wrong");
        for n in 0..10 {
            assert_eq!(guess(n).status, 401, "{url} {n}");
        }
        assert!(seconds_of(&guess(10)) <= 60, "{url}");
        assert_eq!(
            log_in_from(source, &server, ANN, PASSWORD).status,
            200,
            "{url}: ann was here before"
        );
        assert_eq!(
            log_in_from([127, 2, 1, 2], &server, "user1@example.com", "wrong").status,
            401,
            "{url}"
        );
    });
}

/// Three servers on one database; guesses come from many networks at once.
#[test]
fn of_guesses_over_three_processes_at_most_a_hundred_are_checked_and_the_user_logs_in_throughout() {
    let Some(postgres) = Postgres::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = cheap()
        .env("DATABASE_URL", &postgres.create_database())
        .env("SECRET_KEY", "a test key of at least thirty-two bytes!")
        .folder(folder.path());
    create(&config, folder.path(), ANN);
    let servers: Vec<Server> = (0..3).map(|_| Server::start(&config)).collect();
    assert_eq!(log_in(&servers[0], ANN, PASSWORD).status, 200);
    let (checked, refused) = (AtomicU32::new(0), AtomicU32::new(0));
    let is_over = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        let (servers, checked, refused, is_over) = (&servers, &checked, &refused, &is_over);
        let guessers: Vec<_> = (0..6_u8)
            .map(|guesser| {
                scope.spawn(move || {
                    for n in 0..100_u8 {
                        let source = [127, 3 + guesser, n % 25, 1];
                        let answer = log_in_from(source, &servers[usize::from(n) % 3], ANN, &format!("guess {n}"));
                        match answer.status {
                            401 => checked.fetch_add(1, Ordering::Relaxed),
                            429 => refused.fetch_add(1, Ordering::Relaxed),
                            other => panic!("{other} {}", answer.text()),
                        };
                    }
                })
            })
            .collect();
        let user = scope.spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                for server in servers {
                    assert_eq!(log_in(server, ANN, PASSWORD).status, 200);
                }
            }
        });
        for guesser in guessers {
            guesser.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        user.join().unwrap();
    });
    let (checked, refused) = (checked.into_inner(), refused.into_inner());
    assert_eq!(checked + refused, 600);
    assert!((30..=100).contains(&checked), "{checked} guesses were checked");
    // At a network that nobody was seen in, the user waits for a minute at most.
    let wait = seconds_of(&log_in_from([127, 200, 1, 1], &servers[0], ANN, PASSWORD));
    assert!(wait <= 60, "{wait}");
    assert_eq!(log_in(&servers[1], ANN, PASSWORD).status, 200);
}

/// A pool of each process, on a clock of ours.
struct Process(Throttle);

impl Process {
    /// Whether the password would be checked.
    async fn tries(&self, client: &ClientAddress, is_right: bool, now: i64) -> bool {
        let outcome = async {
            let mut attempt = self.0.admit(ANN, client, now).await?;
            self.0.count(&mut attempt, true, now).await?;
            match is_right {
                true => self.0.succeeded(attempt, now).await,
                false => self.0.failed(attempt, now).await,
            }
        };
        match outcome.await {
            Ok(()) => true,
            Err(Error::TooManyAttempts { .. }) => false,
            Err(error) => panic!("{}", error.with_causes()),
        }
    }
}

fn client(ip: [u8; 4]) -> ClientAddress {
    ClientAddress::of_ip(Ipv4Addr::from(ip).into())
}

/// `GUESSES=100000` is the long form.
#[test]
fn in_any_hour_at_most_a_hundred_guesses_are_checked_and_the_user_logs_in_throughout() {
    let guesses: i64 = std::env::var("GUESSES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1500);
    on_each_engine(|config, dir, url| {
        run(&config, dir, &["db", "upgrade"], None);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut processes = Vec::new();
            for _ in 0..3 {
                let db = Db::connect(&DatabaseUrl::parse(url).unwrap()).await.unwrap();
                processes.push(Process(Throttle::new(db, true)));
            }
            let start = 1_800_000_000_000;
            let known = client([192, 0, 2, 1]);
            assert!(processes[0].tries(&known, true, start).await);
            let mut checked = VecDeque::new();
            let (mut total, mut most) = (0, 0);
            // Three at once, from 300 networks, every ten seconds.
            for step in 0..guesses / 3 {
                let now = start + step * 10_000;
                let source = |n: i64| {
                    let network = (step * 3 + n) % 300;
                    client([
                        10,
                        u8::try_from(network / 250).unwrap(),
                        u8::try_from(network % 250).unwrap(),
                        9,
                    ])
                };
                let (a, b, c) = (source(0), source(1), source(2));
                let (a, b, c) = tokio::join!(
                    processes[0].tries(&a, false, now),
                    processes[1].tries(&b, false, now),
                    processes[2].tries(&c, false, now),
                );
                for _ in [a, b, c].into_iter().filter(|is_checked| *is_checked) {
                    checked.push_back(now);
                    total += 1;
                }
                while checked.front().is_some_and(|at| *at <= now - HOUR) {
                    checked.pop_front();
                }
                most = most.max(checked.len());
                assert!(checked.len() <= 100, "{url}: {} in an hour, step {step}", checked.len());
                if step % 30 == 0 {
                    let process = &processes[usize::try_from(step / 30 % 3).unwrap()];
                    assert!(process.tries(&known, true, now).await, "{url}: the user was kept out");
                }
                if step % 3000 == 0 {
                    processes[0].0.sweep(now).await.unwrap();
                }
            }
            println!("{url}: {guesses} guesses, {total} checked, {most} in one hour at most");
            assert!(most >= 40, "{url}: {most}");
        });
    });
}

/// Has a test try with one process on the database of a server.
fn with_one_process(config: &ServerConfig, dir: &Path, url: &str, test: impl AsyncFnOnce(Process)) {
    run(config, dir, &["db", "upgrade"], None);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let db = Db::connect(&DatabaseUrl::parse(url).unwrap()).await.unwrap();
        test(Process(Throttle::new(db, true))).await;
    });
}

#[test]
fn a_user_at_a_new_network_gets_in_within_a_minute_while_others_guess() {
    on_each_engine(|config, dir, url| {
        with_one_process(&config, dir, url, async |process| {
            let start = 1_800_000_000_000;
            for second in 0..1200_i64 {
                let network = u8::try_from(second % 30).unwrap();
                process
                    .tries(&client([10, 0, network, 1]), false, start + second * 1000)
                    .await;
            }
            // They go on, and the user asks once a second.
            let user = client([192, 0, 2, 1]);
            let mut waited = None;
            for second in 1200..1300_i64 {
                let now = start + second * 1000;
                let network = u8::try_from(second % 30).unwrap();
                process.tries(&client([10, 0, network, 1]), false, now).await;
                if process.tries(&user, true, now).await {
                    waited = Some(second - 1200);
                    break;
                }
            }
            assert!(waited.is_some_and(|seconds| seconds <= 61), "{url}: {waited:?}");
            assert!(
                process.tries(&user, true, start + 1300 * 1000).await,
                "{url}: known from now on"
            );
        });
    });
}

#[test]
fn of_an_accounts_networks_a_sweep_keeps_the_hundred_newest() {
    on_each_engine(|config, dir, url| {
        with_one_process(&config, dir, url, async |process| {
            let start = 1_800_000_000_000;
            for network in 0..103_u8 {
                let now = start + i64::from(network) * 1000;
                assert!(process.tries(&client([10, 0, network, 1]), true, now).await, "{url}");
            }
            process.0.sweep(start + 103_000).await.unwrap();
        });
        let networks = |condition: &str| {
            let sql = format!("select count(*) from poem_scaffold_networks where network {condition}");
            query(url, &sql).trim().to_owned()
        };
        assert_eq!(networks("like '10.0.%'"), "100", "{url}");
        let oldest = "in ('10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24')";
        assert_eq!(networks(oldest), "0", "{url}");
    });
}

#[test]
fn sign_ups_and_requests_for_mails_are_limited_by_address() {
    on_each_engine(|config, dir, url| {
        create(&config, dir, ANN);
        let server = Server::start(&config);
        let sign_up = |n: u32| {
            let attributes = json!({"email": format!("new{n}@example.com"), "name": format!("New {n}"),
                                    "password": "eight or more", "active": 1});
            let body = json!({"data": {"type": "users", "attributes": attributes}});
            send_from([127, 4, 1, 1], &server, "/api/v1/signup.json", &body)
        };
        let statuses: Vec<u16> = (0..20).map(|n| sign_up(n).status).collect();
        assert_eq!(statuses, [201; 20], "{url}");
        assert!(seconds_of(&sign_up(20)) <= 60, "{url}");
        // One that is taken counts too: its answer is the same as often as that of a new one.
        let taken = || {
            let attributes = json!({"email": ANN, "name": "New Ann", "password": "eight or more", "active": 1});
            let body = json!({"data": {"type": "users", "attributes": attributes}});
            send_from([127, 4, 3, 1], &server, "/api/v1/signup.json", &body)
        };
        let statuses: Vec<u16> = (0..20).map(|_| taken().status).collect();
        assert_eq!(statuses, [403; 20], "{url}");
        assert!(seconds_of(&taken()) <= 60, "{url}");
        let ask = |source, email: &str| {
            let body = json!({"data": {"type": "users", "attributes": {"email": email}}});
            send_from(source, &server, "/api/v1/forgotpassword", &body)
        };
        // The limit of a user's mails is silent, that of an address is the same for whomever it asks.
        for n in 0..20 {
            let email = if n % 2 == 0 { ANN } else { "nobody@example.com" };
            assert_eq!(ask([127, 4, 1, 1], email).status, 201, "{url} {n}");
        }
        let (known, unknown) = (ask([127, 4, 1, 1], ANN), ask([127, 4, 1, 1], "nobody@example.com"));
        assert!(seconds_of(&known) <= 60 && seconds_of(&unknown) <= 60, "{url}");
        assert_eq!(ask([127, 4, 2, 1], ANN).status, 201, "{url}");
        assert_eq!(
            call(&server, "GET", "/api/v1/users.json", None, None).status,
            401,
            "{url}"
        );
    });
}

#[test]
fn under_flask_sign_ups_are_answered_as_often_as_anybody_likes() {
    let folder = tempfile::tempdir().unwrap();
    let config = cheap().folder(folder.path()).env("FLASK_FIDELITY", "flask");
    let config = config.env("SECRET_KEY", "a test key of at least thirty-two bytes!");
    create(&config, folder.path(), ANN);
    let server = Server::start(&config);
    let attributes = json!({"email": ANN, "name": "New Ann", "password": "eight or more", "active": 1});
    let body = json!({"data": {"type": "users", "attributes": attributes}});
    let sign_up = |_| send_from([127, 4, 1, 1], &server, "/api/v1/signup.json", &body).status;
    assert_eq!((0..25).map(sign_up).collect::<Vec<_>>(), [403; 25]);
}

/// `FLOOD=strict` measures with the hashes of production and asks for 100 ms.
#[test]
fn a_flood_of_logins_leaves_the_rest_of_the_service_quick_and_known_users_logging_in() {
    let is_strict = std::env::var("FLOOD").is_ok_and(|value| value == "strict");
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig::of(program())
        .env("BCRYPT_COST", if is_strict { "12" } else { "10" })
        .folder(folder.path());
    create(&config, folder.path(), ANN);
    let server = Server::start(&config);
    let token = super::token(&server, ANN, PASSWORD);
    for logins in [64_u8, 200] {
        let (mut quick, mut entered) = (Vec::new(), Vec::new());
        thread::scope(|scope| {
            let server = &server;
            let flood: Vec<_> = (0..logins)
                .map(|n| {
                    scope.spawn(move || {
                        let answer = log_in_from(
                            [127, 50 + logins % 7, n, 1],
                            server,
                            &format!("u{n}@example.com"),
                            "wrong",
                        );
                        assert!(
                            [401, 429, 503].contains(&answer.status),
                            "{} {}",
                            answer.status,
                            answer.text()
                        );
                        assert!(answer.status != 503 || answer.header("retry-after").is_some());
                    })
                })
                .collect();
            thread::sleep(Duration::from_millis(100));
            while flood.iter().any(|login| !login.is_finished()) {
                let asked = Instant::now();
                assert_eq!(list_status(server, &token), 200);
                quick.push(asked.elapsed());
                if quick.len() % 20 == 1 {
                    let asked = Instant::now();
                    assert_eq!(log_in(server, ANN, PASSWORD).status, 200);
                    entered.push(asked.elapsed());
                }
                thread::sleep(Duration::from_millis(5));
            }
        });
        quick.sort();
        entered.sort();
        let p99 = quick[(quick.len() - 1) * 99 / 100];
        println!(
            "{logins} logins at once: p99 {p99:?} of {}, known users {entered:?}",
            quick.len()
        );
        let limit = Duration::from_millis(if is_strict { 100 } else { 1000 });
        assert!(p99 < limit, "{logins}: {p99:?}");
        assert!(
            entered.last().is_none_or(|slowest| *slowest < Duration::from_secs(10)),
            "{entered:?}"
        );
    }
    assert!(!server.output().contains("ERROR"), "{}", server.output());
}
