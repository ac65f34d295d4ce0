//! Random definitions with random faults: each fault is found at its place, all of them at once, and nothing is written.

use std::collections::BTreeSet;

use serde_json::Value;

use super::random::{Field, Random, Resource, resources, text};
use crate::support::{program, project::Project, server::ServerConfig};

const DEFINITIONS: u64 = 200;

/// A field that is wrong, with the code of what is wrong with it. `#` in it is a number.
const FIELDS: [(&str, &str, &str); 41] = [
    ("E06", "#th", "string"),
    ("E06", "wrong#", " {type: string, column: \"a b\"}"),
    ("E06", "wrong.#", "string"),
    ("E07", "wrong#", " {type: string, column: xmin}"),
    ("E08", "wrong#", " {type: string, column: SAME}"),
    ("E10", "wrong#", ""),
    ("E11", "wrong#", "strng"),
    ("E11", "wrong#", "varchar2(50)"),
    ("E12", "wrong#", "decimal(99,4)"),
    ("E12", "wrong#", "references()"),
    ("E12", "wrong#", "enum(a,b"),
    ("E13", "wrong#", "enum(a,a)"),
    ("E13", "wrong#", "enum()"),
    ("E14", "wrong#", "string??"),
    ("E15", "wrong#", " {type: string, colour: red}"),
    ("E15", "wrong#", " {type: string, on_update: now}"),
    ("E15", "wrong#", " {type: string, native: true}"),
    ("E15", "wrong#", " {type: date, on_delete: cascade}"),
    ("E15", "wrong#", " {type: \"references(users)\", on_delete: set null}"),
    ("E15", "wrong#", " {type: string, read_only: true}"),
    ("E15", "wrong#", " {type: string, read_only: true, write_only: true}"),
    ("E16", "wrong#", " {type: string, nullable: perhaps}"),
    ("E16", "wrong#", " {type: string, index: 7}"),
    ("E17", "wrong#", " {type: integer, min: 5, max: 1}"),
    ("E17", "wrong#", " {type: date, min: 5}"),
    ("E17", "wrong#", " {type: string, max: 16001}"),
    ("E17", "wrong#", " {type: integer, max: many}"),
    ("E17", "wrong#", " {type: integer, min: 2147483648}"),
    ("E18", "wrong#", "integer=abc"),
    ("E18", "wrong#", "enum(a,b)=c"),
    ("E18", "wrong#", "uuid=1"),
    ("E18", "wrong#", " {type: date, server_default: soon}"),
    ("E18", "wrong#", " {type: integer, max: 5, default: 6}"),
    ("E18", "wrong#", "decimal(4,2)=100"),
    ("E18", "wrong#", "bool=maybe"),
    ("E19", "wrong#", "text^"),
    ("E19", "wrong#", "json^"),
    ("E19", "wrong#", " {type: integer, unique: true, default: 1}"),
    ("E23", "wrong#", "references(nowhere)"),
    ("E23", "wrong#", "references(nowhere#)?"),
    ("E18", "wrong#", "string=\u{7}"),
];

/// An option of a resource that is wrong, with the code of what is wrong with it.
const OPTIONS: [(&str, &str, &str); 12] = [
    ("E15", "colour", "red"),
    ("E20", "auth", "everyone"),
    ("E20", "auth", "{list: public, read: user}"),
    ("E31", "key", "code:float"),
    ("E31", "key", "code:integer=uuid"),
    ("E06", "route", "a b"),
    ("E06", "table", "a b"),
    ("E07", "table", "sqlite_things"),
    ("E06", "prefix", "api"),
    ("E16", "json", "perhaps"),
    ("E19", "unique", "[wrong, wronger]"),
    ("E06", "type", "a b"),
];

/// A fault in the definition: its code, its resource, and the beginning of its line.
struct Fault {
    code: &'static str,
    resource: usize,
    line: String,
}

