//! Flask and ours on one database: for an hour, and back to Flask alone.

mod app;
mod side;
mod tables;

use std::{path::Path, thread, time::Duration};

use serde_json::json;

use self::{
    app::{App, Clock},
    side::Side,
    tables::Tables,
};
use super::peer::SECRET_KEY;
use crate::{
    api::take_back_all,
    support::{
        keys_program,
        server::{Server, ServerConfig},
        services::fresh_database,
        sql::{Engine, run_sql},
        vectors::python,
    },
};

/// A Flask, and what closes here as many holes as it does.
pub struct Kind {
    package: &'static str,
    fidelity: &'static str,
    /// Whether it looks for the user of a token.
    pub is_strict: bool,
}

/// As the originals pin it, with their holes.
const ORIGINAL: Kind = Kind {
    package: "flask-sqlalchemy==2.1",
    fidelity: "flask",
    is_strict: false,
};

/// A current one, whose holes are closed.
const CURRENT: Kind = Kind {
    package: "flask-sqlalchemy==3.1.1",
    fidelity: "safe",
    is_strict: true,
};

/// The tables that ours adds; SQLite's own lock is enough there.
const ADDED: [&str; 8] = [
    "poem_scaffold_accounts",
    "poem_scaffold_adopted",
    "poem_scaffold_attempts",
    "poem_scaffold_lock",
    "poem_scaffold_mails",
    "poem_scaffold_migrations",
    "poem_scaffold_networks",
    "poem_scaffold_resets",
];

/// Those that are left once all migrations are reverted.
const LEFT: [&str; 2] = ["poem_scaffold_lock", "poem_scaffold_migrations"];

/// The password of the users that Flask has made before.
const THEIRS: &str = "their password";

/// The rounds of the hour; `SIDE_BY_SIDE_ROUNDS` asks for more.
const ROUNDS: u32 = 6;

#[test]
fn an_hour_beside_the_original_leaves_what_flask_wrote() {
    an_hour_side_by_side(&ORIGINAL);
}

#[test]
fn an_hour_beside_a_current_flask_leaves_what_flask_wrote() {
    an_hour_side_by_side(&CURRENT);
}

fn an_hour_side_by_side(kind: &Kind) {
    on_each_engine(kind, |config, python, url, clock| {
        let before = Tables::of(url);
        let flask = App::start(python, kind, url, clock);
        let config = config.env("UPSTREAM", &flask.base);
        let server = Server::start(&config);
        let both = Both::new(kind, &flask, &server);
        let mut users = Vec::new();
        for round in 0..rounds() {
            clock.set(Duration::from_secs(3600) * round / rounds());
            users.extend(both.round(round));
        }
        both.change_old_rows();
        both.many_write();
        both.compare_lists();
        both.see_tokens_expire(clock);

        drop(server);
        let after = Tables::of(url);
        assert_eq!(tables::ours(url), on_this(url, &ADDED), "{url}");
        before.assert_kept(&after, url, is_changed);
        for number in 0..8 {
            let email = format!("changed{number}@example.com");
            let name = format!("renamed {number}");
            assert_eq!(after.row("users", 1, &email)[3], name, "{url}");
            assert_eq!(after.row("tags", 0, &format!("changed{number}"))[1], name, "{url}");
        }
        let alone = || both.flask_goes_on(&users);
        alone();
        take_back_all(&config, clock.folder());
        assert_eq!(tables::ours(url), on_this(url, &LEFT), "{url}");
        for table in on_this(url, &LEFT) {
            run_sql(url, &format!("drop table {table}"));
        }
        assert_eq!(Tables::of(url).definitions, before.definitions, "{url}");
        alone();
        // And once more beside it.
        let again = Server::start(&config);
        Both::new(kind, &flask, &again).round(rounds());
    });
}

