//! The architecture's invariants, read off the sources (see ARCHITECTURE.md), and what the docs list, compared with the program.

mod docs;
mod help;
mod imports;
mod invariants;
mod routes;
mod sizes;
mod source;
mod wording;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use imports::Modules;
use source::{root, sources};

/// What each room may import, by its row in ARCHITECTURE.md.
fn rows() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, table) = text.split_once("| room | one sentence | may import |").unwrap();
    let table = table.split("\n\n").next().unwrap();
    let names = |cell: &str| -> Vec<String> {
        let words = cell.split_whitespace().filter(|word| *word != "-");
        words.map(str::to_owned).collect()
    };
    let rows = table.lines().skip(2).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let name = cells[0]
            .trim()
            .trim_matches('`')
            .trim_end_matches('/')
            .trim_end_matches(".rs");
        (name.to_owned(), names(cells[2]))
    });
    rows.collect()
}

#[test]
fn each_room_imports_only_what_its_row_allows() {
    let (rows, sources) = (rows(), sources());
    let modules = Modules::of(&sources);
    let mut wrong = BTreeSet::new();
    for source in sources.iter().filter(|source| source.room() != "lib") {
        let allowed = rows.get(source.room());
        let allowed = allowed.unwrap_or_else(|| panic!("src/{} has no row in ARCHITECTURE.md", source.room()));
        for import in modules.imports(&source.module(), &source.tokens) {
            let room = import.first().map_or("lib", String::as_str);
            if room != source.room() && !allowed.iter().any(|name| name == room) {
                wrong.insert(format!("{} imports {room}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let sources = sources();
    let modules = Modules::of(&sources);
    let imports: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = sources
        .iter()
        .map(|source| (source.module(), modules.imports(&source.module(), &source.tokens)))
        .collect();
    let reachable = |from: &Vec<String>| {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = waiting.pop() {
            let new = imports[&module].iter().filter(|other| seen.insert((*other).clone()));
            waiting.extend(new.cloned().collect::<Vec<_>>());
        }
        seen
    };
    let reachable: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> =
        imports.keys().map(|module| (module, reachable(module))).collect();
    let edges = imports
        .iter()
        .flat_map(|(module, others)| others.iter().map(move |other| (module, other)));
    let circles: Vec<String> = edges
        .filter(|(module, other)| reachable[other].contains(*module))
        .map(|(module, other)| format!("{} imports {}", module.join("::"), other.join("::")))
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}