/// Puts one fault in; none where that place has one, or another option of that name is in the way.
fn put_in(random: &mut Random, resources: &mut [Resource], number: usize) -> Option<Fault> {
    let place = random.below(resources.len());
    let resource = &mut resources[place];
    let (code, line) = match random.below(5) {
        0 => {
            let (code, name, value) = OPTIONS[random.below(OPTIONS.len())];
            if resource.options.iter().any(|(other, _)| *other == name) {
                return None;
            }
            resource.options.push((name, value.to_owned()));
            (code, format!("  {name}: {value}"))
        }
        1 => {
            let name = resource.fields[0].name.clone();
            let is_twice = resource.fields.iter().filter(|field| field.name == name).count() > 1;
            if is_twice {
                return None;
            }
            resource.fields.push(wrong(name.clone(), "text?".to_owned()));
            ("E03", format!("    - {name}:text?"))
        }
        _ => {
            let (code, name, rest) = FIELDS[random.below(FIELDS.len())];
            let number = number.to_string();
            let (name, rest) = (name.replace('#', &number), rest.replace('#', &number));
            if rest.contains("SAME") {
                resource.fields.push(wrong("same".to_owned(), "string?".to_owned()));
            }
            let line = format!("    - {name}:{rest}");
            resource.fields.push(wrong(name, rest));
            (code, line)
        }
    };
    let resource = place;
    Some(Fault { code, resource, line })
}

fn wrong(name: String, rest: String) -> Field {
    let has_key = false;
    Field { name, rest, has_key }
}

/// The number of the line that a fault is in: the last one in its resource that is so.
fn line_of(resources: &[Resource], fault: &Fault) -> u64 {
    let before: usize = resources[..fault.resource].iter().map(|one| one.lines().len()).sum();
    let lines = resources[fault.resource].lines();
    let line = lines.iter().rposition(|line| *line == fault.line);
    u64::try_from(before + line.unwrap() + 1).unwrap()
}

#[test]
fn each_fault_of_a_random_definition_is_found() {
    let project = Project::new();
    let config = ServerConfig::of(program()).env("PATH", "");
    let before = project.files();
    let (mut problems, mut count) = (Vec::new(), 0);
    let mut codes = BTreeSet::new();
    for seed in 0..DEFINITIONS {
        let mut random = Random(seed + 1_000_000);
        let number = 1 + random.below(3);
        let mut resources = resources(&mut random, number);
        let wanted = 1 + random.below(5);
        let mut faults = Vec::new();
        while faults.len() < wanted {
            faults.extend(put_in(&mut random, &mut resources, faults.len()));
        }
        let text = text(&resources);
        let path = project.write("faults.yaml", &text);
        let output = config.command(project.path(), &["scaffold", &path, "--json"]);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        let is_found = |fault: &&Fault| {
            let line = line_of(&resources, fault);
            errors
                .iter()
                .any(|error| error["code"] == fault.code && error["line"] == line)
        };
        let missing: Vec<_> = faults.iter().filter(|fault| !is_found(fault)).collect();
        let is_refused = output.status.code() == Some(2) && !stderr.contains("panicked");
        if !missing.is_empty() || !is_refused {
            let missing: Vec<_> = missing.iter().map(|fault| (fault.code, &fault.line)).collect();
            let found: Vec<_> = errors
                .iter()
                .map(|error| (&error["code"], &error["line"], &error["message"]))
                .collect();
            problems.push(format!(
                "seed {seed}: missing {missing:?}\n{text}found {found:#?}\n{stderr}"
            ));
        }
        count += faults.len();
        codes.extend(faults.iter().map(|fault| fault.code));
    }
    std::fs::remove_file(project.path().join("faults.yaml")).unwrap();
    assert!(project.files() == before, "something was written");
    assert!(count > 400 && codes.len() > 15, "{count} faults of the codes {codes:?}");
    assert!(
        problems.is_empty(),
        "{} of {DEFINITIONS}:\n{}",
        problems.len(),
        problems[..problems.len().min(8)].join("\n")
    );
}
