//! A project with resources of every type, modifier and access, with those that Flask-Scaffold 1.0 was recorded with,
//! with the samples and with random ones.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::support::project::{Project, build, keep, sample};

const WIDE: &str = "tests/scaffold/wide.yaml";

/// The program of [`project`], built once.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| build(&project()))
}

/// The folder of the project, kept between runs.
pub fn project() -> PathBuf {
    let project = Project::called("wide");
    let wide = std::fs::read_to_string(sample(WIDE)).unwrap();
    let path = project.write("wide.yaml", &wide);
    project.must(&["scaffold", &path]);
    for file in [
        "scaffold/module.yaml",
        "scaffold/users.yaml",
        "tests/scaffold/names.yaml",
        "tests/scaffold/fields.yaml",
        "tests/scaffold/relations.yaml",
        "tests/scaffold/nested.yaml",
        "tests/parity/scaffold/blog-S1.yaml",
        "tests/parity/scaffold/alltypes-S1.yaml",
    ] {
        project.must(&["scaffold", &sample(file)]);
    }
    // A field more of each kind that can be added, and an owner.
    let more = wide
        .replace(
            "  - name:string^\n",
            "  - name:string^\n  - code:string?^\n  - rank_of:integer=1\n  - born:datetime\n",
        )
        .replace(
            "    - factor:double=0.5\n",
            "    - factor:double=0.5\n    - sold_at:time\n    - rate:decimal(5,2)\n    - aliases:array(string)\n    - photo:file\n    \
             - size: {type: \"enum(s,m)\", native: true}\n    - story: {type: string, max: 1000}\n    - shuts_at:time=18:00\n",
        )
        .replace(
            "news:\n  auth: public\n",
            "news:\n  auth: {create: user, delete: owner}\n",
        )
        .replace(
            "    - tag:string?=none\n",
            "    - tag:string?=none\n    - other:references(news)?\n    - price:decimal\n",
        )
        .replace(
            "  fields: [name:string^, cover_of:",
            "  fields: [name:string^, code_of:string?^, replaced_by:references(mp3)?, cover_of:",
        )
        .replace(
            "  - remark:text\n",
            "  - remark:text\n  - external_reference_number_a:string?^\n  - external_reference_number_b:string?^\n  - \
             original_conversation:references(users)?\n",
        );
    project.write(&path, more);
    let lines = project.must(&["scaffold", &path]);
    assert!(lines.contains("_news_owner_id.up.sql"), "{lines}");
    let mut random = Random(2026);
    // A few, because each is built, and tested on every engine; `RANDOM_RESOURCES` asks for more.
    let count =
        std::env::var("RANDOM_RESOURCES").map_or(4, |count| count.parse().expect("RANDOM_RESOURCES is a number"));
    let yaml: String = (0..count).map(|number| resource(&mut random, number)).collect();
    let path = project.write("random.yaml", &yaml);
    project.must(&["scaffold", &path]);
    keep(&project, "wide")
}

