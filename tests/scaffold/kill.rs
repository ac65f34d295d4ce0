//! A run that is killed, or whose calls fail: the project is as before or as after, or the next run repairs it.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use crate::support::{project::Project, services::left_out};

/// The calls by which a run changes files and folders.
const CALLS: &str = "write,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,openat,flock";
const YAML: &str = "posts:\n - title:string\n - body:text\n";
const RUN: [&str; 2] = ["scaffold", "blog.yaml"];

/// What the files of a project are: those of a run that is unfinished are kept in `.scaffold`.
type Tree = BTreeMap<String, Vec<u8>>;

fn has_strace() -> bool {
    let found = Command::new("strace")
        .arg("--version")
        .output()
        .is_ok_and(|run| run.status.success());
    found || left_out::<()>("interrupted runs", "strace").is_some()
}

fn traced(project: &Project, program: &Path, options: &[String]) -> Output {
    Command::new("strace")
        .args(options)
        .arg(program)
        .args(RUN)
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .current_dir(project.path())
        .output()
        .unwrap()
}

fn new_project() -> Project {
    let project = Project::new();
    project.write("blog.yaml", YAML);
    project
}

/// One of the calls of a run: its name, and how many of the name came until it. strace counts each name by itself.
#[derive(Clone, Debug)]
struct Call {
    name: String,
    number: usize,
}

/// The calls of a run, in their order.
fn calls() -> Vec<Call> {
    let project = new_project();
    let log = tempfile::NamedTempFile::new().unwrap();
    let options = [format!("--trace={CALLS}"), format!("--output={}", log.path().display())];
    let run = traced(&project, &program(), &options);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let log = std::fs::read_to_string(log.path()).unwrap();
    let names = log.lines().filter_map(|line| Some(line.split_once('(')?.0.to_owned()));
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    names
        .filter(|name| CALLS.split(',').any(|call| call == name))
        .map(|name| {
            let number = numbers.entry(name.clone()).or_default();
            *number += 1;
            Call { number: *number, name }
        })
        .collect()
}

/// Runs in the project until a call, which fails or is the last.
fn run_until(project: &Project, Call { name, number }: &Call, fault: &str) {
    let options = [
        format!("--trace={name}"),
        format!("--inject={name}:{fault}:when={number}"),
        "--output=/dev/null".to_owned(),
    ];
    traced(project, &program(), &options);
}

fn program() -> std::path::PathBuf {
    env!("CARGO_BIN_EXE_poem-scaffold").into()
}

/// Lets each call of a run fail in turn, and sees what is left and what the next run makes of it.
fn interrupt_everywhere(fault: &str, step: usize) {
    if !has_strace() {
        return;
    }
    let before = new_project().files();
    let finished = new_project();
    finished.must(&RUN);
    let after = finished.files();
    let calls = calls();
    assert!(calls.len() > 50, "{calls:?}");
    let (next, repaired) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(call) = calls.get(next.fetch_add(step, Ordering::Relaxed)) {
                    if interrupt(fault, call, &before, &after) {
                        repaired.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let (repaired, faults) = (repaired.load(Ordering::Relaxed), calls.len().div_ceil(step));
    println!(
        "{fault} at {faults} of {} calls: {repaired} left something to repair, all were repaired",
        calls.len()
    );
    assert!(repaired > 0, "no run was interrupted between two changes");
}

/// Whether the interrupted run left something to repair.
fn interrupt(fault: &str, call: &Call, before: &Tree, after: &Tree) -> bool {
    let project = new_project();
    run_until(&project, call, fault);
    let left = project.files();
    // No file of the project is ever anything else than before or after.
    for (path, content) in left.iter().filter(|(path, _)| !path.starts_with(".scaffold/")) {
        let is_known = before.get(path) == Some(content) || after.get(path) == Some(content);
        assert!(is_known, "{fault} at {call:?}: {path} is half written");
    }
    let is_whole = left == *before || left == *after;
    if !is_whole {
        let output = project.run(&RUN);
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
    interrupt_everywhere("signal=KILL", 1);
}

#[test]
fn a_run_whose_calls_fail_leaves_nothing_half_done() {
    for fault in ["error=ENOSPC", "error=EIO", "error=EACCES"] {
        interrupt_everywhere(fault, 6);
    }
}

#[test]
fn a_file_that_was_edited_after_an_interruption_is_not_lost() {
    if !has_strace() {
        return;
    }
    let before = new_project().files();
    // The journal is in place and nothing else is done yet after one of the first renames.
    let calls = calls();
    let mut from_first_rename = calls.iter().skip_while(|call| !call.name.starts_with("rename"));
    let interrupted = from_first_rename.find_map(|call| {
        let project = new_project();
        run_until(&project, call, "signal=KILL");
        let is_pending = project.path().join(".scaffold/journal").exists();
        let is_untouched = project.read("src/app/mod.rs").as_bytes() == before["src/app/mod.rs"];
        (is_pending && is_untouched).then_some(project)
    });
    let project = interrupted.expect("some kill leaves the journal");
    // Who only looks does not finish it.
    for option in ["--dry-run", "--diff"] {
        let message = project.refused(&[RUN[0], RUN[1], option]);
        assert!(message.contains("an earlier run was interrupted half-way"), "{message}");
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
