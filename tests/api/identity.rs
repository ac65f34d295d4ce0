//! Nobody gets another user's rights: not with the id, not with a token from before a change, not in a race.

use std::{
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use hmac::{Hmac, Mac, digest::KeyInit};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{call, on_each_engine, run};
use crate::support::{
    server::{Server, ServerConfig},
    sql::{Engine, query, run_sql},
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

#[test]
fn a_token_is_not_good_for_the_next_user_with_the_id() {
    for profile in PROFILES {
        on_each_engine(|config, dir, url| {
            let beside = Beside::new(&config, profile, url);
            let server = Server::start(&beside.config);
            let context = format!("{url} {profile}");
            let create = |email: &str, admin: bool| {
                let args = ["user", "create", email, "--admin"];
                let args = if admin { &args[..] } else { &args[..3] };
                run(&beside.config, dir, args, Some("correct horse\n"));
                query(url, &format!("select id from users where email = '{email}'"))
                    .parse::<i64>()
                    .unwrap()
            };
            create("root@example.com", true);
            let dead = create("dead@example.com", true);
            let token = login(&server, profile, "dead@example.com", PASSWORD).unwrap();
            assert_eq!(status(&server, profile, &token), 200, "{context}");
            // Deleted through us where there is such a route, by Flask where there is none.
            if profile == "tutorial" {
                run_sql(url, &format!("delete from users where id = {dead}"));
            } else {
                let root = login(&server, profile, "root@example.com", PASSWORD).unwrap();
                assert_eq!(
                    call(&server, "DELETE", &path(dead), Some(&root), None).status,
                    204,
                    "{context}"
                );
            }
            give_again(url, dead);
            assert_eq!(create("heir@example.com", true), dead, "{context}");
            assert_eq!(
                status(&server, profile, &token),
                401,
                "{context}: the dead user's token"
            );
            let heir = login(&server, profile, "heir@example.com", PASSWORD).unwrap();
            assert_eq!(status(&server, profile, &heir), 200, "{context}: the first token");
            assert_eq!(
                status(&server, profile, &token),
                401,
                "{context}: the dead user's token"
            );
        });
    }
}

#[test]
fn a_sign_up_that_gets_the_id_of_a_deleted_user_does_not_get_its_tokens() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        on_each_engine(|config, _, url| {
            let beside = Beside::new(&config, profile, url);
            let server = Server::start(&beside.config);
            beside.add("dead@example.com");
            let token = login(&server, profile, "dead@example.com", "password").unwrap();
            beside.delete();
            give_again(url, USER);
            let new = json!({"email": "heir@example.com", "name": "Heir", "password": PASSWORD, "active": 1});
            if Engine::of(url) == Engine::Sqlite {
                // It gives the id after the greatest.
                beside.add("other@example.com");
                run_sql(url, &format!("update users set id = {} where id = {USER}", USER - 1));
            }
            let answer = call(&server, "POST", "/api/v1/signup.json", None, Some(&user(new)));
            assert_eq!(answer.json().unwrap()["data"]["id"], USER, "{url} {profile}");
            assert_eq!(status(&server, profile, &token), 401, "{url} {profile}");
            let heir = login(&server, profile, "heir@example.com", PASSWORD).unwrap();
            assert_eq!(status(&server, profile, &heir), 200, "{url} {profile}");
        });
    }
}

/// MariaDB's time zone is that of the whole server, which these tests share.
static ZONE: Mutex<()> = Mutex::new(());

/// Gives the database a time zone of its own, `+05:30` or `-05:00`.
fn set_zone(url: &str, zone: &str) -> &'static str {
    let name = if zone == "+05:30" {
        "Asia/Kolkata"
    } else {
        "America/Bogota"
    };
    match Engine::of(url) {
        Engine::Sqlite => "",
        Engine::Postgres => {
            let database = url.rsplit('/').next().unwrap();
            run_sql(url, &format!("alter database {database} set timezone to '{name}'"));
            if zone == "+05:30" {
                "set timezone to 'Asia/Kolkata';"
            } else {
                "set timezone to 'America/Bogota';"
            }
        }
        Engine::MySql => {
            run_sql(url, &format!("set global time_zone = '{zone}'"));
            "set time_zone = @@global.time_zone;"
        }
    }
}

