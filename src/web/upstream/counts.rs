//! What was asked of each route, who answered and how fast, and what differed: kept in memory, and in a file across restarts.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::modes;
use crate::{parity::secrets::mask_text, web::server::stop_signal};

/// Permissions of the file: a difference has values of rows.
const FOR_OWNER: u32 = 0o600;
/// How often what was counted is written to the file.
const WRITE_EVERY: Duration = Duration::from_secs(2);
/// The same while requests are finished.
const WHILE_STOPPING: Duration = Duration::from_millis(50);
/// Kinds of differences that are kept of a route, each with its first request.
const MAX_DIFFERENCES: usize = 10;
/// Routes of the old app that are told apart; the others are counted together.
const MAX_OTHERS: usize = 500;
/// The name under which they are.
const REST: &str = "* (all others)";
/// Buckets of latencies in each power of two.
const STEPS: u32 = 4;

/// Latencies by their size, a quarter of a power of two each, of microseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latencies(BTreeMap<u32, u64>);

impl Latencies {
    /// Adds one.
    pub fn add(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1);
        let bucket = (micros as f64).log2() * f64::from(STEPS);
        *self.0.entry(bucket as u32).or_default() += 1;
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The latency that this share of them does not exceed, in milliseconds, to a fifth exactly.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let rank = (self.count() as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        let bucket = self.0.iter().find_map(|(bucket, count)| {
            seen += count;
            (seen >= rank).then_some(*bucket)
        })?;
        Some(2_f64.powf((f64::from(bucket) + 0.5) / f64::from(STEPS)) / 1000.0)
    }
}

/// A kind of difference between the answers of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// What differs, without values: `status 404 became 200`, `value $.data[*].attributes.title`.
    pub what: String,
    /// The old app's and ours, shortened.
    pub values: [String; 2],
    /// The first request that showed it.
    pub request: String,
    /// How many did.
    pub count: u64,
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// No client can tell the answers apart.
    Equal,
    /// The old app failed, and this server says what is wrong with the request.
    Refused,
    /// What differs first.
    Different(Difference),
}

/// What was counted of a route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Count {
    /// How long this server took, for each answer that a client got from it, or that was compared.
    pub new: Latencies,
    /// How long the old app took.
    pub old: Latencies,
    /// Answers that were compared.
    pub compared: u64,
    /// Those of them that differed.
    pub different: u64,
    /// Those of them in which the old app failed, and this server refused the request.
    pub refused: u64,
    /// Answers that were too large, or too many at a time, to be compared.
    pub skipped: u64,
    /// The kinds of differences.
    pub differences: Vec<Difference>,
}

impl Count {
    fn note(&mut self, difference: Difference) {
        self.different += 1;
        let known = self.differences.iter().position(|known| known.what == difference.what);
        match known {
            Some(place) => self.differences[place].count += 1,
            None if self.differences.len() < MAX_DIFFERENCES => self.differences.push(difference),
            None => {}
        }
    }
}

/// All routes by their names.
#[derive(Debug, Default)]
pub struct Counts {
    all: Mutex<All>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct All {
    routes: BTreeMap<String, Count>,
    #[serde(skip)]
    is_changed: bool,
}

impl Counts {
    /// What a file has; nothing where there is none yet.
    ///
    /// # Errors
    /// Why it cannot be read, with its name.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            text => text.map_err(|error| error.to_string()),
        };
        let all = text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
        match all {
            Ok(all) => Ok(Self { all: Mutex::new(all) }),
            Err(problem) => Err(format!("{}: {problem}", file.display())),
        }
    }

    /// What is counted by now.
    pub fn all(&self) -> BTreeMap<String, Count> {
        self.locked().routes.clone()
    }

    /// Counts an answer of this server.
    pub fn answered_here(&self, route: &str, latency: Duration) {
        self.change(route, |count| count.new.add(latency));
    }

    /// Counts an answer of the old app.
    pub fn answered_there(&self, route: &str, latency: Duration) {
        self.change(route, |count| count.old.add(latency));
    }

    /// Counts an answer of the old app on a route that this server does not have.
    pub fn answered_elsewhere(&self, method: &str, path: &str, latency: Duration) {
        let name = format!("{method} {}", generalized(&mask_text(path)));
        let name = {
            let all = self.locked();
            let is_kept = all.routes.contains_key(&name) || all.routes.len() < MAX_OTHERS;
            if is_kept { name } else { REST.to_owned() }
        };
        self.answered_there(&name, latency);
    }

    /// Counts a comparison.
    pub fn compared(&self, route: &str, comparison: Comparison) {
        self.change(route, |count| {
            count.compared += 1;
            match comparison {
                Comparison::Equal => {}
                Comparison::Refused => count.refused += 1,
                Comparison::Different(difference) => count.note(difference),
            }
        });
    }

    /// Counts an answer that was not compared.
    pub fn skipped(&self, route: &str) {
        self.change(route, |count| count.skipped += 1);
    }

    fn change(&self, route: &str, change: impl FnOnce(&mut Count)) {
        let mut all = self.locked();
        all.is_changed = true;
        match all.routes.get_mut(route) {
            Some(count) => change(count),
            None => change(all.routes.entry(route.to_owned()).or_default()),
        }
    }

    fn locked(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what was counted to the file, where there is something new.
    pub fn save(&self, file: &Path) {
        let all = {
            let mut all = self.locked();
            if !std::mem::take(&mut all.is_changed) {
                return;
            }
            all.clone()
        };
        let written = serde_json::to_string(&all)
            .map_err(|error| error.to_string())
            .and_then(|text| modes::write(file, &text, FOR_OWNER).map_err(|error| error.with_causes()));
        if let Err(problem) = written {
            tracing::warn!("what is counted of the routes is not saved: {problem}");
        }
    }

    /// Saves every few seconds, and while the server stops every moment.
    pub async fn keep(self: Arc<Self>, file: PathBuf) {
        let mut pause = WRITE_EVERY;
        let mut stopping = pin!(stop_signal());
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = &mut stopping, if pause == WRITE_EVERY => pause = WHILE_STOPPING,
            }
            let (counts, file) = (self.clone(), file.clone());
            // A panic there would be one of the system's.
            let _ = tokio::task::spawn_blocking(move || counts.save(&file)).await;
        }
    }
}

