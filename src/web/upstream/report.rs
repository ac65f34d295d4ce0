//! Each route with who answers it, its calls, its differences and how fast both are.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    counts::{Count, Difference, Latencies},
    modes::{Mode, Route},
};

/// A route of this server, or of the old app only.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// `GET /api/v1/posts/{id}.json`.
    pub route: String,
    /// `new`, `old` or `compare`; `only old` where this server does not have it.
    pub mode: &'static str,
    /// Answers of the old app.
    pub old: Figures,
    /// Answers of this server, those beside the old app's included.
    pub new: Figures,
    /// Answers that were compared.
    pub compared: u64,
    /// Those that differed.
    pub different: u64,
    /// Those in which the old app failed, and this server refused the request.
    pub refused: u64,
    /// Those that could not be compared.
    pub skipped: u64,
    /// The kinds of differences.
    pub differences: Vec<Difference>,
}

/// How many answers one side gave, and how fast.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// How many.
    pub calls: u64,
    /// Milliseconds that half of them took at most.
    pub p50: Option<f64>,
    /// Milliseconds that 95 of a hundred took at most.
    pub p95: Option<f64>,
}

impl From<&Latencies> for Figures {
    fn from(latencies: &Latencies) -> Self {
        let rounded = |share| latencies.quantile(share).map(|millis| (millis * 100.0).round() / 100.0);
        Self {
            calls: latencies.count(),
            p50: rounded(0.5),
            p95: rounded(0.95),
        }
    }
}

/// All routes: first ours by their paths, then those that only the old app has, the most used ones first.
pub fn rows(routes: &[(Route, Mode)], mut counts: BTreeMap<String, Count>) -> Vec<Row> {
    let ours = routes.iter().map(|(route, mode)| {
        let name = route.to_string();
        let count = counts.remove(&name).unwrap_or_default();
        row(name, mode.name(), count)
    });
    let mut rows: Vec<Row> = ours.collect();
    let mut others: Vec<Row> = counts
        .into_iter()
        .map(|(name, count)| row(name, "only old", count))
        .collect();
    others.sort_by_key(|row| std::cmp::Reverse(row.old.calls));
    rows.append(&mut others);
    rows
}

fn row(route: String, mode: &'static str, count: Count) -> Row {
    Row {
        route,
        mode,
        old: Figures::from(&count.old),
        new: Figures::from(&count.new),
        compared: count.compared,
        different: count.different,
        refused: count.refused,
        skipped: count.skipped,
        differences: count.differences,
    }
}