#[test]
fn tokens_from_before_flask_made_the_row_are_void_in_every_time_zone() {
    let _zone = ZONE.lock().unwrap_or_else(PoisonError::into_inner);
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        for zone in ["+05:30", "-05:00"] {
            for column in ["as it is", "timestamp"] {
                on_each_engine(|config, _, url| {
                    let engine = Engine::of(url);
                    if column == "timestamp" && (engine != Engine::MySql || profile == "scaffold-2.0") {
                        return;
                    }
                    let mut beside = Beside::new(&config, profile, url);
                    beside.zone = set_zone(url, zone);
                    if column == "timestamp" {
                        run_sql(
                            url,
                            "alter table users modify creation_time timestamp not null default current_timestamp",
                        );
                    }
                    let context = format!("{url} {profile} {zone} {column}");
                    let server = Server::start(&beside.config);

                    // Seen for the first time: what Flask issued to a user before, and to this one.
                    wait_for_a_second();
                    beside.add("first@example.com");
                    let made = now();
                    assert_eq!(status(&server, profile, &token_at(USER, made - 60)), 401, "{context}");
                    assert_eq!(status(&server, profile, &token_at(USER, made)), 200, "{context}");

                    // Seen, deleted by Flask, and another one under the id.
                    let dead = login(&server, profile, "first@example.com", "password").unwrap();
                    beside.delete();
                    wait_for_a_second();
                    beside.add("heir@example.com");
                    let made = now();
                    assert_eq!(status(&server, profile, &dead), 401, "{context}");
                    assert_eq!(status(&server, profile, &token_at(USER, made - 1)), 401, "{context}");
                    assert_eq!(status(&server, profile, &token_at(USER, made)), 200, "{context}");
                    let heir = login(&server, profile, "heir@example.com", "password").unwrap();
                    assert_eq!(status(&server, profile, &heir), 200, "{context}");
                    assert_eq!(status(&server, profile, &dead), 401, "{context}");

                    // What Python's utcnow wrote in 2.0.
                    if profile == "scaffold-2.0" {
                        beside.delete();
                        wait_for_a_second();
                        beside.zone = "";
                        beside.add("utc@example.com");
                        let made = now();
                        assert_eq!(status(&server, profile, &heir), 401, "{context}");
                        assert_eq!(status(&server, profile, &token_at(USER, made - 1)), 401, "{context}");
                        assert_eq!(status(&server, profile, &token_at(USER, made)), 200, "{context}");
                    }
                    if engine == Engine::MySql {
                        run_sql(url, "set global time_zone = 'SYSTEM'");
                    }
                });
            }
        }
    }
}

