//! A report as lines for a terminal of some width.

use std::fmt::Write as _;

use super::{
    curl,
    report::{Counts, Kind, Latency, Report, Route},
};

/// The narrowest terminal that lines are fitted to.
const MIN_WIDTH: usize = 60;
/// From this width on, the slowest answers are shown too.
const WIDE: usize = 100;

/// The whole report: what holds, then each difference with a command that shows it.
pub fn text(report: &Report, width: usize) -> String {
    let width = width.max(MIN_WIDTH);
    let mut lines = vec![
        format!("old  {}", report.old),
        format!("new  {}", report.new),
        String::new(),
    ];
    lines.push(summary(report.counts()));
    lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
    lines.push(String::new());
    lines.extend(table(report, width));
    for (name, route) in &report.routes {
        for (what, kind) in &route.kinds {
            lines.extend(difference(report, name, what, kind, width));
        }
    }
    if !report.unneeded.is_empty() {
        lines.push("\nDeviations that are not needed any more; remove them:".to_owned());
        lines.extend(report.unneeded.iter().map(|name| format!("  {name}")));
    }
    lines.join("\n")
}

/// The counts in one line.
pub fn summary(counts: Counts) -> String {
    let mut text = format!("{} calls: {} equal", counts.calls, counts.equal);
    for (count, what) in [
        (counts.named, "as the deviations file says"),
        (counts.refused, "refused where the old app failed"),
        (counts.unstable, "unstable"),
        (counts.different, "different"),
    ] {
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, ", {count} {what}");
        }
    }
    text
}

fn table(report: &Report, width: usize) -> Vec<String> {
    let is_wide = width >= WIDE;
    let numbers = |route: &Route| {
        let Counts {
            calls,
            equal,
            named,
            refused,
            different,
            ..
        } = route.counts;
        let mut text = format!("{calls:>6} {equal:>6} {:>6} {different:>6}", named + refused);
        for latency in [Latency::of(&route.old), Latency::of(&route.new)].into_iter().flatten() {
            let _ = write!(text, " {:>8.1}", latency.median);
            if is_wide {
                let _ = write!(text, " {:>8.1}", latency.p95);
            }
        }
        text
    };
    let heading = match is_wide {
        true => " calls  equal  known differ   old ms     95 %   new ms     95 %",
        false => " calls  equal  known differ   old ms   new ms",
    };
    let longest = report
        .routes
        .keys()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or_default();
    let space = longest.max(5).min(width - heading.len() - 1);
    let mut lines = vec![format!("{:<space$} {heading}", "route")];
    for (name, route) in &report.routes {
        lines.push(format!("{:<space$} {}", cut(name, space), numbers(route)));
    }
    lines
}

fn difference(report: &Report, route: &str, what: &str, kind: &Kind, width: usize) -> Vec<String> {
    let calls = if kind.calls == 1 {
        "1 call".to_owned()
    } else {
        format!("{} calls", kind.calls)
    };
    let mut lines = vec![
        format!("\n{route}: {what} ({calls})"),
        format!("  old  {}", cut(&kind.old, width - 7)),
        format!("  new  {}", cut(&kind.new, width - 7)),
        format!("  {}", curl::command(&report.new, &kind.request, &report.carrier)),
    ];
    if let Some(entry) = kind.entry(route, what) {
        lines.extend(entry.lines().map(|line| format!("    {line}").trim_end().to_owned()));
    }
    lines
}

/// The start of a text that is longer than its place.
fn cut(text: &str, space: usize) -> String {
    match text.chars().count() > space {
        true => text.chars().take(space.saturating_sub(3)).collect::<String>() + "...",
        false => text.to_owned(),
    }
}

#[cfg(test)]
pub mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::parity::report::tests::example;

    /// Compares a text with the file of that name; `UPDATE_GOLDEN=1` writes it.
    pub fn assert_golden(name: &str, text: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/parity/reports")
            .join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        }
        assert_eq!(
            fs::read_to_string(&path).unwrap_or_default(),
            text,
            "{}",
            path.display()
        );
    }

    #[test]
    fn a_report_for_a_terminal_is_as_it_was() {
        assert_golden("report.txt", &(text(&example(), 100) + "\n"));
    }

    #[test]
    fn the_table_fits_the_terminal() {
        for width in [0, 60, 80, 99, 100, 200] {
            let table = table(&example(), width.max(MIN_WIDTH));
            assert!(
                table.iter().all(|line| line.chars().count() <= width.max(MIN_WIDTH)),
                "{table:#?}"
            );
        }
    }
}