#[test]
fn password_rehash_is_the_point_of_no_return_in_safe() {
    for kind in [&ORIGINAL, &CURRENT] {
        on_each_engine(kind, |config, python, url, clock| {
            let flask = App::start(python, kind, url, clock);
            let server = Server::start(&config.env("PASSWORD_REHASH", "on"));
            let both = Both::new(kind, &flask, &server);
            let email = "kept0@example.com";
            assert!(both.flask.log_in(email, THEIRS).is_some(), "{url}");
            let before = Tables::of(url).row("users", 1, email)[2].clone();
            assert!(both.ours.log_in(email, THEIRS).is_some(), "{url}");
            both.ours.sign_up("new@example.com", "a new password");
            let after = Tables::of(url).row("users", 1, email)[2].clone();
            assert_ne!(before, after, "{url}");
            for (email, password) in [(email, THEIRS), ("new@example.com", "a new password")] {
                let status = both.flask.log_in_at_all(email, password).status;
                // Werkzeug fails at a hash of bcrypt.
                assert_eq!(
                    status,
                    if kind.fidelity == "safe" { 500 } else { 200 },
                    "{url} {email} {after}"
                );
            }
            // Who has not logged in here since can go back.
            assert!(both.flask.log_in("kept1@example.com", THEIRS).is_some(), "{url}");
        });
    }
}