#[test]
fn a_creation_time_that_is_null_or_to_come_voids_no_token_and_a_patch_does_not_move_it() {
    let _zone = ZONE.lock().unwrap_or_else(PoisonError::into_inner);
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        on_each_engine(|config, dir, url| {
            let beside = Beside::new(&config, profile, url);
            let context = format!("{url} {profile}");
            let created = if profile == "scaffold-1.0" {
                "'2999-01-01 00:00:00'"
            } else {
                "null"
            };
            run(
                &beside.config,
                dir,
                &["user", "create", "root@example.com", "--admin"],
                Some("correct horse\n"),
            );
            let server = Server::start(&beside.config);
            let root = login(&server, profile, "root@example.com", PASSWORD).unwrap();
            let token = token_at(USER, now() - 60);
            let insert = match profile {
                "scaffold-1.0" => format!(
                    "insert into users (id, email, name, password, active, creation_time)
                     values ({USER}, 'ann@example.com', 'Ann', '{FLASK_HASH}', 1, {created})"
                ),
                _ => format!(
                    "insert into users (id, email, name, password, createddate, createdby, updateddate, updatedby)
                     values ({USER}, 'ann@example.com', 'Ann', '{FLASK_HASH}', {created}, 'x', '2016-01-01 00:00:00', 'x')"
                ),
            };
            run_sql(url, &insert);
            assert_eq!(status(&server, profile, &token), 200, "{context}");
            for moment in ["2001-02-03T04:05:06", "2998-02-03T04:05:06"] {
                let patch = match profile {
                    "scaffold-1.0" => json!({"active": 1, "creation_time": moment}),
                    _ => json!({"createddate": moment}),
                };
                let answer = call(&server, "PATCH", &path(USER), Some(&root), Some(&user(patch)));
                assert_eq!(answer.status, 200, "{context} {}", answer.text());
                assert_eq!(status(&server, profile, &token), 200, "{context}");
            }
        });
    }
}

#[test]
fn a_password_that_is_changed_beside_us_voids_tokens_from_the_first_request_on() {
    for profile in PROFILES {
        on_each_engine(|config, _, url| {
            let context = format!("{url} {profile}");
            let beside = Beside::new(&config.env("PASSWORD_REHASH", "on"), profile, url);
            let server = Server::start(&beside.config);
            beside.add_made_at("ann@example.com", FLASK_HASH, "'2016-01-02 03:04:05'");
            let login = |password| login(&server, profile, "ann@example.com", password);
            let before = login("password").unwrap();
            let stored = query(url, "select password from users");
            assert!(stored.starts_with("$2"), "{context}: {stored}");
            // A better hash of the same password voids nothing.
            assert_eq!(status(&server, profile, &before), 200, "{context}");
            run_sql(url, &format!("update users set password = '{FLASK_HASH}'"));
            assert_eq!(status(&server, profile, &before), 401, "{context}");
            assert_eq!(status(&server, profile, &before), 401, "{context}");
            let after = login("password").unwrap();
            assert_eq!(status(&server, profile, &after), 200, "{context}");
            assert_eq!(status(&server, profile, &before), 401, "{context}");
        });
    }
}

#[test]
fn an_address_that_is_changed_beside_us_voids_tokens_and_keeps_rows() {
    for profile in PROFILES {
        on_each_engine(|config, dir, url| {
            let context = format!("{url} {profile}");
            let beside = Beside::new(&config, profile, url);
            run_sql(
                url,
                "create table notes (id integer primary key, owner_id integer, \
                 foreign key (owner_id) references users (id) on delete set null)",
            );
            let server = Server::start(&beside.config);
            beside.add_made_at("ann@example.com", FLASK_HASH, "'2016-01-02 03:04:05'");
            run(&beside.config, dir, &["user", "grant-admin", "ann@example.com"], None);
            run_sql(url, &format!("insert into notes (id, owner_id) values (1, {USER})"));
            let before = login(&server, profile, "ann@example.com", "password").unwrap();
            run_sql(url, "update users set email = 'moved@example.com'");
            assert_eq!(status(&server, profile, &before), 401, "{context}");
            let after = login(&server, profile, "moved@example.com", "password").unwrap();
            assert_eq!(status(&server, profile, &after), 200, "{context}");
            assert_eq!(query(url, "select owner_id from notes"), USER.to_string(), "{context}");
            // The creation time tells that it is the same administrator; the tutorial has none.
            let listed = run(&beside.config, dir, &["user", "list"], None);
            let is_admin = listed.contains("yes       yes");
            assert_eq!(is_admin, profile != "tutorial", "{context} {listed}");
        });
    }
}

