//! What lists cost of a release build, on each engine; run by `benches/lists.sh`.

use std::{
    io::Read,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{USERS, ask, configured, cpu_seconds, insert, log_in, refused_within, resident_megabytes};
use crate::{
    api::{call, on_each_engine, run},
    support::{
        server::{Server, ServerConfig},
        sql::{Engine, run_sql},
    },
};

/// Megabytes above idle while a hundred clients read.
const MOST_MEGABYTES: usize = 40;
/// The 99th percentile of an unrelated refusal meanwhile.
const SLOWEST_REFUSAL: Duration = Duration::from_millis(250);
/// The first byte of a million rows.
const FIRST_BYTE: Duration = Duration::from_millis(100);

#[test]
#[ignore = "needs a release build and minutes: benches/lists.sh"]
fn long_lists_cost_little() {
    let builds = [
        ("before", std::env::var_os("BEFORE").map(PathBuf::from)),
        ("after", Some(release_build())),
    ];
    let builds: Vec<(&str, PathBuf)> = builds
        .into_iter()
        .filter_map(|(name, path)| path.map(|path| (name, path)))
        .collect();
    on_each_engine(|config, dir, url| {
        let engine = Engine::of(url);
        let config = configured(&config);
        let create = ["user", "create", "root@example.com", "--admin"];
        run(&config, dir, &create, Some("correct horse\n"));
        let mut rows = 0;
        for (until, times) in [(1000, 300), (100_000, 4)] {
            run_sql(url, &insert(url, rows..until));
            rows = until;
            for (name, path) in &builds {
                let milliseconds = cpu_per_list(&config, path, times);
                println!("{engine:?}, {until} rows, {name}: {milliseconds:.2} ms of CPU a list");
            }
        }
        check_many_at_once(&config, dir, engine);
        for copy in 1..10 {
            let mode = if engine == Engine::MySql {
                "set sql_mode = 'PIPES_AS_CONCAT';"
            } else {
                ""
            };
            let copied = format!(
                "{mode} insert into users (id, email, password, name, active, creation_time)
                 select id + 300000 * {copy}, {copy} || email, password, name, active, creation_time
                 from users where id < 299900"
            );
            run_sql(url, &copied);
        }
        let (server, token) = serve(&config, &release_build());
        let first_bytes: Vec<Duration> = (0..5)
            .map(|_| {
                let started = Instant::now();
                ask(&server, USERS, &token, "1.1").read_exact(&mut [0]).unwrap();
                started.elapsed()
            })
            .collect();
        println!("{engine:?}, 1000000 rows: first bytes after {first_bytes:?}");
        let best = first_bytes.iter().min().unwrap();
        assert!(*best < FIRST_BYTE, "{best:?}");
    });
}

fn release_build() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/release/poem-scaffold")
}

fn serve(config: &ServerConfig, build: &Path) -> (Server, String) {
    let server = Server::start(&config.clone().binary(build));
    let token = log_in(&server);
    (server, token)
}

fn cpu_per_list(config: &ServerConfig, build: &Path, times: u32) -> f64 {
    let (server, token) = serve(config, build);
    assert_eq!(call(&server, "GET", USERS, Some(&token), None).status, 200);
    let before = cpu_seconds(&server);
    for _ in 0..times {
        call(&server, "GET", USERS, Some(&token), None);
    }
    (cpu_seconds(&server) - before) * 1000.0 / f64::from(times)
}

fn check_many_at_once(config: &ServerConfig, _dir: &Path, engine: Engine) {
    let (server, token) = serve(config, &release_build());
    call(&server, "GET", "/api/v1/roles.json", Some(&token), None);
    let idle = resident_megabytes(&server);
    let (mut most, mut refusals) = (idle, Vec::new());
    let started = Instant::now();
    thread::scope(|scope| {
        let reader = || {
            let mut list = ask(&server, USERS, &token, "1.1");
            let mut buffer = vec![0; 64 * 1024];
            let mut end = Vec::new();
            loop {
                let count = list.read(&mut buffer).unwrap();
                if count == 0 {
                    break;
                }
                end.extend_from_slice(&buffer[..count]);
                end.drain(..end.len().saturating_sub(40));
            }
            assert!(
                end.ends_with(b"\"/users/\"}}\r\n0\r\n\r\n"),
                "{}",
                String::from_utf8_lossy(&end)
            );
        };
        let readers: Vec<_> = (0..100).map(|_| scope.spawn(reader)).collect();
        while !readers.iter().all(thread::ScopedJoinHandle::is_finished) {
            most = most.max(resident_megabytes(&server));
            refusals.push(refused_within(&server));
            thread::sleep(Duration::from_millis(20));
        }
    });
    refusals.sort();
    let p99 = refusals[refusals.len() * 99 / 100];
    println!(
        "{engine:?}, 100 clients, 100000 rows each: {idle} MB idle, {most} MB at most; p99 of {} refusals {p99:?}; all in {:?}",
        refusals.len(),
        started.elapsed()
    );
    assert!(most <= idle + MOST_MEGABYTES);
    assert!(p99 <= SLOWEST_REFUSAL);
}
