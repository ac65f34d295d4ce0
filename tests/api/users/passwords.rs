//! Passwords go in and never come out, not even as hashes.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{ANN, PASSWORD, ROLES, Team, USERS, ann_in, attributes, log_in, role, token_of, user};
use crate::{
    api::{call, on_each_engine, refused, take_back_all},
    support::{
        server::Server,
        sql::{query, run_sql},
    },
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

#[test]
fn a_new_password_has_eight_characters_in_safe_and_an_old_one_still_logs_in() {
    let too_short = |least: usize| {
        let detail = format!("Shorter than minimum length {least}.");
        json!({"error": {"errors": [{"detail": detail, "source": {"pointer": "/data/attributes/password"}}]}})
    };
    on_each_engine(|config, dir, url| {
        for profile in ["scaffold-1.0", "scaffold-2.0"] {
            let (team, config) = Team::new(&config.clone().env("LOGIN_THROTTLE", "off"), dir, profile);
            let users = || query(url, "select * from users order by id");
            let before = users();
            let token = reset_token(&team, "ann@example.com");
            for password in ["x", "seven77", "        ", " seven77 ", "\u{200b}\u{200b}seven77"] {
                for (answer, status) in [
                    (team.as_nobody("POST", SIGNUP, Some(&new("self", password))), 403),
                    (team.as_root("POST", USERS, Some(&new("made", password))), 403),
                    (team.as_ann("PATCH", ANN, Some(&change(password))), 401),
                    (team.as_root("PATCH", ANN, Some(&change(password))), 401),
                    (
                        call(&team.server, "PATCH", FORGOT, Some(&token), Some(&change(password))),
                        401,
                    ),
                ] {
                    assert_eq!(
                        (answer.status, answer.json()),
                        (status, Some(too_short(8))),
                        "{url} {profile} {password:?}"
                    );
                }
            }
            assert_eq!(users(), before, "{url} {profile}");
            drop(team);
            let server = |fidelity: &str, least: Option<&str>| {
                let config = config.clone().env("FLASK_FIDELITY", fidelity);
                Server::start(&least.map_or(config.clone(), |least| config.env("MIN_PASSWORD", least)))
            };
            let one = server("flask", None);
            assert_eq!(
                call(&one, "POST", SIGNUP, None, Some(&new("self", "x"))).status,
                201,
                "{url}"
            );
            drop(one);
            let twelve = server("flask", Some("12"));
            let answer = call(&twelve, "POST", SIGNUP, None, Some(&new("other", "eleven-1111")));
            assert_eq!(
                (answer.status, answer.json()),
                (403, Some(too_short(12))),
                "{url} {profile}"
            );
            drop(twelve);
            let safe = server("safe", None);
            if profile == "scaffold-1.0" {
                run_sql(url, "update users set active = 1 where email = 'self@example.com'");
            }
            assert_eq!(
                log_in(&safe, "self@example.com", "x").status,
                200,
                "{url} {profile}: set before"
            );
            drop(safe);
            take_back_all(&config, dir);
        }
    });
}

/// Characters that are not seen, or act.
const HIDDEN: [&str; 30] = [
    " ",
    "\t",
    "\n",
    "\r",
    "\u{1}",
    "\u{1b}",
    "\u{7f}",
    "\u{85}",
    "\u{9b}",
    "\u{a0}",
    "\u{ad}",
    "\u{34f}",
    "\u{61c}",
    "\u{115f}",
    "\u{180e}",
    "\u{200b}",
    "\u{200d}",
    "\u{200e}",
    "\u{202e}",
    "\u{2028}",
    "\u{2060}",
    "\u{2066}",
    "\u{2800}",
    "\u{3000}",
    "\u{3164}",
    "\u{fe0f}",
    "\u{feff}",
    "\u{ffa0}",
    "\u{e0041}",
    "\u{e000}",
];

#[test]
fn an_address_with_what_is_not_seen_is_refused_in_safe() {
    let wrong = json!({"detail": "Not a valid email address.", "source": {"pointer": "/data/attributes/email"}});
    on_each_engine(|config, dir, url| {
        for profile in ["scaffold-1.0", "scaffold-2.0"] {
            let (team, config) = Team::new(&config.clone().env("LOGIN_THROTTLE", "off"), dir, profile);
            let before = query(url, "select * from users order by id");
            let with = |email: &str, name: &str| {
                user(json!({"email": email, "name": name, "password": PASSWORD, "active": 1, "role": "admin"}))
            };
            for hidden in HIDDEN {
                let email = format!("a{hidden}nn@example.com");
                for (answer, status) in [
                    (team.as_nobody("POST", SIGNUP, Some(&with(&email, "self"))), 403),
                    (team.as_root("POST", USERS, Some(&with(&email, "made"))), 403),
                    (
                        team.as_ann("PATCH", ANN, Some(&user(json!({"email": email, "active": 1})))),
                        401,
                    ),
                ] {
                    let expected = json!({"error": {"errors": [wrong]}});
                    assert_eq!(
                        (answer.status, answer.json()),
                        (status, Some(expected)),
                        "{url} {profile} {email:?}"
                    );
                }
                let create = ["user", "create", &email];
                refused(&config, dir, &create, Some("correct horse\n"), 2);
                assert_eq!(
                    team.login_status(&email, PASSWORD),
                    401,
                    "{url} {email:?}: not asked at a login"
                );
            }
            assert_eq!(query(url, "select * from users order by id"), before, "{url} {profile}");
            // All that is wrong is told at once.
            let mut both = with("a\u{200b}@example.com", "self");
            both["data"]["attributes"]["password"] = json!("x");
            let answer = team.as_nobody("POST", SIGNUP, Some(&both)).json().unwrap();
            let errors = answer["error"]["errors"].as_array().unwrap();
            assert_eq!((errors.len(), &errors[0]), (2, &wrong), "{url} {answer}");
            // An old address stays its owner's, who sends it back with every change.
            run_sql(url, "update users set email = 'a nn@example.com' where id = 2");
            let sent_back = user(json!({"email": "a nn@example.com", "name": "Ann", "active": 1}));
            assert_eq!(
                team.as_root("PATCH", ANN, Some(&sent_back)).status,
                200,
                "{url} {profile}"
            );
            assert_eq!(team.login_status("a nn@example.com", PASSWORD), 200, "{url} {profile}");
            for (n, email) in [
                "e\u{301}@example.com",
                "王小明@example.com",
                "אבג@example.com",
                "😀",
                "ann",
            ]
            .iter()
            .enumerate()
            {
                let name = format!("self{n}");
                let answer = team.as_nobody("POST", SIGNUP, Some(&with(email, &name)));
                assert_eq!(answer.status, 201, "{url} {email:?} {}", answer.text());
            }
            drop(team);
            take_back_all(&config, dir);
        }
    });
}
