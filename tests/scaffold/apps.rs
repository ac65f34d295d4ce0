//! Apps in the style of real ones (`apps/*.yaml`): taken, built, and their rows exchanged with SQLAlchemy's ORM.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{
    api::{on_each_engine, run, token},
    support::{
        project::{Project, build, cargo, clippy, keep, sample},
        server::{Server, ServerConfig},
        sql::{assert_kept, schema_of},
        vectors::{pythons, run_script},
    },
};

/// The apps that are built in each run; together they have every type, every kind of key, every kind of
/// relation, and further attributes of users.
const SHORT: [&str; 4] = ["kitchen", "lending", "specimens", "storefront"];

/// SQLAlchemy as apps of 2016 pin it, and as new ones have it, with the fidelity that each is served with.
const ALCHEMIES: [(&str, &str); 2] = [("sqlalchemy==1.0.19", "flask"), ("sqlalchemy==2.0.44", "safe")];

/// Those between them, for long runs.
const OTHER_ALCHEMIES: [(&str, &str); 2] = [("sqlalchemy==1.1.18", "safe"), ("sqlalchemy==1.4.54", "flask")];

const PASSWORD: &str = "correct horse";

/// What an app's config.py has.
const SECRET_KEY: &str = "nCq8vZ3yJt5LwE1xR7uKd9oPmB2gHs6F";

/// Whether all apps are built, which takes half an hour.
fn is_long_run() -> bool {
    std::env::var_os("EVERY_APP").is_some_and(|value| value == "1")
}

/// The names of all apps.
fn all() -> Vec<String> {
    let files = std::fs::read_dir(sample("tests/scaffold/apps")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn file(app: &str) -> String {
    sample(&format!("tests/scaffold/apps/{app}.yaml"))
}

#[test]
fn all_apps_are_taken() {
    let apps = all();
    assert!(apps.len() >= 20, "{apps:?}");
    assert!(SHORT.iter().all(|short| apps.iter().any(|app| app == short)));
    let project = Project::new();
    let before = project.files();
    for app in apps {
        let lines = project.must(&["scaffold", &file(&app), "--dry-run"]);
        assert!(!lines.contains("warning"), "{app}: {lines}");
    }
    assert!(project.files() == before);
}

/// Projects with these apps, a few in each: every generated test makes all tables of its project anew.
fn projects(name: &str, apps: &[String]) -> Vec<PathBuf> {
    const APPS: usize = 4;
    let folders = apps.chunks(APPS).enumerate().map(|(number, apps)| {
        let name = format!("{name}-{}", number + 1);
        let project = Project::called(&name);
        for app in apps {
            project.must(&["scaffold", &file(app)]);
        }
        keep(&project, &name)
    });
    folders.collect()
}

#[test]
fn the_orm_and_the_api_have_the_same_values_in_each_others_rows() {
    let alchemies = match is_long_run() {
        true => [ALCHEMIES, OTHER_ALCHEMIES].concat(),
        false => ALCHEMIES.to_vec(),
    };
    let packages: Vec<String> = alchemies.iter().map(|(package, _)| (*package).to_owned()).collect();
    let Some(pythons) = pythons(&packages) else { return };
    let folders = match is_long_run() {
        true => projects("every-app", &all()),
        false => projects("apps", &SHORT.map(str::to_owned)),
    };
    for folder in folders {
        let binary = build(&folder);
        if is_long_run() {
            let printed = cargo(&folder, &["test", "--test", "resources"]);
            assert!(!printed.contains("warning:"), "{printed}");
            clippy(&folder);
        }
        for ((package, fidelity), python) in alchemies.iter().zip(&pythons) {
            for is_adopted in [true, false] {
                on_each_engine(|config, dir, url| {
                    let config = config
                        .binary(&binary)
                        .env("FLASK_PROFILE", "scaffold-1.0")
                        .env("FLASK_FIDELITY", fidelity)
                        .env("SECRET_KEY", SECRET_KEY);
                    let case = Case {
                        config,
                        dir,
                        url,
                        python,
                        project: &folder,
                    };
                    let counts = if is_adopted { case.adopted() } else { case.ours() };
                    println!("{package}, its tables: {is_adopted}, {url}: {counts}");
                });
            }
        }
    }
}

/// An empty database, a program and a Python with an SQLAlchemy.
struct Case<'a> {
    config: ServerConfig,
    dir: &'a Path,
    url: &'a str,
    python: &'a Path,
    project: &'a Path,
}

impl Case<'_> {
    /// The app's own tables and rows, served as they are.
    fn adopted(&self) -> Value {
        self.script("create", &[]);
        let before = schema_of(self.url);
        let answer = self.checked("check");
        assert_kept(self.url, &before);
        answer
    }

    /// Tables that our migrations made, with rows of both.
    fn ours(&self) -> Value {
        self.checked("ours")
    }

    /// What was done; nothing may differ.
    fn checked(&self, what: &str) -> Value {
        let user = ["user", "create", "root@example.com", "--admin"];
        run(&self.config, self.dir, &user, Some(&format!("{PASSWORD}\n")));
        let server = Server::start(&self.config);
        let token = token(&server, "root@example.com", PASSWORD);
        let answer = self.script(what, &[&server.base, &token]);
        let differences = answer["differences"].as_array().unwrap();
        let first: Vec<_> = differences.iter().take(20).collect();
        let count = differences.len();
        assert!(
            first.is_empty(),
            "{} {} {what}: {count} differences: {first:#?}",
            self.url,
            self.python.display()
        );
        let counts = &answer["counts"];
        let is_done = |name: &str, least| counts[name].as_u64().is_some_and(|count| count >= least);
        let done = ["shown", "added", "changed", "deleted", "values"];
        // Apps whose rows hardly refer to each other have few that cannot be deleted.
        assert!(
            done.iter().all(|name| is_done(name, 5)) && is_done("refused", 4),
            "{counts}"
        );
        counts.clone()
    }

    fn script(&self, what: &str, server: &[&str]) -> Value {
        let mut arguments = vec![what, self.url, self.project.to_str().unwrap()];
        arguments.extend(server);
        let script = sample("tests/scaffold/apps/round_trip.py");
        let printed = run_script(self.python, &script, &arguments, "");
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
    }
}
