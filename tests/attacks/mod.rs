//! What attackers send, in every profile and fidelity: what each request is answered, and that the server serves
//! everybody else as before.

mod http;
mod tokens;

use serde_json::{Value, json};

use crate::{
    api::{call, cheap, run},
    support::{
        server::{Server, ServerConfig},
        services::fresh_database,
        sql::{Engine, query, run_sql},
    },
};

const PROFILES: [&str; 3] = ["tutorial", "scaffold-1.0", "scaffold-2.0"];
const FIDELITIES: [&str; 2] = ["safe", "flask"];
const EMAIL: &str = "root@example.com";
const PASSWORD: &str = "correct horse";
const KEY: &str = "3f1c9a7be05d42868e4b6a90c2d7f153";

/// The users' ids, in the order in which they are made.
const ROOT: i64 = 1;
const OTHER: i64 = 2;
const DISABLED: i64 = 3;
const DELETED: i64 = 4;

/// A server under attack.
struct Target {
    profile: &'static str,
    fidelity: &'static str,
    server: Server,
    /// A token of the administrator's.
    token: String,
    url: String,
    /// All rows as they were before the attacks.
    rows: String,
    folder: tempfile::TempDir,
}

/// Runs a test against each profile in each fidelity, and fails with all that it has found wrong.
fn on_each_target(test: impl Fn(&Target) -> Vec<String>) {
    let mut problems = Vec::new();
    for profile in PROFILES {
        for fidelity in FIDELITIES {
            let target = Target::start(profile, fidelity);
            let found = test(&target).into_iter();
            problems.extend(found.map(|problem| format!("{profile} {fidelity}, {problem}")));
        }
    }
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

impl Target {
    fn start(profile: &'static str, fidelity: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        let url = fresh_database(Engine::Sqlite, dir).unwrap();
        let config: ServerConfig = cheap()
            .env("FLASK_PROFILE", profile)
            .env("FLASK_FIDELITY", fidelity)
            .env("DATABASE_URL", &url)
            .env("SECRET_KEY", KEY)
            .env("LOGIN_THROTTLE", "off")
            .folder(dir);
        let password = format!("{PASSWORD}\n");
        run(&config, dir, &["user", "create", EMAIL, "--admin"], Some(&password));
        for name in ["other", "disabled", "deleted"] {
            let email = format!("{name}@example.com");
            run(&config, dir, &["user", "create", &email], Some(&password));
        }
        run(&config, dir, &["user", "disable", "disabled@example.com"], None);
        run_sql(&url, "delete from users where email = 'deleted@example.com'");
        let mut target = Self {
            profile,
            fidelity,
            server: Server::start(&config),
            token: String::new(),
            url,
            rows: String::new(),
            folder,
        };
        let login = call(
            &target.server,
            "POST",
            target.login(),
            None,
            Some(&target.credentials()),
        );
        target.token = login.json().unwrap()["token"].as_str().unwrap().to_owned();
        target.rows = target.all_rows();
        target
    }

    fn is_safe(&self) -> bool {
        self.fidelity == "safe"
    }

    /// Where users log in.
    fn login(&self) -> &'static str {
        match self.profile {
            "tutorial" => "/api/login",
            _ => "/api/v1/login.json",
        }
    }

    /// What the administrator logs in with.
    fn credentials(&self) -> Value {
        let credentials = json!({"email": EMAIL, "password": PASSWORD});
        match self.profile {
            "tutorial" => credentials,
            _ => json!({"data": {"type": "users", "attributes": credentials}}),
        }
    }

    /// The list of users, which needs a token.
    fn list(&self) -> &'static str {
        match self.profile {
            "tutorial" => "/api/users",
            _ => "/api/v1/users.json",
        }
    }

    /// The member of an error that this profile's clients read; 2.0's framework had another one than 2.0 itself.
    fn error_key(&self, status: u16) -> &'static str {
        match (self.profile, status) {
            ("scaffold-2.0", 400 | 404 | 405) | ("tutorial" | "scaffold-1.0", _) => "message",
            _ => "error",
        }
    }

    /// The rows that no attack may change; what logins note beside them is left out.
    fn all_rows(&self) -> String {
        let tables = ["users", "poem_scaffold_resets", "poem_scaffold_adopted"];
        let roles = (self.profile == "scaffold-1.0").then_some("roles");
        let rows = |table| query(&self.url, &format!("select * from {table} order by 1"));
        tables.into_iter().chain(roles).map(rows).collect::<Vec<_>>().join("\n")
    }

    /// What an attack has harmed: the service, the rows or the secrets.
    fn harm(&self, answer: &[u8]) -> Option<String> {
        let good = call(&self.server, "GET", self.list(), Some(&self.token), None).status;
        if good != 200 {
            return Some(format!("a good request is answered {good}"));
        }
        if self.all_rows() != self.rows {
            return Some("rows have changed".to_owned());
        }
        let log = self.server.output();
        let is_bad = |line: &&str| {
            ["ERROR", "panic", KEY, &self.token]
                .iter()
                .any(|word| line.contains(word))
        };
        if let Some(line) = log.lines().find(is_bad) {
            return Some(format!("the log has {line:?}"));
        }
        self.leak(answer).map(|leak| format!("the answer has {leak:?}"))
    }

    /// What must be in no answer: paths, secrets, stored hashes, and names of what is inside.
    fn leak(&self, answer: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(answer);
        let folder = self.folder.path().to_string_lossy();
        let secrets = [
            env!("CARGO_MANIFEST_DIR"),
            &folder,
            KEY,
            PASSWORD,
            ".rs:",
            "root:x:",
            "panicked",
            "sqlx",
            "serde",
            "hyper",
            "poem::",
            "$2b$",
            "pbkdf2:",
        ];
        let found = secrets.into_iter().find(|secret| text.contains(secret));
        found.map(str::to_owned)
    }
}