/// The tables of ours that this engine needs.
fn on_this(url: &str, tables: &[&'static str]) -> Vec<&'static str> {
    let is_needed = |table: &&&str| Engine::of(url) != Engine::Sqlite || **table != "poem_scaffold_lock";
    tables.iter().filter(is_needed).copied().collect()
}

/// Runs a test on a database of each engine in which the app has made its tables and rows; all at once, because they
/// mostly wait.
fn on_each_engine(kind: &Kind, test: impl Fn(ServerConfig, &Path, &str, &Clock) + Sync) {
    let Some(python) = python(kind.package) else { return };
    thread::scope(|scope| {
        for engine in [Engine::Sqlite, Engine::Postgres, Engine::MySql] {
            let (python, test) = (&python, &test);
            scope.spawn(move || on_engine(engine, kind, python, test));
        }
    });
}

fn on_engine(engine: Engine, kind: &Kind, python: &Path, test: impl Fn(ServerConfig, &Path, &str, &Clock)) {
    let folder = tempfile::tempdir().unwrap();
    let Some(url) = fresh_database(engine, folder.path()) else {
        return;
    };
    let Some(clock) = Clock::new(folder.path()) else { return };
    app::create(python, kind, &url);
    let config = ServerConfig::of(keys_program())
        .folder(folder.path())
        .env("DATABASE_URL", &url)
        .env("FLASK_PROFILE", "scaffold-1.0")
        .env("FLASK_FIDELITY", kind.fidelity)
        .env("TOKEN_SUB", if kind.is_strict { "text" } else { "integer" })
        .env("SECRET_KEY", SECRET_KEY)
        .env("CREATE_TABLES", "off")
        .env("LOGIN_THROTTLE", "off")
        .env("BCRYPT_COST", "4")
        .env("PASSWORD_ITERATIONS", "1000");
    let config = clock
        .env()
        .iter()
        .fold(config, |config, (name, value)| config.env(name, value));
    test(config, python, &url, &clock);
}

fn rounds() -> u32 {
    std::env::var("SIDE_BY_SIDE_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().expect("a number"))
}

/// Whether [`Both::change_old_rows`] has changed this cell.
fn is_changed(table: &str, row: &[String], column: usize) -> bool {
    match table {
        // The password and the name.
        "users" => row[1].starts_with("changed") && [2, 3].contains(&column),
        "tags" => row[0].starts_with("changed") && column == 1,
        _ => false,
    }
}

/// A user who was made meanwhile.
struct User {
    email: String,
    password: &'static str,
    old_password: &'static str,
}

/// Both servers on one database.
struct Both<'a> {
    kind: &'a Kind,
    flask: Side,
    ours: Side,
    /// Tokens of the administrator, of Flask and of ours.
    root: [String; 2],
}

impl<'a> Both<'a> {
    fn new(kind: &'a Kind, flask: &App, server: &Server) -> Self {
        let side = |name, base: &str| Side {
            name,
            base: base.to_owned(),
        };
        let (flask, ours) = (side("flask", &flask.base), side("ours", &server.base));
        let root = [&flask, &ours].map(|side| side.log_in("root@example.com", THEIRS).unwrap());
        Self {
            kind,
            flask,
            ours,
            root,
        }
    }

    /// All that crosses, in both directions at once; gives the users that are left.
    fn round(&self, round: u32) -> Vec<User> {
        let pairs = [(&self.flask, &self.ours), (&self.ours, &self.flask)];
        let users = thread::scope(|scope| {
            let users = pairs.map(|(one, other)| scope.spawn(move || self.users_cross(one, other, round)));
            for (one, other) in pairs {
                scope.spawn(move || self.old_users_log_in(one, round));
                scope.spawn(move || self.tags_cross(one, other, round));
                scope.spawn(move || self.roles_cross(one, other, round));
            }
            // The old app's own route, through ours.
            let comment = json!({"body": format!("round {round}")});
            self.ours.add("comments", "comments", &self.root[1], None, &comment);
            users.map(|thread| thread.join().unwrap())
        });
        self.compare_lists();
        users.into_iter().flatten().collect()
    }

    /// The life of a user who is made on one side; every other one is deleted on the other.
    fn users_cross(&self, one: &Side, other: &Side, round: u32) -> Option<User> {
        let email = format!("{}{round}@example.com", one.name);
        let [first, second, third] = ["the first password", "the second password", "the third password"];
        let id = one.sign_up(&email, first);
        let tokens = self.log_in_on_both(&email, first, "a wrong password");
        other.change_user(&tokens[0], id, &json!({"password": second}));
        self.see_stale(&tokens);
        let tokens = self.log_in_on_both(&email, second, first);
        if self.kind.is_strict {
            one.change_user(&tokens[1], id, &json!({"password": third}));
        } else {
            one.reset_password(&tokens[1], third);
        }
        let tokens = self.log_in_on_both(&email, third, second);
        if round.is_multiple_of(2) {
            return Some(User {
                email,
                password: third,
                old_password: second,
            });
        }
        other.delete_user(&tokens[0], id);
        for side in [one, other] {
            assert_eq!(side.log_in(&email, third), None, "{email} on {}", side.name);
            let status = if self.kind.is_strict { 401 } else { 200 };
            let answer = side.answer_to(&tokens[1]);
            assert_eq!(answer.0, status, "{email} on {}: {}", side.name, answer.1);
        }
        None
    }

    /// Checks that both know this password and not the old one; gives a token of each, which both accept.
    ///
    /// Ours comes first: it notices only now what Flask has changed, and takes earlier tokens for stale.
    fn log_in_on_both(&self, email: &str, password: &str, old_password: &str) -> [String; 2] {
        let tokens = [&self.ours, &self.flask].map(|side| {
            assert_eq!(side.log_in(email, old_password), None, "{email} on {}", side.name);
            let token = side.log_in(email, password);
            token.unwrap_or_else(|| panic!("{email} is refused by {}", side.name))
        });
        for token in &tokens {
            for side in [&self.ours, &self.flask] {
                let answer = side.answer_to(token);
                assert_eq!(answer.0, 200, "{email} on {}: {}", side.name, answer.1);
            }
        }
        tokens
    }

    /// Tokens from before a change of the password, which only ours looks at, and only in `safe`.
    fn see_stale(&self, tokens: &[String]) {
        for token in tokens {
            let expected = if self.kind.fidelity == "safe" { 401 } else { 200 };
            assert_eq!(self.ours.answer_to(token).0, expected);
            assert_eq!(self.flask.answer_to(token).0, 200);
        }
    }

    /// Users with hashes of each kind that Flask can write.
    fn old_users_log_in(&self, side: &Side, round: u32) {
        let email = format!("kept{}@example.com", round % 8);
        assert!(side.log_in(&email, THEIRS).is_some(), "{email} on {}", side.name);
        assert_eq!(side.log_in(&email, "wrong"), None, "{email} on {}", side.name);
    }

    fn tags_cross(&self, one: &Side, other: &Side, round: u32) {
        let uid = format!("{} {round} é?", one.name);
        one.add("tags", "tag", &self.root[0], Some(&uid), &json!({"update": "🧀 'x'"}));
        assert_eq!(other.tag(&uid), Some(json!("🧀 'x'")), "{}", other.name);
        other.change_tag(&uid, " \\ ");
        assert_eq!(one.tag(&uid), Some(json!(" \\ ")), "{}", one.name);
        if !round.is_multiple_of(3) {
            other.delete_tag(&uid);
            assert_eq!(one.tag(&uid), None, "{}", one.name);
        }
    }

    fn roles_cross(&self, one: &Side, other: &Side, round: u32) {
        let attributes = json!({"name": format!("{} {round}", one.name)});
        one.add("roles", "roles", &self.root[0], None, &attributes);
        let roles = other.rows("roles", &self.root[1]);
        assert!(
            roles.values().any(|role| *role == attributes),
            "{}: {roles:?}",
            other.name
        );
    }

    /// Both show all rows alike.
    fn compare_lists(&self) {
        for plural in ["users", "roles", "tags"] {
            let [flask, ours] = [&self.flask, &self.ours].map(|side| side.rows(plural, &self.root[0]));
            assert!(flask.len() > 2, "{flask:?}");
            assert_eq!(ours, flask);
        }
    }

    /// Renames through ours what Flask has made, and sets passwords.
    fn change_old_rows(&self) {
        for number in 0..8 {
            let email = format!("changed{number}@example.com");
            let id = self.user_id(&self.root[0], &email);
            let [token, _] = self.log_in_on_both(&email, THEIRS, "wrong");
            let changes = json!({"name": format!("renamed {number}"), "password": format!("of changed{number}")});
            self.ours.change_user(&token, id, &changes);
            self.ours
                .change_tag(&format!("changed{number}"), &format!("renamed {number}"));
        }
    }

    /// Writers wait for each other, in SQLite for the whole file.
    fn many_write(&self) {
        thread::scope(|scope| {
            for writer in 0..4 {
                let side = [&self.flask, &self.ours][writer % 2];
                scope.spawn(move || {
                    for number in 0..10 {
                        let uid = format!("{} {writer} {number}", side.name);
                        side.add("tags", "tag", &self.root[0], Some(&uid), &json!({"update": "new"}));
                        side.change_tag(&uid, "written");
                    }
                });
            }
        });
    }

    fn user_id(&self, token: &str, email: &str) -> i64 {
        let users = self.flask.rows("users", token);
        let user = users.iter().find(|(_, user)| user["email"] == email);
        user.unwrap().0.parse().unwrap()
    }

    /// A day later no token is accepted by either, and new ones are.
    fn see_tokens_expire(&self, clock: &Clock) {
        clock.set(Duration::from_secs(25 * 3600));
        for side in [&self.flask, &self.ours] {
            for token in &self.root {
                let (status, text) = side.answer_to(token);
                assert_eq!(status, 401, "{}: {text}", side.name);
                assert!(text.contains("Token has expired"), "{}: {text}", side.name);
            }
        }
        self.log_in_on_both("kept0@example.com", THEIRS, "wrong");
    }

    /// Flask alone lets everybody in with the passwords that were set last, and changes and deletes rows.
    fn flask_goes_on(&self, users: &[User]) {
        let root = self.flask.log_in("root@example.com", THEIRS).unwrap();
        for user in users {
            assert!(
                self.flask.log_in(&user.email, user.password).is_some(),
                "{}",
                user.email
            );
            assert_eq!(
                self.flask.log_in(&user.email, user.old_password),
                None,
                "{}",
                user.email
            );
            let id = self.user_id(&root, &user.email);
            self.flask.change_user(&root, id, &json!({"name": "Edited"}));
        }
        for number in 0..8 {
            let kept = format!("kept{number}@example.com");
            let changed = format!("changed{number}@example.com");
            let new = format!("of changed{number}");
            assert!(self.flask.log_in(&kept, THEIRS).is_some(), "{kept}");
            assert!(self.flask.log_in(&changed, &new).is_some(), "{changed}");
            assert_eq!(self.flask.log_in(&changed, THEIRS), None, "{changed}");
        }
        let id = self.flask.sign_up("alone@example.com", "a password");
        self.flask.delete_user(&root, id);
    }
}