#[test]
fn rows_of_a_user_whom_flask_deleted_do_not_fall_to_the_next_one() {
    for profile in PROFILES {
        on_each_engine(|config, dir, url| {
            let context = format!("{url} {profile}");
            let beside = Beside::new(&config, profile, url);
            run_sql(
                url,
                "create table notes (id integer primary key, owner_id integer, \
                 foreign key (owner_id) references users (id) on delete set null)",
            );
            let server = Server::start(&beside.config);
            beside.add_made_at("ann@example.com", FLASK_HASH, "'2016-01-02 03:04:05'");
            run(&beside.config, dir, &["user", "grant-admin", "ann@example.com"], None);
            run_sql(url, &format!("insert into notes (id, owner_id) values (1, {USER})"));
            assert!(
                login(&server, profile, "ann@example.com", "password").is_some(),
                "{context}"
            );
            beside.delete();
            beside.add_with_other_hash("heir@example.com");
            wait_for_a_second();
            status(&server, profile, &token_at(USER, now()));
            assert_eq!(query(url, "select owner_id from notes"), "NULL", "{context}");
            let listed = run(&beside.config, dir, &["user", "list"], None);
            assert!(!listed.contains("yes       yes"), "{context} {listed}");
        });
    }
}

#[test]
fn even_where_old_tokens_are_good_nobody_inherits_an_administrators_mark() {
    on_each_engine(|config, dir, url| {
        let config = config.env("FLASK_FIDELITY", "flask").env("USER_WRITES", "owner");
        let beside = Beside::new(&config, "scaffold-2.0", url);
        let server = Server::start(&beside.config);
        beside.add("ann@example.com");
        run(&beside.config, dir, &["user", "grant-admin", "ann@example.com"], None);
        let token = login(&server, "scaffold-2.0", "ann@example.com", "password").unwrap();
        let new =
            |name: &str| user(json!({"email": format!("{name}@example.com"), "name": name, "password": PASSWORD}));
        let create = |name: &str| call(&server, "POST", "/api/v1/users.json", Some(&token), Some(&new(name))).status;
        assert_eq!(create("one"), 201, "{url}");
        beside.delete();
        wait_for_a_second();
        beside.add("heir@example.com");
        assert_eq!(status(&server, "scaffold-2.0", &token), 200, "{url}");
        assert_eq!(create("two"), 401, "{url}");
    });
}

/// What happens to ann while she logs in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meanwhile {
    PasswordByUs,
    PasswordByFlask,
    PatchByUs,
    Reset,
    DisabledAndEnabled,
    DeletedAndMadeAgain,
}

