//! A password or an address that is changed voids what was issued before.

use serde_json::json;

use super::{Beside, FLASK_HASH, PROFILES, USER, login, path, printed_reset, status, user};
use crate::{
    api::{call, on_each_engine, run},
    support::{
        server::Server,
        sql::{query, run_sql},
    },
};

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
            let server = beside.serve_with_a_note(dir);
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
