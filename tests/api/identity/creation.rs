//! Tokens from before a row was made are void, in every time zone of the database.

use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::{Beside, FLASK_HASH, PASSWORD, USER, login, now, path, status, token_at, user, wait_for_a_second};
use crate::{
    api::{call, on_each_engine, run},
    support::{
        server::Server,
        sql::{Engine, run_sql},
    },
};

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
