//! Nobody gets another user's rights: not with the id, not with a token from before a change, not in a race.

mod changes;
mod creation;
mod heirs;
mod race;

use std::{
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{call, run};
use crate::support::{
    server::{Server, ServerConfig},
    sql::{Engine, run_sql},
};

const KEY: &str = "a test key of at least thirty-two bytes!";
const PROFILES: [&str; 3] = ["tutorial", "scaffold-1.0", "scaffold-2.0"];
const PASSWORD: &str = "correct horse";
/// A hash of the password `password`, as the originals made it.
const FLASK_HASH: &str = "pbkdf2:sha1:1000$sjMORXnt$517f76f98b4c7e10dd84574eb352fc830cc1a123";
const USER: i64 = 5;

fn now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

/// Waits until a second begins, so that what follows is within it.
fn wait_for_a_second() {
    let begun = now();
    while now() == begun {
        thread::sleep(Duration::from_millis(5));
    }
}

/// A token that Flask issued at `iat`.
fn token_at(id: i64, iat: i64) -> String {
    let claims = json!({"sub": id, "iat": iat, "exp": now() + 3600});
    let signed = format!(
        "{}.{}",
        BASE64URL.encode(r#"{"typ":"JWT","alg":"HS256"}"#),
        BASE64URL.encode(claims.to_string())
    );
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64URL.encode(mac.finalize().into_bytes()))
}

/// A Flask app's tables of this profile, on which Flask works beside us.
struct Beside<'a> {
    profile: &'a str,
    url: &'a str,
    config: ServerConfig,
    /// Statements that give a session the time zone that Flask's has.
    zone: &'static str,
}

impl<'a> Beside<'a> {
    fn new(config: &ServerConfig, profile: &'a str, url: &'a str) -> Self {
        let app = match profile {
            "tutorial" => "T",
            "scaffold-1.0" => "S1",
            _ => "S2",
        };
        let engine = match Engine::of(url) {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
            Engine::MySql => "mysql",
        };
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity/schema");
        let mut schema = std::fs::read_to_string(format!("{folder}/{app}.{engine}.sql")).unwrap();
        if (app, engine) == ("T", "postgres") {
            // That file is a dump of many statements.
            schema = "CREATE TABLE users (id serial primary key, email varchar(250) not null unique, \
                      name varchar(250) not null, password varchar(250) not null, \
                      is_enabled boolean not null default false);\n"
                .to_owned();
        }
        let users = schema.split(";\n").filter(|statement| {
            ["TABLE users", "TABLE roles"]
                .iter()
                .any(|table| statement.contains(table))
        });
        run_sql(url, &users.collect::<Vec<_>>().join(";\n"));
        let config = config.clone().env("FLASK_PROFILE", profile).env("SECRET_KEY", KEY);
        Self {
            profile,
            url,
            config,
            zone: "",
        }
    }

    /// Starts a server; gives it Ann, an administrator whom Flask made, and a row that is hers in a table of the team's.
    fn serve_with_a_note(&self, dir: &Path) -> Server {
        run_sql(
            self.url,
            "create table notes (id integer primary key, owner_id integer, \
             foreign key (owner_id) references users (id) on delete set null)",
        );
        let server = Server::start(&self.config);
        self.add_made_at("ann@example.com", FLASK_HASH, "'2016-01-02 03:04:05'");
        run(&self.config, dir, &["user", "grant-admin", "ann@example.com"], None);
        run_sql(
            self.url,
            &format!("insert into notes (id, owner_id) values (1, {USER})"),
        );
        server
    }

    /// Has Flask delete the user, which on SQLite heeds no foreign keys.
    fn delete(&self) {
        let heedless = match Engine::of(self.url) {
            Engine::Sqlite => "pragma foreign_keys = off; ",
            _ => "",
        };
        run_sql(self.url, &format!("{heedless}delete from users where id = {USER}"));
    }

    /// Has Flask add the user, made at the SQL expression `created`.
    fn add_made_at(&self, email: &str, hash: &str, created: &str) {
        let insert = match self.profile {
            "tutorial" => format!(
                "insert into users (id, email, name, password, is_enabled) values ({USER}, '{email}', '{email}', '{hash}', true)"
            ),
            "scaffold-1.0" => format!(
                "insert into users (id, email, name, password, active, creation_time)
                 values ({USER}, '{email}', '{email}', '{hash}', 1, {created})"
            ),
            _ => format!(
                "insert into users (id, email, name, password, createddate, createdby, updateddate, updatedby)
                 values ({USER}, '{email}', '{email}', '{hash}', {created}, 'x', {created}, 'x')"
            ),
        };
        run_sql(self.url, &format!("{} {insert}", self.zone));
    }

    fn add(&self, email: &str) {
        self.add_made_at(email, FLASK_HASH, "current_timestamp");
    }

    /// As [`Beside::add`], with another password.
    fn add_with_other_hash(&self, email: &str) {
        let other = FLASK_HASH.replace("1000", "1001");
        self.add_made_at(email, &other, "current_timestamp");
    }
}

fn login(server: &Server, profile: &str, email: &str, password: &str) -> Option<String> {
    let credentials = json!({"email": email, "password": password});
    let answer = if profile == "scaffold-2.0" {
        let body = json!({"data": {"type": "users", "attributes": credentials}});
        call(server, "POST", "/api/v1/login.json", None, Some(&body))
    } else {
        call(server, "POST", "/api/login", None, Some(&credentials))
    };
    let answer = (answer.status == 200).then(|| answer.json().unwrap())?;
    Some(answer["token"].as_str().unwrap().to_owned())
}

fn list_path(profile: &str) -> &'static str {
    if profile == "tutorial" {
        "/api/users"
    } else {
        "/api/v1/users.json"
    }
}

fn status(server: &Server, profile: &str, token: &str) -> u16 {
    call(server, "GET", list_path(profile), Some(token), None).status
}

fn user(attributes: Value) -> Value {
    json!({"data": {"type": "users", "attributes": attributes}})
}

fn path(id: i64) -> String {
    format!("/api/v1/users/{id}.json")
}

/// Has the database give the id to the next user.
fn give_again(url: &str, id: i64) {
    match Engine::of(url) {
        // Flask's tables have no autoincrement.
        Engine::Sqlite => {}
        Engine::Postgres => run_sql(url, &format!("select setval('users_id_seq', {}, false)", id)),
        Engine::MySql => run_sql(url, &format!("alter table users auto_increment = {id}")),
    }
}

/// The token of the newest link that the server has printed for want of a mail server.
fn printed_reset(server: &Server) -> String {
    const LINK: &str = "/#/forgotpassword/";
    for _ in 0..1000 {
        let output = server.output();
        if let Some((token, _)) = output
            .rsplit(LINK)
            .next()
            .filter(|_| output.contains(LINK))
            .and_then(|rest| rest.split_once('\n'))
        {
            return token.to_owned();
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("no mail was printed:\n{}", server.output());
}
