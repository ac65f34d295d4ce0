//! What came of comparing two servers, route by route.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    answer::Answer,
    comparison::Difference,
    curl,
    entry::{Case, entry},
    judge::Verdict,
    normal::{NewIds, normalised},
    recording::masked,
    request::Request,
};
use crate::config::TokenCarrier;

/// A whole comparison.
#[derive(Default)]
pub struct Report {
    /// The old app's address, or the recording of it.
    pub old: String,
    /// The new server's address.
    pub new: String,
    /// How requests carry tokens.
    pub carrier: TokenCarrier,
    /// By method and template of the path.
    pub routes: BTreeMap<String, Route>,
    /// Entries of the deviations file that are not needed, each with its request.
    pub unneeded: Vec<String>,
    /// What was not asked and why, for people.
    pub notes: Vec<String>,
}

/// What came of the requests to one route.
#[derive(Default)]
pub struct Route {
    /// How many there were.
    pub counts: Counts,
    /// How long the old app took.
    pub old: Vec<Duration>,
    /// How long the new server took.
    pub new: Vec<Duration>,
    /// The differences, by what differs.
    pub kinds: BTreeMap<String, Kind>,
}

/// Requests by what came of them.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    /// All.
    pub calls: usize,
    /// Answered the same.
    pub equal: usize,
    /// Answered as an entry of the deviations file says.
    pub named: usize,
    /// The old app failed, and the new server says why not.
    pub refused: usize,
    /// The old app's own answers differ in their status.
    pub unstable: usize,
    /// Answered otherwise.
    pub different: usize,
}

/// Answers that differ in the same way.
pub struct Kind {
    /// How many.
    pub calls: usize,
    /// The smallest request that shows it.
    pub request: Request,
    /// What the old app has there.
    pub old: String,
    /// What the new server has there.
    pub new: String,
    /// What an entry would name; empty where another kind's entry names the same answers.
    pub cases: Vec<Case>,
}

/// How long the answers of a route took.
#[derive(Clone, Copy)]
pub struct Latency {
    /// Half of them took at most so many milliseconds.
    pub median: f64,
    /// Of a hundred, 95 took at most so many milliseconds.
    pub p95: f64,
}

impl Latency {
    /// Of these durations; `None` if there is none.
    pub fn of(durations: &[Duration]) -> Option<Self> {
        let mut sorted = durations.to_vec();
        sorted.sort();
        let rank = |percent: usize| {
            let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
            sorted.get(index).map(|duration| duration.as_secs_f64() * 1000.0)
        };
        Some(Self {
            median: rank(50)?,
            p95: rank(95)?,
        })
    }

    fn to_json(self) -> Value {
        let rounded = |milliseconds: f64| (milliseconds * 1000.0).round() / 1000.0;
        json!({"median": rounded(self.median), "p95": rounded(self.p95)})
    }
}

/// One request, its answer by the new server, and what is thought of it.
pub struct Call<'a> {
    /// What was asked.
    pub request: &'a Request,
    /// How long the old app took.
    pub old: Duration,
    /// How long the new server took.
    pub new: Duration,
    /// What the new server answered.
    pub answer: &'a Answer,
    /// What is thought of it.
    pub verdict: Verdict,
}

impl Report {
    /// Adds a request to a route.
    pub fn add(&mut self, template: &str, call: Call) {
        let route = self
            .routes
            .entry(format!("{} {template}", call.request.method))
            .or_default();
        route.old.push(call.old);
        route.new.push(call.new);
        let counts = &mut route.counts;
        counts.calls += 1;
        match call.verdict {
            Verdict::Equal => counts.equal += 1,
            Verdict::Named(_) => counts.named += 1,
            Verdict::Refused => counts.refused += 1,
            Verdict::Unstable => counts.unstable += 1,
            Verdict::Different(ref found) => {
                counts.different += 1;
                let mut seen = BTreeSet::new();
                // Many rows of a list may differ in the same way.
                for difference in found.iter().filter(|difference| seen.insert(&difference.what)) {
                    route.add_difference(&call, difference);
                }
                // An entry is about a whole answer: the one of the first difference names it.
                let first = found.first().and_then(|first| route.kinds.get_mut(&first.what));
                if let Some(kind) = first {
                    kind.cases.push(case(call.request, call.answer));
                }
            }
        }
    }

    /// All routes together.
    pub fn counts(&self) -> Counts {
        self.routes
            .values()
            .fold(Counts::default(), |sum, Route { counts, .. }| Counts {
                calls: sum.calls + counts.calls,
                equal: sum.equal + counts.equal,
                named: sum.named + counts.named,
                refused: sum.refused + counts.refused,
                unstable: sum.unstable + counts.unstable,
                different: sum.different + counts.different,
            })
    }

    /// Whether nothing is left to explain.
    pub fn is_equal(&self) -> bool {
        self.counts().different == 0 && self.unneeded.is_empty()
    }

    /// The whole of it, for programs.
    pub fn to_json(&self) -> Value {
        let counts = self.counts();
        let routes: Vec<Value> = self
            .routes
            .iter()
            .map(|(name, route)| route.to_json(name, &self.new, &self.carrier))
            .collect();
        let mut report = json!({"old": self.old, "new": self.new, "is_equal": self.is_equal()});
        add_counts(&mut report, counts);
        report["routes"] = json!(routes);
        report["unneeded_deviations"] = json!(self.unneeded);
        report["notes"] = json!(self.notes);
        report
    }
}

fn add_counts(value: &mut Value, counts: Counts) {
    for (name, count) in [
        ("calls", counts.calls),
        ("equal", counts.equal),
        ("named", counts.named),
        ("refused", counts.refused),
        ("unstable", counts.unstable),
        ("different", counts.different),
    ] {
        value[name] = json!(count);
    }
}

