//! Who gets an account by signing up is a setting.

use serde_json::{Value, json};

use super::{call, cheap, on_each_engine, refused, run};
use crate::support::{http::Response, server::Server};

const SIGNUP: &str = "/api/v1/signup.json";

fn document(attributes: Value) -> Value {
    json!({"data": {"type": "users", "attributes": attributes}})
}

fn sign_up(server: &Server) -> Response {
    let attributes = json!({"email": "ann@example.com", "name": "Ann", "password": "correct horse", "active": 1});
    call(server, "POST", SIGNUP, None, Some(&document(attributes)))
}

fn login_status(server: &Server) -> u16 {
    let body = document(json!({"email": "ann@example.com", "password": "correct horse"}));
    call(server, "POST", "/api/v1/login.json", None, Some(&body)).status
}

#[test]
fn with_approval_an_administrator_enables_those_who_sign_up() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        for setting in [("SIGNUP", "approval"), ("SIGNUP_APPROVAL", "on")] {
            on_each_engine(|config, dir, url| {
                let config = config.env("FLASK_PROFILE", profile).env(setting.0, setting.1);
                let server = Server::start(&config);
                let context = format!("{url} {profile} {setting:?}");
                assert_eq!(sign_up(&server).status, 201, "{context}");
                assert_eq!(login_status(&server), 401, "{context}");
                run(&config, dir, &["user", "enable", "ann@example.com"], None);
                assert_eq!(login_status(&server), 200, "{context}");
            });
        }
    }
}

#[test]
fn an_open_sign_up_lets_in_at_once() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        for setting in [("SIGNUP", "open"), ("SIGNUP_APPROVAL", "off"), ("LOG", "info")] {
            let server = Server::start(&cheap().env("FLASK_PROFILE", profile).env(setting.0, setting.1));
            assert_eq!(sign_up(&server).status, 201, "{profile} {setting:?}");
            assert_eq!(login_status(&server), 200, "{profile} {setting:?}");
        }
    }
}

#[test]
fn a_closed_sign_up_is_refused_without_signing_anybody_out() {
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        for fidelity in ["safe", "flask"] {
            let config = cheap()
                .env("FLASK_PROFILE", profile)
                .env("FLASK_FIDELITY", fidelity)
                .env("SECRET_KEY", "a test key of at least thirty-two bytes!")
                .env("SIGNUP", "off");
            let server = Server::start(&config);
            let answer = sign_up(&server);
            let expected = json!({"error": "Sign-up is closed. Ask an administrator for an account."});
            assert_eq!(
                (answer.status, answer.json()),
                (403, Some(expected)),
                "{profile} {fidelity}"
            );
            assert_eq!(login_status(&server), 401, "{profile} {fidelity}");
            let page = |path| call(&server, "GET", path, None, None).text().to_owned();
            assert!(page("/signup").contains("Sign-up is closed"), "{profile}");
            assert!(!page("/signup").contains("<form"), "{profile}");
            assert!(!page("/login").contains("/signup"), "{profile}");
        }
    }
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (signup, approval) in [("open", "on"), ("off", "on"), ("approval", "off")] {
        let config = cheap().env("SIGNUP", signup).env("SIGNUP_APPROVAL", approval);
        let text = refused(&config, folder.path(), &["db", "status"], None, 2);
        assert!(text.contains("SIGNUP_APPROVAL"), "{text}");
    }
}
