//! Many requests of all kinds while answers are compared: in flat memory, each difference explained, no row changed.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    peer::with_peer,
    routes::{GET_ROLES, Pair, ROLES},
    streams::{MEBIBYTE, peak},
};
use crate::support::{server::Server, sql::query};

const USERS: &str = "/api/v1/users.json";

/// A request, its status, and what the comparison finds in its answers.
const MIX: [(&str, &str, u16, Option<&str>); 15] = [
    ("GET", "/api/v1/roles.json", 200, None),
    (
        "GET",
        "/api/v1/roles.json?name=boss",
        200,
        Some("value $.data[*].attributes.name"),
    ),
    ("GET", "/api/v1/roles.json", 200, None),
    ("GET", "/api/v1/roles.json?rows=3", 200, Some("value $.data")),
    ("HEAD", "/api/v1/roles.json", 200, None),
    (
        "GET",
        "/api/v1/roles.json?status=203",
        203,
        Some("status 203 became 200"),
    ),
    (
        "GET",
        "/api/v1/roles.json?status=204",
        204,
        Some("status 204 became 200"),
    ),
    ("GET", "/cookies", 200, None),
    ("GET", "/api/v1/users.json", 404, Some("status 404 became 200")),
    ("POST", "/api/v1/uploads", 201, None),
    ("POST", "/api/v1/roles.json", 400, None),
    ("PUT", "/api/v1/roles.json", 405, None),
    ("DELETE", "/api/v1/roles/999999.json", 404, None),
    ("OPTIONS", "/api/v1/roles.json", 200, None),
    ("GET", "/nowhere", 404, None),
];

/// Memory that the process has now, in bytes.
fn memory(server: &Server) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

/// All rows of all tables.
fn rows(server: &Server) -> String {
    let url = format!("sqlite:{}", server.dir().join("poem-scaffold.db").display());
    let tables = query(&url, "select name from sqlite_master where type = 'table' order by 1");
    let rows = |table| {
        // Some columns have bytes, which `quote` writes as text.
        let columns = "select group_concat('quote(\"' || name || '\")') from";
        let columns = query(&url, &format!("{columns} pragma_table_info('{table}')"));
        let rows = query(&url, &format!("select {columns} from \"{table}\" order by 1"));
        format!("{table}:\n{rows}\n")
    };
    tables.lines().map(rows).collect()
}

/// Sends them from four clients; `next` is the number of the first.
fn send(pair: &Pair, next: &AtomicUsize, until: usize) {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= until {
                        return;
                    }
                    let (method, path, status, _) = MIX[number % MIX.len()];
                    let answer = pair.send(method, path);
                    assert_eq!(answer.status, status, "{number}: {method} {path} {answer:?}");
                }
            });
        }
    });
    next.store(until, Ordering::Relaxed);
}

/// What was counted of a route, once all its answers are compared.
fn compared(pair: &Pair, route: &str, all: u64) -> Value {
    let started = Instant::now();
    loop {
        let row = pair.figures(route, 0);
        let done = row["compared"].as_u64().unwrap() + row["skipped"].as_u64().unwrap();
        if done >= all {
            assert_eq!(done, all, "{row:#}");
            return row;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{row:#}");
        thread::sleep(Duration::from_millis(200));
    }
}

/// Each difference of a route is one that its requests ask for, and each of those is found.
fn check_differences(pair: &Pair, path: &str, requests: usize, before: u64) {
    let of_path = |number: &usize| {
        let (method, asked, ..) = MIX[number % MIX.len()];
        matches!(method, "GET" | "HEAD") && asked.split('?').next() == Some(path)
    };
    let sent: Vec<usize> = (0..requests).filter(of_path).collect();
    let row = compared(pair, &format!("GET {path}"), before + sent.len() as u64);
    let skipped = row["skipped"].as_u64().unwrap();
    println!("{path}: {row}");
    assert!(skipped <= sent.len() as u64 / 20, "{row:#}");
    let differences = row["differences"].as_array().unwrap();
    let mut explained = 0;
    for kind in differences {
        let (what, count) = (kind["what"].as_str().unwrap(), kind["count"].as_u64().unwrap());
        let asked = sent
            .iter()
            .filter(|number| MIX[*number % MIX.len()].3 == Some(what))
            .count() as u64;
        assert!(
            count <= asked && asked <= count + skipped,
            "{what}: {asked} expected, {row:#}"
        );
        explained += count;
    }
    assert_eq!(row["different"].as_u64().unwrap(), explained, "{row:#}");
}

/// With `COMPARED=100000` as many requests.
#[test]
fn many_requests_are_compared_in_flat_memory_with_each_difference_explained_and_no_row_changed() {
    let requests: usize = std::env::var("COMPARED").map_or(1_500, |text| text.parse().unwrap());
    with_peer(|peer| {
        let pair = Pair::start(peer);
        pair.set("* *", "compare");
        pair.wait_for(ROLES, true);
        let before = pair.figures(GET_ROLES, 1)["compared"].as_u64().unwrap();
        let (rows_before, started) = (rows(&pair.server), Instant::now());
        let next = AtomicUsize::new(0);
        let memory = [10, 50, 100].map(|percent| {
            send(&pair, &next, requests * percent / 100);
            memory(&pair.server)
        });
        println!(
            "{requests} requests in {} s; MiB after 10 %, 50 % and 100 %: {:?}, at most {}",
            started.elapsed().as_secs(),
            memory.map(|bytes| bytes / MEBIBYTE),
            peak(&pair.server) / MEBIBYTE
        );
        check_differences(&pair, ROLES, requests, before);
        check_differences(&pair, USERS, requests, 0);
        assert!(rows(&pair.server) == rows_before, "rows were changed");
        assert!(memory[2] < memory[0] + 16 * MEBIBYTE, "the memory grew: {memory:?}");
    });
}
