//! Passwords go in and never come out, not even as hashes.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{ANN, PASSWORD, ROLES, Team, USERS, ann_in, attributes, log_in, role, token_of, user};
use crate::{
    api::{call, on_each_engine, refused, take_back_all},
    support::sql::{query, run_sql},
};

const SIGNUP: &str = "/api/v1/signup.json";
const FORGOT: &str = "/api/v1/forgotpassword";
const PLACEHOLDER: &str = "********";

/// Makes ann an editor, because the edit form of 1.0 cannot be saved without a role.
fn make_ann_an_editor(team: &Team) {
    let (editor, give) = (role(json!({"name": "editor"})), json!({"active": 1, "role": "editor"}));
    assert_eq!(team.as_root("POST", ROLES, Some(&editor)).status, 201);
    assert_eq!(team.as_root("PATCH", ANN, Some(&user(give))).status, 200);
}

/// A user to be added; what a profile does not know is ignored.
fn new(name: &str, password: &str) -> Value {
    let email = format!("{name}@example.com");
    user(json!({"email": email, "name": name, "password": password, "active": 1, "role": "admin"}))
}

/// A change of the password alone, with what 1.0 wants beside it.
fn change(password: &str) -> Value {
    user(json!({"password": password, "active": 1}))
}

/// Asks for a reset and takes the token from the mail, which is printed where there is no mail server.
fn reset_token(team: &Team, email: &str) -> String {
    const LINK: &str = "/#/forgotpassword/";
    let printed = team.server.output().matches(LINK).count();
    let asked = team.as_nobody("POST", FORGOT, Some(&user(json!({"email": email}))));
    assert_eq!(asked.status, 201, "{}", asked.text());
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let output = team.server.output();
        // The line is complete once another follows.
        let links: Vec<&str> = output.split(LINK).skip(printed + 1).collect();
        if let Some((token, _)) = links.first().and_then(|rest| rest.split_once('\n')) {
            return token.to_owned();
        }
        assert!(Instant::now() < deadline, "no mail was printed:\n{output}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn no_answer_shows_a_password_or_its_hash() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-1.0");
        for (answer, users) in [
            (team.as_nobody("POST", SIGNUP, Some(&new("self", PASSWORD))), 1),
            (team.as_root("POST", USERS, Some(&new("made", PASSWORD))), 1),
            (team.as_root("PATCH", ANN, Some(&change("battery staple"))), 1),
            (team.as_root("GET", ANN, None), 1),
            (team.as_root("GET", USERS, None), 4),
            (team.as_root("GET", "/api/users", None), 0),
        ] {
            let text = answer.text();
            assert!([200, 201].contains(&answer.status), "{url} {text}");
            assert_eq!(text.matches(PLACEHOLDER).count(), users, "{url} {text}");
            for hash in query(url, "select password from users").lines() {
                assert!(hash.starts_with("$2") && !text.contains(hash), "{url} {text}");
            }
            for part in ["$2", "pbkdf2", PASSWORD, "battery staple"] {
                assert!(!text.contains(part), "{url} {text}");
            }
        }
    });
}

#[test]
fn a_document_that_is_sent_back_whole_changes_nothing() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-1.0");
        make_ann_an_editor(&team);
        // Tenths of a second, because some text forms of a time cut their zeros off.
        run_sql(
            url,
            "update users set creation_time = '2016-06-30 23:59:59.100000' where id = 2",
        );
        let before = ann_in(url);
        for token in [&team.ann, &team.root] {
            let shown = call(&team.server, "GET", ANN, Some(token), None).json().unwrap();
            let members = &shown["data"]["attributes"];
            assert!(
                members["creation_time"].is_string() && members["password"] == PLACEHOLDER,
                "{url} {shown}"
            );
            assert!(
                shown["data"]["id"].is_i64() && shown["links"].is_object(),
                "{url} {shown}"
            );
            let answer = call(&team.server, "PATCH", ANN, Some(token), Some(&shown));
            assert_eq!((answer.status, answer.json()), (200, Some(shown)), "{url}");
            assert_eq!(ann_in(url), before, "{url}");
        }
        assert_eq!(team.login_status("ann@example.com", PASSWORD), 200, "{url}");
        assert_eq!(
            team.as_ann("GET", ANN, None).status,
            200,
            "{url}: the token is still good"
        );
    });
}