impl Route {
    /// Adds a difference between the answers to a request.
    fn add_difference(&mut self, call: &Call, difference: &Difference) {
        let kind = self.kinds.entry(difference.what.clone()).or_insert_with(|| Kind {
            calls: 0,
            request: call.request.clone(),
            old: difference.old.clone(),
            new: difference.new.clone(),
            cases: Vec::new(),
        });
        kind.calls += 1;
        if call.request.size() < kind.request.size() {
            kind.request = call.request.clone();
            kind.old = difference.old.clone();
            kind.new = difference.new.clone();
        }
    }

    fn to_json(&self, name: &str, server: &str, carrier: &TokenCarrier) -> Value {
        let kinds = self.kinds.iter().map(|(what, kind)| {
            json!({
                "what": what,
                "calls": kind.calls,
                "case": kind.request.name,
                "curl": curl::command(server, &kind.request, carrier),
                "old": kind.old,
                "new": kind.new,
                "deviation": kind.entry(name, what),
            })
        });
        let mut route = json!({"route": name});
        add_counts(&mut route, self.counts);
        route["milliseconds"] = json!({
            "old": Latency::of(&self.old).map(Latency::to_json),
            "new": Latency::of(&self.new).map(Latency::to_json),
        });
        route["differences"] = kinds.collect();
        route
    }
}

impl Kind {
    /// The entry that names its answers; `None` where that of another kind does.
    pub fn entry(&self, route: &str, what: &str) -> Option<String> {
        (!self.cases.is_empty()).then(|| entry(route, what, &self.cases))
    }
}

/// What an entry says of an answer: times and tokens are patterns there.
fn case(request: &Request, answer: &Answer) -> Case {
    let today = chrono::Utc::now().date_naive();
    let json = masked(answer).json();
    Case {
        name: request.name.clone(),
        status: answer.status,
        json: json.map(|json| normalised(&json, today, &NewIds::new()).to_string()),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A report with one route of each sort.
    pub fn example() -> Report {
        let mut report = Report {
            old: "http://127.0.0.1:5001".to_owned(),
            new: "http://127.0.0.1:5000".to_owned(),
            unneeded: vec!["closed: GET /api/tags".to_owned()],
            notes: vec!["2 requests that write were left out".to_owned()],
            ..Report::default()
        };
        let mut add = |target: &str, template: &str, status: u16, verdict: Verdict| {
            let request = Request {
                name: format!("GET {target}"),
                uses_token: true,
                ..Request::get(target)
            };
            let answer = Answer {
                status,
                headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
                body: br#"{"error": "<no>", "token": "abcdef"}"#.to_vec(),
            };
            report.add(
                template,
                Call {
                    request: &request,
                    old: Duration::from_micros(2500),
                    new: Duration::from_micros(250),
                    answer: &answer,
                    verdict,
                },
            );
        };
        let different = |what: &str, old: &str, new: &str| Difference {
            what: what.to_owned(),
            old: old.to_owned(),
            new: new.to_owned(),
        };
        add("/api/posts", "/api/posts", 200, Verdict::Equal);
        add(
            "/api/posts?page=2",
            "/api/posts",
            200,
            Verdict::Named("pages".to_owned()),
        );
        add("/api/posts?page=x", "/api/posts", 400, Verdict::Refused);
        let lost = || {
            vec![different(
                "status 200 became 404",
                "200 {\"id\": 7}",
                "404 {\"error\": \"<no>\"}",
            )]
        };
        add("/api/posts/17", "/api/posts/{id}", 404, Verdict::Different(lost()));
        add("/api/posts/7", "/api/posts/{id}", 404, Verdict::Different(lost()));
        let three = vec![
            different("header Content-Type", "application/json", "none"),
            different("value $.rows[*].name", "\"Ann\"", "none"),
            different("value $.rows[*].name", "\"Bob\"", "none"),
        ];
        add("/api/posts/8", "/api/posts/{id}", 200, Verdict::Different(three));
        add("/api/dice", "/api/dice", 200, Verdict::Unstable);
        report
    }

    #[test]
    fn the_smallest_request_shows_a_difference_and_no_answer_is_named_twice() {
        let report = example();
        let kinds = &report.routes["GET /api/posts/{id}"].kinds;
        let kind = &kinds["status 200 became 404"];
        assert_eq!(
            (kind.request.target.as_str(), kind.calls, kind.cases.len()),
            ("/api/posts/7", 2, 2)
        );
        assert_eq!(kinds["header Content-Type"].cases.len(), 1);
        let of_rows = &kinds["value $.rows[*].name"];
        assert_eq!((of_rows.entry("x", "y"), of_rows.calls), (None, 1));
        let counts = report.counts();
        assert_eq!((counts.calls, counts.different, counts.named), (7, 3, 1));
        assert!(!report.is_equal());
    }

    #[test]
    fn a_report_for_programs_is_as_it_was() {
        let text = serde_json::to_string_pretty(&example().to_json()).unwrap() + "\n";
        crate::parity::terminal::tests::assert_golden("report.json", &text);
    }

    #[test]
    fn latencies_are_the_median_and_the_95th_percentile() {
        let durations: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        let latency = Latency::of(&durations).unwrap();
        assert!((latency.median - 50.0).abs() < 1e-9 && (latency.p95 - 95.0).abs() < 1e-9);
        assert!(Latency::of(&[]).is_none());
        assert!((Latency::of(&durations[..1]).unwrap().p95 - 100.0).abs() < 1e-9);
    }
}
