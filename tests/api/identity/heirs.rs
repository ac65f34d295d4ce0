//! Who gets the id of a deleted user gets neither its tokens nor its rows nor its rights.

use serde_json::json;

use super::{
    Beside, PASSWORD, PROFILES, USER, give_again, login, now, path, status, token_at, user, wait_for_a_second,
};
use crate::{
    api::{call, on_each_engine, run},
    support::{
        server::Server,
        sql::{Engine, query, run_sql},
    },
};

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

#[test]
fn rows_of_a_user_whom_flask_deleted_do_not_fall_to_the_next_one() {
    for profile in PROFILES {
        on_each_engine(|config, dir, url| {
            let context = format!("{url} {profile}");
            let beside = Beside::new(&config, profile, url);
            let server = beside.serve_with_a_note(dir);
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