/// A path with `{id}` for what looks like the id of a row.
fn generalized(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let (name, ending) = segment
            .split_once('.')
            .map_or((segment, None), |(name, ending)| (name, Some(ending)));
        let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        let is_hash = name.len() >= 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        match (is_number || is_hash, ending) {
            (true, Some(ending)) => format!("{{id}}.{ending}"),
            (true, None) => "{id}".to_owned(),
            (false, _) => segment.to_owned(),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_found_again_to_a_fifth() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.quantile(0.5), None);
        for millis in 1..=100 {
            latencies.add(Duration::from_millis(millis));
        }
        for (share, expected) in [(0.0, 1.0), (0.5, 50.0), (0.95, 95.0), (1.0, 100.0)] {
            let found = latencies.quantile(share).unwrap();
            assert!((found / expected - 1.0).abs() < 0.2, "{share}: {found}");
        }
        assert_eq!(latencies.count(), 100);
        latencies.add(Duration::ZERO);
        latencies.add(Duration::MAX);
    }

    #[test]
    fn ids_in_paths_count_as_one_route() {
        for (path, expected) in [
            ("/api/v1/tasks/7", "/api/v1/tasks/{id}"),
            ("/api/v1/tasks/7.json", "/api/v1/tasks/{id}.json"),
            ("/files/67e55044-10b1-426f-9247-bb680e5fe0c8/x", "/files/{id}/x"),
            ("/static/app.js", "/static/app.js"),
            ("/cafe", "/cafe"),
        ] {
            assert_eq!(generalized(path), expected);
        }
    }

    #[test]
    fn kinds_of_differences_are_counted_and_bounded_and_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("counts.json");
        let counts = Counts::read(&file).unwrap();
        for number in 0..100 {
            let difference = Difference {
                what: format!("value $.data{}", number % 20),
                values: ["1".to_owned(), "2".to_owned()],
                request: format!("GET /x?{number}"),
                count: 1,
            };
            counts.compared("GET /x", Comparison::Different(difference));
        }
        counts.compared("GET /x", Comparison::Equal);
        counts.compared("GET /x", Comparison::Refused);
        counts.answered_here("GET /y", Duration::from_millis(3));
        counts.save(&file);
        let all = Counts::read(&file).unwrap().all();
        assert_eq!(all, counts.all());
        let count = &all["GET /x"];
        assert_eq!(
            (count.compared, count.different, count.refused, count.differences.len()),
            (102, 100, 1, 10)
        );
        assert_eq!(
            (count.differences[0].count, count.differences[0].request.as_str()),
            (5, "GET /x?0")
        );
        fs::write(&file, "{").unwrap();
        let problem = Counts::read(&file).unwrap_err();
        assert!(problem.contains("counts.json: EOF while parsing"), "{problem}");
    }

    #[test]
    fn routes_of_the_old_app_are_bounded() {
        let counts = Counts::default();
        for number in 0..1000 {
            counts.answered_elsewhere("GET", &format!("/page-{number}x"), Duration::from_millis(1));
        }
        let all = counts.all();
        assert_eq!(all.len(), MAX_OTHERS + 1);
        assert_eq!(all[REST].old.count(), 500);
    }
}