/// A sequence of numbers that is the same for the same seed (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// A random resource that must be taken; its number keeps its names apart from others'.
pub fn resource(random: &mut Random, number: usize) -> String {
    let name = random.one_of(&[
        "thing",
        "boxes_of",
        "person",
        "story",
        "bus",
        "datum",
        "match",
        "blog_post",
        "HostName",
    ]);
    let name = format!("{name}_{}", char::from(b'a' + (number % 26) as u8));
    let mut yaml = format!("{name}:\n");
    let whos = ["public", "user", "owner", "admin"];
    match random.below(3) {
        0 => writeln!(yaml, "  auth: {}", random.one_of(&whos[1..])).unwrap(),
        1 => {
            let (list, update) = (random.one_of(&whos), random.one_of(&whos));
            writeln!(yaml, "  auth: {{list: {list}, create: user, update: {update}}}").unwrap();
        }
        _ => {}
    }
    let key = random.one_of(&[
        "",
        "id_of_it",
        "uid:uuid",
        "code:string",
        "Nr:biginteger",
        "id:string=uuid",
        "",
        "",
    ]);
    if !key.is_empty() {
        writeln!(yaml, "  key: {key}").unwrap();
    }
    match random.below(6) {
        0 => writeln!(yaml, "  route: r-{number}\n  type: T{number}").unwrap(),
        1 => writeln!(yaml, "  prefix: /api\n  json: false").unwrap(),
        2 => writeln!(yaml, "  table: TABLE_{number}").unwrap(),
        _ => {}
    }
    writeln!(yaml, "  fields:").unwrap();
    let mut taken = Vec::new();
    for index in 0..=random.below(7) {
        let word = random.one_of(&WORDS);
        let name = match taken.contains(&word) {
            true => format!("{word}_{index}"),
            false => word.to_owned(),
        };
        taken.push(word);
        writeln!(yaml, "    - {}", field(random, &name, index)).unwrap();
    }
    match random.below(4) {
        0 => writeln!(yaml, "    - linked:many({name})").unwrap(),
        1 => writeln!(yaml, "    - userIds: {{type: many(users), table: linked-{number}}}").unwrap(),
        _ => {}
    }
    yaml
}

const WORDS: [&str; 17] = [
    "title", "note", "amount", "entry_of", "value", "status2", "a", "data", "query", "name", "new", "patch",
    "lastSeen", "order", "type", "HostName", "group",
];

/// A random field; the first of a resource can always be stored and changed.
fn field(random: &mut Random, name: &str, index: usize) -> String {
    const KINDS: [&str; 18] = [
        "string",
        "text",
        "integer",
        "biginteger",
        "boolean",
        "email",
        "url",
        "datetime",
        "date",
        "time",
        "decimal",
        "decimal(14,4)",
        "bool",
        "float",
        "uuid",
        "json",
        "array(string)",
        "enum(on,off,half-way)",
    ];
    let kind = random.one_of(&KINDS);
    let default = match (kind, random.below(4)) {
        ("string" | "text", 0) => "some text, \"quoted\"",
        ("integer" | "biginteger", 0) => "-5",
        ("boolean" | "bool", 0) => "true",
        ("float", 0) => "0.5",
        ("decimal", 0) => "10.50",
        ("enum(on,off,half-way)", 0) => "half-way",
        ("datetime" | "time", 0) => "now",
        ("date", 0) => "today",
        _ => "",
    };
    let nullable = random.below(3) == 0;
    let has_key = ["string", "email", "url", "integer", "uuid", "date"].contains(&kind);
    let is_unique = has_key && default.is_empty() && random.below(4) == 0;
    let mark = |is_set: bool, mark: &'static str| if is_set { mark } else { "" };
    let option = match random.below(10) {
        0 if index > 0 => "immutable: true",
        1 if index > 0 => "write_only: true",
        2 if index > 0 && (nullable || !default.is_empty()) => "read_only: true",
        3 if index > 0 && !is_unique && default.is_empty() => "stored: false",
        4 if has_key => "index: true",
        5 if ["datetime", "date"].contains(&kind) => "on_update: now",
        6 => "label: Another one",
        7 => "",
        _ => {
            let default = if default.is_empty() {
                String::new()
            } else {
                format!("={default}")
            };
            return format!("{name}:{kind}{}{}{default}", mark(nullable, "?"), mark(is_unique, "^"));
        }
    };
    let mut options = vec![format!(
        "type: \"{kind}{}{}\"",
        mark(nullable, "?"),
        mark(is_unique, "^")
    )];
    if !default.is_empty() {
        let by = random.one_of(&["default", "server_default"]);
        options.push(format!("{by}: '{default}'"));
    }
    if option.is_empty() {
        options.push(format!("column: col_{index}"));
    } else {
        options.push(option.to_owned());
    }
    format!("{name}: {{{}}}", options.join(", "))
}
