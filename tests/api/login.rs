//! Logging in as Flask-Scaffold's clients do: a document in, a token with the user's role out.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{call, list_status, on_each_engine, run};
use crate::support::server::Server;

const PASSWORD: &str = "correct horse\n";

fn document(attributes: &Value) -> Value {
    json!({"data": {"type": "users", "attributes": attributes}})
}

fn log_in(server: &Server, body: &Value) -> (u16, Value) {
    let answer = call(server, "POST", "/api/v1/login.json", None, Some(body));
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    (answer.status, answer.json().unwrap())
}

#[test]
fn a_document_logs_in_and_the_token_tells_the_role() {
    on_each_engine(|config, dir, url| {
        run(
            &config,
            dir,
            &["user", "create", "root@example.com", "--admin"],
            Some(PASSWORD),
        );
        run(&config, dir, &["user", "create", "ann@example.com"], Some(PASSWORD));
        let server = Server::start(&config);
        for (email, scope) in [("root@example.com", json!("admin")), ("ann@example.com", Value::Null)] {
            let attributes = json!({"email": email, "password": "correct horse", "remember": true});
            for body in [
                document(&attributes),
                json!({"data": {"type": "x", "attributes": attributes}}),
                json!({"data": {"attributes": attributes}}),
            ] {
                let (status, answer) = log_in(&server, &body);
                assert_eq!(status, 200, "{url} {answer}");
                let token = answer["token"].as_str().unwrap();
                let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
                let claims: Value = serde_json::from_slice(&payload).unwrap();
                assert_eq!(claims["scope"], scope, "{url}");
                assert_eq!(
                    claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
                    86_400
                );
                assert_eq!(list_status(&server, token), 200, "{url}");
            }
        }
        for attributes in [
            json!({"email": "ann@example.com", "password": "wrong"}),
            json!({"email": "ANN@example.com", "password": "correct horse"}),
            json!({"email": null, "password": "correct horse"}),
            json!({"email": "a\u{0}", "password": "x"}),
        ] {
            let (status, answer) = log_in(&server, &document(&attributes));
            assert_eq!(
                (status, answer),
                (401, json!({"message": "invalid username/password"})),
                "{url} {attributes}"
            );
        }
        for body in [
            json!({"email": "ann@example.com", "password": "x"}),
            json!({"data": null}),
            json!({"data": []}),
            json!([]),
            json!(null),
            json!("x"),
            json!({"data": {"attributes": {"email": "x"}}}),
            json!({"data": {"attributes": 5}}),
            document(&json!({"email": 5, "password": "x"})),
        ] {
            let (status, answer) = log_in(&server, &body);
            assert!(
                status == 400 && answer["message"].is_string(),
                "{url} {body}: {status} {answer}"
            );
        }
    });
}
