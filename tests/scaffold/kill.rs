//! A run that is killed, or whose calls fail: the project is as before or as after, or the next run repairs it.
//!
//! Some of the calls of each run, which take a minute; all of them with
//! `EVERY_CALL=1 cargo test --test suite -- scaffold::kill --nocapture`

use std::{
    collections::BTreeMap,
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use super::{locked::cargo_tree, resolve};
use crate::support::{program, project::Project, services::left_out};

/// The calls by which a run changes files and folders.
const CALLS: &str = "write,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,openat,flock";
const YAML: &str = "posts:\n - title:string\n - body:text\n";
const CHANGED_YAML: &str = "authors:\n - name:string\n\
                            posts:\n - title:string\n - body:text\n - author:references(authors)?\n - note:text?\n";
const RUN: [&str; 2] = ["scaffold", "blog.yaml"];
const KILL: &str = "signal=KILL";

/// What the files of a project are: those of a run that is unfinished are kept in `.scaffold`.
type Tree = BTreeMap<String, Vec<u8>>;

/// A run, and the project that it begins in.
struct Scenario {
    before: Tree,
    args: &'static [&'static str],
}

impl Scenario {
    /// The first run in a project.
    fn first() -> Self {
        let project = Project::new();
        project.write("blog.yaml", YAML);
        Self {
            before: project.files(),
            args: &RUN,
        }
    }

    /// A run that adds to a resource, which then refers to a new one, and so do its tests.
    fn change() -> Self {
        let project = Self::first().project();
        project.must(&RUN);
        project.write("blog.yaml", CHANGED_YAML);
        Self {
            before: project.files(),
            args: &RUN,
        }
    }

    /// A run that takes one of two resources out.
    fn destroy() -> Self {
        let project = Self::change().project();
        project.must(&RUN);
        Self {
            before: project.files(),
            args: &["destroy", "posts"],
        }
    }

    /// The repair of a run that was killed as soon as its journal was in place.
    fn repair(&self) -> Self {
        let (_, calls) = self.calls();
        let project = self.project();
        run_until(&project, self.args, &calls[0], KILL);
        assert!(project.path().join(".scaffold/journal").exists());
        Self {
            before: project.files(),
            args: self.args,
        }
    }

    /// A project that the run begins in.
    fn project(&self) -> Project {
        Project::of(&self.before)
    }

    /// The calls of the run in their order: those until the journal is in place, and the others.
    fn calls(&self) -> (Vec<Call>, Vec<Call>) {
        let log = tempfile::NamedTempFile::new().unwrap();
        let options = [format!("--trace={CALLS}"), format!("--output={}", log.path().display())];
        let run = traced(&self.project(), self.args, &options);
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let log = std::fs::read_to_string(log.path()).unwrap();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut calls = [Vec::new(), Vec::new()];
        let mut has_journal = self.before.contains_key(".scaffold/journal");
        for line in log.lines() {
            let Some((name, _)) = line.split_once('(') else {
                continue;
            };
            if !CALLS.split(',').any(|call| call == name) {
                continue;
            }
            let number = numbers.entry(name).or_default();
            *number += 1;
            calls[usize::from(has_journal)].push(Call {
                name: name.to_owned(),
                number: *number,
            });
            has_journal |= name.starts_with("rename") && line.contains(".scaffold/journal\"");
        }
        let [before, after] = calls;
        (before, after)
    }
}

fn has_strace() -> bool {
    let found = Command::new("strace")
        .arg("--version")
        .output()
        .is_ok_and(|run| run.status.success());
    found || left_out::<()>("interrupted runs", "strace").is_some()
}

fn traced(project: &Project, args: &[&str], options: &[String]) -> Output {
    Command::new("strace")
        .args(options)
        .arg(program())
        .args(args)
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .current_dir(project.path())
        .output()
        .unwrap()
}

/// One of the calls of a run: its name, and how many of the name came until it. strace counts each name by itself.
#[derive(Clone, Debug)]
struct Call {
    name: String,
    number: usize,
}

/// Runs in the project until a call, which fails or is the last.
fn run_until(project: &Project, args: &[&str], Call { name, number }: &Call, fault: &str) {
    let options = [
        format!("--trace={name}"),
        format!("--inject={name}:{fault}:when={number}"),
        "--output=/dev/null".to_owned(),
    ];
    traced(project, args, &options);
}

