//! Who answers each route: a file, and what is told of both sides.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::peer::{Peer, SECRET_KEY, with_each_peer, with_peer};
use crate::{
    api::{call, cheap, refused, run, serve},
    support::{
        http::Response,
        server::{Server, ServerConfig},
    },
};

pub const ROLES: &str = "/api/v1/roles.json";
pub const GET_ROLES: &str = "GET /api/v1/roles.json";

/// A server before the old app, its settings and its administrator's token.
pub struct Pair {
    config: ServerConfig,
    pub server: Server,
    token: String,
}

impl Pair {
    pub fn start(peer: &Peer) -> Self {
        Self::of(cheap().env("UPSTREAM", &peer.base).env("SECRET_KEY", SECRET_KEY))
    }

    /// As [`Pair::start`], and the old app's answers are recorded.
    pub fn recording(peer: &Peer) -> Self {
        let config = cheap().env("UPSTREAM", &peer.base).env("SECRET_KEY", SECRET_KEY);
        Self::of(config.env("RECORDING", "old.jsonl"))
    }

    fn of(config: ServerConfig) -> Self {
        let (server, token) = serve(&config);
        Self { config, server, token }
    }

    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path)
    }

    pub fn set(&self, route: &str, mode: &str) -> String {
        run(&self.config, self.server.dir(), &["routes", "set", route, mode], None)
    }

    /// As the administrator, without a body.
    pub fn send(&self, method: &str, path: &str) -> Response {
        call(&self.server, method, path, Some(&self.token), None)
    }

    /// Waits until the route is answered by the old app, or is not, and gives how long that took.
    pub fn wait_for(&self, path: &str, is_old: bool) -> Duration {
        let started = Instant::now();
        while self.get(path).header("Via").is_some() != is_old {
            assert!(started.elapsed() < Duration::from_secs(1), "{path} did not change");
            thread::sleep(Duration::from_millis(20));
        }
        started.elapsed()
    }

    /// What `routes --json` says of a route, once it counts so many comparisons.
    pub fn figures(&self, route: &str, compared: u64) -> Value {
        let started = Instant::now();
        loop {
            let printed = run(&self.config, self.server.dir(), &["routes", "--json"], None);
            let all: Value = serde_json::from_str(&printed).unwrap();
            let row = all["routes"]
                .as_array()
                .unwrap()
                .iter()
                .find(|row| row["route"] == route);
            let row = row.cloned().unwrap_or_default();
            if row["compared"].as_u64().unwrap_or_default() >= compared {
                return row;
            }
            assert!(started.elapsed() < Duration::from_secs(10), "{all:#}");
            thread::sleep(Duration::from_millis(200));
        }
    }
}

#[test]
fn a_change_is_effective_within_a_second_and_going_back_too() {
    with_each_peer(|peer| {
        let pair = Pair::start(peer);
        assert_eq!(pair.get(ROLES).header("Via"), None);
        for mode in ["old", "compare"] {
            assert_eq!(pair.set(GET_ROLES, mode), format!("{GET_ROLES}: {mode}\n"));
            pair.wait_for(ROLES, true);
            // Other routes of the resource are as they were.
            assert_eq!(pair.get("/api/v1/roles/1.json").header("Via"), None);
            let created = json!({"data": {"type": "roles", "attributes": {"name": mode}}});
            let created = call(&pair.server, "POST", ROLES, Some(&pair.token), Some(&created));
            assert_eq!((created.status, created.header("Via")), (201, None));
            pair.set(GET_ROLES, "new");
            pair.wait_for(ROLES, false);
        }
        let said = pair.set("* *", "old");
        assert!(
            said.contains("GET /docs: old\n") && said.contains("DELETE /api/v1/roles/{id}.json: old\n"),
            "{said}"
        );
        // The entry of its own says more.
        assert!(said.contains(&format!("{GET_ROLES}: new\n")), "{said}");
        pair.wait_for("/docs", true);
        fs::remove_file(pair.server.dir().join("routes.toml")).unwrap();
        pair.wait_for("/docs", false);
    });
}