#[test]
fn a_patch_sets_passwords_but_no_hashes() {
    on_each_engine(|config, dir, url| {
        let (team, _) = Team::new(&config, dir, "scaffold-1.0");
        let before = ann_in(url);
        let stored = || query(url, "select password from users where id = 2");
        assert_eq!(team.as_ann("PATCH", ANN, Some(&change(&stored()))).status, 200, "{url}");
        for shape in [
            "pbkdf2:sha256:1000$salt$00ff",
            "plain$$sesame",
            "$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
        ] {
            for token in [&team.ann, &team.root] {
                let answer = call(&team.server, "PATCH", ANN, Some(token), Some(&change(shape)));
                assert_eq!(answer.status, 401, "{url} {shape} {}", answer.text());
                assert!(
                    answer.text().contains("/data/attributes/password"),
                    "{url} {}",
                    answer.text()
                );
            }
        }
        assert_eq!(ann_in(url), before, "{url}");
        assert_eq!(team.login_status("ann@example.com", PASSWORD), 200, "{url}");

        assert_eq!(
            team.as_ann("PATCH", ANN, Some(&change("battery staple"))).status,
            200,
            "{url}"
        );
        assert!(stored().starts_with("$2"), "{url} {}", stored());
        assert_eq!(team.login_status("ann@example.com", PASSWORD), 401, "{url}");
        assert_eq!(team.as_ann("GET", ANN, None).status, 401, "{url}: a token from before");
        let token = token_of(&log_in(&team.server, "ann@example.com", "battery staple"));
        assert_eq!(call(&team.server, "GET", ANN, Some(&token), None).status, 200, "{url}");
    });
}

#[test]
fn nobody_can_have_the_placeholder_as_password() {
    on_each_engine(|config, dir, url| {
        for profile in ["scaffold-1.0", "scaffold-2.0"] {
            let (team, config) = Team::new(&config, dir, profile);
            let before = query(url, "select * from users order by id");
            let placed = new("new", PLACEHOLDER);
            assert_eq!(
                team.as_root("POST", USERS, Some(&placed)).status,
                403,
                "{url} {profile}"
            );
            assert_eq!(
                team.as_nobody("POST", SIGNUP, Some(&placed)).status,
                403,
                "{url} {profile}"
            );
            let passwd = ["user", "passwd", "ann@example.com"];
            let text = refused(&config, dir, &passwd, Some("********\n"), 2);
            assert!(text.contains("unchanged password"), "{url} {text}");
            let token = reset_token(&team, "ann@example.com");
            let reset = |password: &str| call(&team.server, "PATCH", FORGOT, Some(&token), Some(&change(password)));
            assert_eq!(reset(PLACEHOLDER).status, 401, "{url} {profile}");
            assert_eq!(query(url, "select * from users order by id"), before, "{url} {profile}");
            // What was refused has not used the token up; what is done has.
            assert_eq!(reset("battery staple").status, 200, "{url} {profile}");
            assert_eq!(reset("hunter22").status, 401, "{url} {profile}");
            assert_eq!(
                team.login_status("ann@example.com", "battery staple"),
                200,
                "{url} {profile}"
            );
            drop(team);
            take_back_all(&config, dir);
        }
    });
}

#[test]
fn a_password_that_bcrypt_would_cut_off_is_refused_and_pbkdf2_takes_it() {
    let (longest, longer) = ("é".repeat(36), format!("{}x", "é".repeat(36)));
    on_each_engine(|config, dir, url| {
        for profile in ["scaffold-1.0", "scaffold-2.0"] {
            for (fidelity, [post, patch, signup]) in [("safe", [403, 401, 403]), ("flask", [201, 200, 201])] {
                let (team, config) = Team::new(&config.clone().env("FLASK_FIDELITY", fidelity), dir, profile);
                for (answer, expected) in [
                    (team.as_root("POST", USERS, Some(&new("made", &longer))), post),
                    (team.as_root("PATCH", ANN, Some(&change(&longer))), patch),
                    (team.as_nobody("POST", SIGNUP, Some(&new("self", &longer))), signup),
                ] {
                    let text = answer.text();
                    assert_eq!(answer.status, expected, "{url} {profile} {fidelity} {text}");
                    assert!(fidelity == "flask" || text.contains("72"), "{url} {profile} {text}");
                }
                let logins = |password: &str| {
                    ["made", "ann", "self"].map(|name| team.login_status(&format!("{name}@example.com"), password))
                };
                if fidelity == "safe" {
                    assert_eq!(logins(&longer), [401, 401, 401], "{url} {profile}");
                    attributes(&team.as_root("PATCH", ANN, Some(&change(&longest))));
                    assert_eq!(logins(&longest), [401, 200, 401], "{url} {profile}");
                } else {
                    assert_eq!(logins(&longer), [200, 200, 200], "{url} {profile}");
                    assert_eq!(logins(&longest), [401, 401, 401], "{url} {profile}");
                }
                drop(team);
                take_back_all(&config, dir);
            }
        }
    });
}
