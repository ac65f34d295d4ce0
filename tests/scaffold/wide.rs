//! A project with resources of every type, modifier and access, with those that Flask-Scaffold 1.0 was recorded with,
//! with the samples and with random ones.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::random::{self, Random};
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
    let yaml = random::text(&random::resources(&mut random, count));
    let path = project.write("random.yaml", &yaml);
    project.must(&["scaffold", &path]);
    keep(&project, "wide")
}