#[test]
fn a_login_that_began_before_a_change_leaves_no_token_that_outlives_it() {
    let all = [
        Meanwhile::PasswordByUs,
        Meanwhile::PasswordByFlask,
        Meanwhile::PatchByUs,
        Meanwhile::Reset,
        Meanwhile::DisabledAndEnabled,
        Meanwhile::DeletedAndMadeAgain,
    ];
    on_each_engine(|config, dir, url| {
        let profile = "scaffold-1.0";
        let beside = Beside::new(&config, profile, url);
        let dear = beside.config.clone().env("BCRYPT_COST", "13");
        run(
            &beside.config,
            dir,
            &["user", "create", "root@example.com", "--admin"],
            Some("correct horse\n"),
        );
        let server = Server::start(&beside.config);
        let root = login(&server, profile, "root@example.com", PASSWORD).unwrap();
        for (number, meanwhile) in all.into_iter().enumerate() {
            let context = format!("{url} {meanwhile:?}");
            let email = format!("ann{number}@example.com");
            run(&dear, dir, &["user", "create", &email], Some("correct horse\n"));
            let id: i64 = query(url, &format!("select id from users where email = '{email}'"))
                .parse()
                .unwrap();
            let reset = (meanwhile == Meanwhile::Reset).then(|| {
                let asked = user(json!({"email": email}));
                assert_eq!(
                    call(&server, "POST", "/api/v1/forgotpassword", None, Some(&asked)).status,
                    201
                );
                printed_reset(&server)
            });
            let before = token_at(id, now());
            let token = thread::scope(|scope| {
                let login = scope.spawn(|| login(&server, profile, &email, PASSWORD));
                thread::sleep(Duration::from_millis(250));
                assert!(!login.is_finished(), "{context}: the hash is not dear enough");
                match meanwhile {
                    Meanwhile::PasswordByUs => {
                        run(
                            &beside.config,
                            dir,
                            &["user", "passwd", &email],
                            Some("battery staple\n"),
                        );
                    }
                    Meanwhile::PasswordByFlask => {
                        run_sql(
                            url,
                            &format!("update users set password = '{FLASK_HASH}' where id = {id}"),
                        );
                    }
                    Meanwhile::PatchByUs => {
                        let patch = user(json!({"active": 1, "password": "battery staple"}));
                        assert_eq!(call(&server, "PATCH", &path(id), Some(&root), Some(&patch)).status, 200);
                    }
                    Meanwhile::Reset => {
                        let new = user(json!({"password": "battery staple"}));
                        let answer = call(&server, "PATCH", "/api/v1/forgotpassword", reset.as_deref(), Some(&new));
                        assert_eq!(answer.status, 200, "{context} {}", answer.text());
                    }
                    Meanwhile::DisabledAndEnabled => {
                        for active in [0, 1] {
                            let patch = user(json!({"active": active}));
                            assert_eq!(call(&server, "PATCH", &path(id), Some(&root), Some(&patch)).status, 200);
                        }
                    }
                    Meanwhile::DeletedAndMadeAgain => {
                        assert_eq!(call(&server, "DELETE", &path(id), Some(&root), None).status, 204);
                        give_again(url, id);
                        run(
                            &beside.config,
                            dir,
                            &["user", "create", &email],
                            Some("correct horse\n"),
                        );
                    }
                }
                login.join().unwrap()
            });
            let is_good = token
                .as_deref()
                .is_some_and(|token| status(&server, profile, token) == 200);
            // Who was enabled again has the same password, and the tokens from before.
            let is_same = meanwhile == Meanwhile::DisabledAndEnabled;
            assert_eq!(is_good, is_same, "{context}");
            let expected = if is_same { 200 } else { 401 };
            assert_eq!(status(&server, profile, &before), expected, "{context}: older tokens");
        }
    });
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

#[test]
fn a_reset_link_dies_with_a_change_of_the_address() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        for by_us in [true, false] {
            on_each_engine(|config, _, url| {
                let context = format!("{url} {profile} {by_us}");
                let beside = Beside::new(&config, profile, url);
                let server = Server::start(&beside.config);
                beside.add_made_at("ann@example.com", FLASK_HASH, "'2016-01-02 03:04:05'");
                let ann = login(&server, profile, "ann@example.com", "password").unwrap();
                let asked = user(json!({"email": "ann@example.com"}));
                assert_eq!(
                    call(&server, "POST", "/api/v1/forgotpassword", None, Some(&asked)).status,
                    201
                );
                let reset = printed_reset(&server);
                if by_us {
                    let patch = user(json!({"email": "moved@example.com", "active": 1}));
                    assert_eq!(
                        call(&server, "PATCH", &path(USER), Some(&ann), Some(&patch)).status,
                        200,
                        "{context}"
                    );
                    assert_eq!(
                        status(&server, profile, &ann),
                        200,
                        "{context}: the user stays signed in"
                    );
                } else {
                    run_sql(url, "update users set email = 'moved@example.com'");
                }
                let new = user(json!({"password": "battery staple"}));
                let answer = call(&server, "PATCH", "/api/v1/forgotpassword", Some(&reset), Some(&new));
                assert_eq!(answer.status, 401, "{context}");
                assert!(
                    login(&server, profile, "moved@example.com", "password").is_some(),
                    "{context}"
                );
            });
        }
    }
}