/// Lets one in `step` of these calls of a run fail in turn, and sees what is left and what the next run makes of it.
fn interrupt_everywhere(scenario: &Scenario, calls: &[Call], fault: &str, step: usize) {
    let step = if std::env::var_os("EVERY_CALL").is_some() {
        1
    } else {
        step
    };
    let finished = scenario.project();
    finished.must(scenario.args);
    let after = finished.files();
    assert!(calls.len() > 20, "{calls:?}");
    let (next, repaired) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(call) = calls.get(next.fetch_add(step, Ordering::Relaxed)) {
                    if interrupt(scenario, fault, call, &after) {
                        repaired.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let (repaired, faults) = (repaired.load(Ordering::Relaxed), calls.len().div_ceil(step));
    println!(
        "{:?}: {fault} at {faults} of {} calls: {repaired} left something to repair, all were repaired",
        scenario.args,
        calls.len()
    );
    assert!(repaired > 0, "no run was interrupted between two changes");
}

/// Whether the interrupted run left something to repair.
fn interrupt(scenario: &Scenario, fault: &str, call: &Call, after: &Tree) -> bool {
    let before = &scenario.before;
    let project = scenario.project();
    run_until(&project, scenario.args, call, fault);
    let left = project.files();
    // No file of the project is ever anything else than before or after.
    for (path, content) in left.iter().filter(|(path, _)| !path.starts_with(".scaffold/")) {
        let is_known = before.get(path) == Some(content) || after.get(path) == Some(content);
        assert!(is_known, "{fault} at {call:?}: {path} is half written");
    }
    // And the program that finishes the run can be built of what is there.
    let unresolved = resolve::problems(&project);
    assert!(unresolved.is_empty(), "{fault} at {call:?}: {unresolved:?}");
    let is_whole = left == *before || left == *after;
    if !is_whole {
        let output = project.run(scenario.args);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{fault} at {call:?}: the next run says {message}"
        );
        let differing: Vec<_> = project
            .files()
            .into_iter()
            .filter(|(path, content)| after.get(path) != Some(content))
            .map(|(path, _)| path)
            .collect();
        assert!(
            differing.is_empty(),
            "{fault} at {call:?}: {differing:?} after the repair"
        );
        assert_eq!(
            project.files().len(),
            after.len(),
            "{fault} at {call:?}: something is missing"
        );
    }
    !is_whole
}

#[test]
fn a_run_killed_at_any_call_leaves_nothing_half_done() {
    if has_strace() {
        let scenario = Scenario::first();
        let (before, after) = scenario.calls();
        interrupt_everywhere(&scenario, &[before, after].concat(), KILL, 4);
    }
}

#[test]
fn a_run_that_changes_or_takes_out_can_be_killed_at_any_change() {
    if has_strace() {
        for scenario in [Scenario::change(), Scenario::destroy()] {
            interrupt_everywhere(&scenario, &scenario.calls().1, KILL, 6);
        }
    }
}

#[test]
fn a_repair_can_be_killed_too() {
    if has_strace() {
        for scenario in [Scenario::first(), Scenario::change(), Scenario::destroy()] {
            let repair = scenario.repair();
            interrupt_everywhere(&repair, &repair.calls().1, KILL, 10);
        }
    }
}

#[test]
fn a_run_whose_calls_fail_leaves_nothing_half_done() {
    if has_strace() {
        let scenario = Scenario::first();
        let (before, after) = scenario.calls();
        for fault in ["error=ENOSPC", "error=EIO", "error=EACCES"] {
            interrupt_everywhere(&scenario, &[&before[..], &after].concat(), fault, 15);
        }
    }
}

/// The next run is perhaps `cargo run`, and cargo first brings its lock file in line with what it finds.
#[test]
fn cargo_may_write_its_lock_file_between_an_interrupted_run_and_the_next() {
    if !has_strace() {
        return;
    }
    for scenario in [Scenario::first(), Scenario::destroy()] {
        let finished = scenario.project();
        finished.must(scenario.args);
        let after = finished.files();
        let (_, calls) = scenario.calls();
        let changes = calls
            .iter()
            .filter(|call| ["rename", "unlink"].contains(&call.name.as_str()));
        for call in changes {
            let project = scenario.project();
            run_until(&project, scenario.args, call, KILL);
            let cargo = cargo_tree(&project, &[]);
            assert!(
                cargo.status.success(),
                "{call:?}: {}",
                String::from_utf8_lossy(&cargo.stderr)
            );
            project.must(scenario.args);
            for (path, content) in project.files() {
                assert!(
                    after.get(&path) == Some(&content),
                    "{:?} {call:?}: {path}",
                    scenario.args
                );
            }
        }
    }
}

#[test]
fn a_file_that_was_edited_after_an_interruption_is_not_lost() {
    if !has_strace() {
        return;
    }
    let project = Scenario::first().repair().project();
    // Who only looks does not finish it.
    for option in ["--dry-run", "--diff"] {
        let message = project.refused(&[RUN[0], RUN[1], option]);
        assert!(message.contains("an earlier run was interrupted"), "{message}");
    }
    let edited = format!("{}// mine\n", project.read("src/app/mod.rs"));
    project.write("src/app/mod.rs", &edited);
    let message = project.refused(&RUN);
    assert!(
        message.contains("src/app/mod.rs: was edited after an earlier run was interrupted"),
        "{message}"
    );
    assert_eq!(project.read("src/app/mod.rs"), edited);
}