#[test]
fn both_answers_are_compared_and_the_old_one_wins() {
    with_each_peer(|peer| {
        let pair = Pair::start(peer);
        pair.set(GET_ROLES, "compare");
        pair.wait_for(ROLES, true);
        let before = pair.figures(GET_ROLES, 0)["compared"].as_u64().unwrap();
        for query in [
            "",
            "",
            "",
            "?name=boss",
            "?name=boss",
            "?rows=2&access_token=hunter2",
            "?status=203",
        ] {
            let answer = pair.get(&format!("{ROLES}{query}"));
            let name = if query.contains("boss") { "boss" } else { "admin" };
            assert_eq!(answer.json().unwrap()["data"][0]["attributes"]["name"], name);
        }
        assert_eq!(call(&pair.server, "HEAD", ROLES, Some(&pair.token), None).status, 200);
        // The old app crashes, and we refuse.
        let crash = call(&pair.server, "GET", &format!("{ROLES}?status=500"), None, None);
        assert_eq!(crash.status, 500);
        let row = pair.figures(GET_ROLES, before + 9);
        assert_eq!(row["mode"], "compare");
        assert_eq!((&row["different"], &row["refused"]), (&json!(4), &json!(1)), "{row:#}");
        assert!(
            row.to_string().contains("$SECRET") && !row.to_string().contains("hunter2"),
            "{row:#}"
        );
        let kinds: Vec<(&str, u64, &str, &str)> = row["differences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|kind| {
                let [old, new] = [0, 1].map(|side| kind["values"][side].as_str().unwrap());
                (
                    kind["what"].as_str().unwrap(),
                    kind["count"].as_u64().unwrap(),
                    old,
                    new,
                )
            })
            .collect();
        assert_eq!(
            kinds[0],
            ("value $.data[*].attributes.name", 2, "\"boss\"", "\"admin\""),
            "{row:#}"
        );
        let shown = ["value $.data", "status 203 became 200"];
        assert!(kinds[1..].iter().all(|kind| shown.contains(&kind.0)), "{row:#}");
        assert!(kinds.contains(&("value $.data", 1, "2 items", "1 item")), "{row:#}");
        assert!(row["old"]["p50"].as_f64().unwrap() > 0.0 && row["new"]["p95"].as_f64().unwrap() > 0.0);
        let table = run(&pair.config, pair.server.dir(), &["routes"], None);
        assert!(
            table.contains("value $.data[*].attributes.name ×2: \"boss\" became \"admin\", first in GET"),
            "{table}"
        );
        assert!(
            table.contains("refused ×1: the old app failed, and this server says"),
            "{table}"
        );
    });
}

#[test]
fn what_is_counted_outlives_the_server() {
    with_peer(|peer| {
        let Pair { config, server, .. } = Pair::start(peer);
        let folder = tempfile::tempdir().unwrap();
        drop(server);
        for calls in [3, 6] {
            let server = Server::start(&config.clone().folder(folder.path()));
            for _ in 0..3 {
                assert_eq!(call(&server, "GET", "/cookies", None, None).status, 200);
            }
            std::process::Command::new("kill")
                .args(["-INT", &server.pid().to_string()])
                .status()
                .unwrap();
            assert_eq!(server.wait(), Some(0));
            let printed = run(&config, folder.path(), &["routes", "--json"], None);
            let all: Value = serde_json::from_str(&printed).unwrap();
            let row = all["routes"].as_array().unwrap().last().unwrap();
            assert_eq!(
                (&row["route"], &row["mode"]),
                (&json!("GET /cookies"), &json!("only old"))
            );
            assert_eq!(row["old"]["calls"], calls);
        }
    });
}

#[test]
fn a_wrong_file_is_refused_at_the_start_and_ignored_later() {
    with_peer(|peer| {
        let pair = Pair::start(peer);
        let file = pair.server.dir().join("routes.toml");
        pair.set(GET_ROLES, "old");
        pair.wait_for(ROLES, true);
        fs::write(&file, "\"GET /api/v1/roles.json\" = \"odl\"\n").unwrap();
        thread::sleep(Duration::from_millis(900));
        assert!(pair.get(ROLES).header("Via").is_some());
        let problem = "routes.toml: line 1: `GET /api/v1/roles.json` must be \"old\", \"new\" or \"compare\"";
        assert!(
            pair.server
                .output()
                .contains(&format!("{problem}; the routes stay as they were"))
        );
        for args in [&["serve"][..], &["routes"], &["routes", "set", "GET /docs", "old"]] {
            let text = refused(&pair.config, pair.server.dir(), args, None, 2);
            assert!(text.contains(problem), "{text}");
        }
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            "\"GET /api/v1/roles.json\" = \"odl\"\n"
        );
        fs::remove_file(&file).unwrap();
        for (args, problem) in [
            (
                ["GET /docs", "odl"],
                "`odl` is not a mode: expected old, new or compare",
            ),
            (
                ["GET /doc", "old"],
                "this server has no route `GET /doc`; did you mean `GET /docs`?",
            ),
            (
                ["POST /api/v1/roles.json", "compare"],
                "changes rows, and only GET can be compared",
            ),
        ] {
            let args = ["routes", "set", args[0], args[1]];
            let text = refused(&pair.config, pair.server.dir(), &args, None, 2);
            assert!(text.contains(problem), "{text}");
        }
        assert!(!file.exists());
    });
}

#[test]
fn no_request_fails_while_a_route_goes_to_and_fro() {
    with_peer(|peer| {
        let pair = Pair::start(peer);
        let (is_over, sent, by_old) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        let answer = pair.get(ROLES);
                        assert_eq!(answer.status, 200, "{answer:?}");
                        sent.fetch_add(1, Ordering::Relaxed);
                        by_old.fetch_add(usize::from(answer.header("Via").is_some()), Ordering::Relaxed);
                    }
                });
            }
            for mode in ["old", "compare", "new", "old", "new"] {
                pair.set(GET_ROLES, mode);
                println!("{mode} after {:?}", pair.wait_for(ROLES, mode != "new"));
            }
            is_over.store(true, Ordering::Relaxed);
        });
        let (sent, by_old) = (sent.into_inner(), by_old.into_inner());
        println!("{sent} answers, {by_old} of the old app");
        assert!(by_old > 10 && sent - by_old > 10, "{by_old} of {sent}");
    });
}
