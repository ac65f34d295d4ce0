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
    const KINDS: [&str; 19] = [
        "string",
        "text",
        "integer",
        "biginteger",
        "boolean",
        "email",
        "url",
        "datetime",
        "date",
        "decimal",
        "bool",
        "float",
        "uuid",
        "json",
        "enum(on,off,half-way)",
        "time",
        "file",
        "decimal(8,2)",
        "array(string)",
    ];
    const WORDS: [&str; 12] = [
        "title", "note", "amount", "entry_of", "value", "status2", "a", "data", "query", "name", "new", "patch",
    ];
    let name = random.one_of(&[
        "thing",
        "boxes_of",
        "person",
        "story",
        "bus",
        "datum",
        "match",
        "blog_post",
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
    writeln!(yaml, "  fields:").unwrap();
    for index in 0..=random.below(7) {
        let kind = random.one_of(&KINDS);
        let default = match (kind, random.below(4)) {
            ("string" | "text", 0) => "=some text, \"quoted\"",
            ("integer" | "biginteger", 0) => "=-5",
            ("boolean" | "bool", 0) => "=true",
            ("float", 0) => "=0.5",
            ("decimal", 0) => "=10.50",
            ("enum(on,off,half-way)", 0) => "=half-way",
            ("datetime", 0) => "=now",
            ("date", 0) => "=today",
            ("time", 0) => "=09:30",
            ("decimal(8,2)", 0) => "=10.5",
            _ => "",
        };
        let nullable = if random.below(3) == 0 { "?" } else { "" };
        let can_be_unique =
            ["string", "email", "url", "integer", "uuid", "date", "time"].contains(&kind) && default.is_empty();
        let unique = if can_be_unique && random.below(4) == 0 { "^" } else { "" };
        let word = random.one_of(&WORDS);
        writeln!(yaml, "    - {word}_{index}:{kind}{nullable}{unique}{default}").unwrap();
    }
    yaml
}
