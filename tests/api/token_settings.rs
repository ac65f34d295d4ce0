//! The settings of a Flask app's tokens: what contradicts itself, whom tokens name, and a team's own texts.

use std::fs;

use serde_json::{Value, json};

use super::{call, cheap, log_in, on_each_engine, refused, run, stale_tokens, token};
use crate::support::{
    http::{Response, send},
    server::{Server, ServerConfig},
    sql::run_sql,
};

const KEY: &str = "a test key of at least thirty-two bytes!";
const PASSWORD: &str = "correct horse\n";
const LIST: &str = "/api/v1/users.json";

fn with(settings: &[(&str, &str)]) -> ServerConfig {
    let config = cheap().env("SECRET_KEY", KEY);
    settings
        .iter()
        .fold(config, |config, (name, value)| config.env(name, value))
}

/// Settings and a part of what is said of them.
type Refused = (&'static [(&'static str, &'static str)], &'static str);

const CONTRADICTIONS: [Refused; 20] = [
    (
        &[("TOKEN_DIALECT", "flask-login")],
        "TOKEN_DIALECT in the environment: expected own, pyjwt, flask-jwt, flask-jwt-extended-3, flask-jwt-extended-4",
    ),
    (
        &[("TOKEN_DIALECT", "pyjwt"), ("JWT_IDENTITY_CLAIM", "jti")],
        "JWT_IDENTITY_CLAIM in the environment: the claims exp, iat,",
    ),
    (
        &[("TOKEN_IDENTITY", "email")],
        "TOKEN_IDENTITY in the environment has no effect without TOKEN_DIALECT",
    ),
    (
        &[
            ("TOKEN_DIALECT", "pyjwt"),
            ("JWT_HEADER_TYPE", "JWT"),
            ("JWT_AUTH_HEADER_PREFIX", "Bearer"),
        ],
        "JWT_HEADER_TYPE in the environment and JWT_AUTH_HEADER_PREFIX in the environment contradict each other",
    ),
    (
        &[("TOKEN_DIALECT", "flask-jwt"), ("JWT_HEADER_TYPE", "none")],
        "JWT_HEADER_TYPE in the environment: Flask-JWT needs a word before the token",
    ),
    (
        &[("TOKEN_DIALECT", "pyjwt"), ("JWT_HEADER_TYPE", "two words")],
        "expected one word, or none",
    ),
    (
        &[("TOKEN_DIALECT", "pyjwt"), ("JWT_HEADER_NAME", "no header")],
        "JWT_HEADER_NAME in the environment: expected the name of a header",
    ),
    (
        &[("TOKEN_DIALECT", "pyjwt"), ("JWT_TOKEN_LOCATION", "headers,json")],
        "JWT_TOKEN_LOCATION in the environment: the second entry is not a place that tokens are read from: expected \
             headers, query_string or cookies",
    ),
    (
        &[
            ("TOKEN_DIALECT", "pyjwt"),
            ("JWT_TOKEN_LOCATION", "cookies"),
            ("JWT_ACCESS_COOKIE_NAME", "no cookie"),
        ],
        "JWT_ACCESS_COOKIE_NAME in the environment: expected the name of a cookie",
    ),
    (
        &[("TOKEN_DIALECT", "pyjwt"), ("JWT_QUERY_STRING_NAME", "token")],
        "JWT_QUERY_STRING_NAME in the environment has no effect: tokens are not read from there. Add query_string to \
             JWT_TOKEN_LOCATION",
    ),
    (
        &[("TOKEN_DIALECT", "pyjwt"), ("TOKEN_KEY_SETTING", "API_SALT")],
        "TOKEN_KEY_SETTING in the environment: the setting that it names is not set",
    ),
    (
        &[
            ("TOKEN_DIALECT", "pyjwt"),
            ("TOKEN_KEY_SETTING", "API_SALT"),
            ("API_SALT", "SOME SECRET"),
        ],
        "API_SALT in the environment",
    ),
    (
        &[
            ("TOKEN_DIALECT", "pyjwt"),
            ("JWT_SECRET_KEY", KEY),
            ("TOKEN_KEY_SETTING", "SECRET_KEY"),
        ],
        "JWT_SECRET_KEY in the environment and TOKEN_KEY_SETTING in the environment contradict each other",
    ),
    (
        &[("TOKEN_DIALECT", "flask-jwt-extended-4"), ("TOKEN_SUB", "integer")],
        "TOKEN_SUB=integer and JWT_VERIFY_SUB=true contradict each other",
    ),
    (
        &[
            ("TOKEN_DIALECT", "flask-jwt-extended-4"),
            ("TOKEN_IDENTITY", "email"),
            ("TOKEN_SUB", "text"),
        ],
        "TOKEN_SUB has no effect with TOKEN_IDENTITY=email",
    ),
    (
        &[("TOKEN_DIALECT", "flask-jwt"), ("JWT_ERROR_MESSAGE_KEY", "msg")],
        "JWT_ERROR_MESSAGE_KEY has no effect with TOKEN_DIALECT=flask-jwt",
    ),
    (
        &[("TOKEN_DIALECT", "flask-jwt-extended-3"), ("JWT_VERIFY_SUB", "True")],
        "JWT_VERIFY_SUB=true needs PyJWT 2",
    ),
    (
        &[("TOKEN_DIALECT", "flask-jwt-extended-4"), ("JWT_ALGORITHM", "HS512")],
        "JWT_ALGORITHM in the environment is not supported",
    ),
    (
        &[
            ("TOKEN_DIALECT", "flask-jwt-extended-4"),
            ("JWT_COOKIE_CSRF_PROTECT", "False"),
        ],
        "JWT_COOKIE_CSRF_PROTECT in the environment is not supported",
    ),
    (
        &[("TOKEN_DIALECT", "flask-jwt-extended-4"), ("JWT_DECODE_LEEWAY", "soon")],
        "JWT_DECODE_LEEWAY in the environment: expected a whole number",
    ),
];

#[test]
fn settings_that_contradict_each_other_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, said) in CONTRADICTIONS {
        let message = refused(&with(settings), folder.path(), &["user", "list"], None, 2);
        assert!(message.contains(said), "{settings:?}: {message}");
        for hidden in ["SOME SECRET", KEY, "two words", "no header", "no cookie", "json"] {
            assert!(!message.contains(hidden), "{message}");
        }
    }
}

#[test]
fn a_key_is_never_made_up_for_the_tokens_of_a_flask_app() {
    let folder = tempfile::tempdir().unwrap();
    let config = cheap().env("TOKEN_DIALECT", "flask-jwt-extended-4");
    let message = refused(&config, folder.path(), &["serve", "--port", "0"], None, 2);
    assert!(
        message.contains("neither JWT_SECRET_KEY nor SECRET_KEY is set: TOKEN_DIALECT=flask-jwt-extended-4 requires"),
        "{message}"
    );
    assert!(!folder.path().join(".env").exists());
}

#[test]
fn settings_of_the_packages_that_do_nothing_are_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, named) in [
        (&[("JWT_HEADER_TYPE", "JWT")][..], "JWT_HEADER_TYPE has no effect here"),
        (
            &[
                ("TOKEN_DIALECT", "flask-jwt-extended-4"),
                ("JWT_REFRESH_TOKEN_EXPIRES", "900"),
            ],
            "JWT_REFRESH_TOKEN_EXPIRES has no effect here",
        ),
        (
            &[
                ("TOKEN_DIALECT", "flask-jwt-extended-4"),
                ("JWT_TOKEN_LOCATION", "['cookies']"),
            ],
            "the built-in pages need headers in JWT_TOKEN_LOCATION",
        ),
    ] {
        let output = Server::start(&with(settings).folder(folder.path())).output();
        assert!(output.contains(named), "{output}");
    }
}

#[test]
fn a_key_of_the_tokens_own_is_enough_under_flask() {
    let config = cheap()
        .env("FLASK_FIDELITY", "flask")
        .env("CREATE_TABLES", "on")
        .env("TOKEN_DIALECT", "pyjwt")
        .env("TOKEN_KEY_SETTING", "API_SALT")
        .env("API_SALT", KEY);
    let output = Server::start(&config).output();
    assert!(output.contains("a random SECRET_KEY was written"), "{output}");
}

/// The answer to a list of users for a token in the usual header.
fn list(server: &Server, token: &str) -> (u16, Value) {
    let answer = call(server, "GET", LIST, Some(token), None);
    (answer.status, answer.json().unwrap())
}

#[test]
fn users_of_an_apps_tokens_are_disabled_deleted_and_changed_as_our_own() {
    on_each_engine(|config, dir, url| {
        for identity in ["id", "email"] {
            let config = config
                .clone()
                .env("SECRET_KEY", KEY)
                .env("TOKEN_DIALECT", "flask-jwt-extended-4")
                .env("TOKEN_IDENTITY", identity);
            let (server, tokens) = stale_tokens(&config, dir, url, |server, token| list(server, token).0);
            let subjects = tokens.each_ref().map(|token| subject(token));
            for (token, text) in tokens.iter().zip([
                format!("Error loading the user {}", subjects[0]),
                format!("Error loading the user {}", subjects[1]),
                "Token has been revoked".to_owned(),
            ]) {
                assert_eq!(list(&server, token), (401, json!({"msg": text})), "{url} {identity}");
            }
            // Whoever has the address now is somebody else.
            run_sql(
                url,
                "update users set email = 'deleted@example.com' where email = 'changed@example.com'",
            );
            assert_eq!(list(&server, &tokens[1]).0, 401, "{url} {identity}");
            drop(server);
            run_sql(url, "delete from users");
        }
    });
}

/// The claim `sub` of a token.
fn subject(token: &str) -> String {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    claims["sub"].as_str().unwrap().to_owned()
}

#[test]
fn a_teams_texts_are_sent_in_the_place_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let texts = folder.path().join("texts.toml");
    let content = "\"Admin Access Required\" = \"Admins only\"\n\
                   [404]\n\"The requested URL was not found on the server.\" = \"Nothing here\"\n\
                   [token]\nmissing = \"Token is missing!\"\ninvalid = \"Token is bad!\"\n\
                   [login]\nunknown_address = \"invalid username\"\nwrong_password = \"invalid password\"\n";
    fs::write(&texts, content).unwrap();
    for (dialect, member, status) in [("own", "message", 401), ("flask-jwt-extended-4", "msg", 422)] {
        let settings = [("TOKEN_DIALECT", dialect), ("TEXTS", texts.to_str().unwrap())];
        let config = with(&settings).folder(folder.path());
        if dialect == "own" {
            run(
                &config,
                folder.path(),
                &["user", "create", "ann@example.com"],
                Some(PASSWORD),
            );
        }
        let server = Server::start(&config);
        let no_headers: [(&str, &str); 0] = [];
        let said = |answer: Response| (answer.status, answer.json().unwrap());
        let missing = send(&server.base, "GET", LIST, &no_headers, None);
        assert_eq!(said(missing), (401, json!({member: "Token is missing!"})));
        assert_eq!(list(&server, "garbage"), (status, json!({member: "Token is bad!"})));
        let ann = token(&server, "ann@example.com", "correct horse");
        let denied = call(&server, "DELETE", "/api/v1/users/424242.json", Some(&ann), None);
        assert_eq!(said(denied), (401, json!({"error": "Admins only"})));
        let absent = call(&server, "GET", "/api/v1/users/99.json", Some(&ann), None);
        assert_eq!(said(absent), (404, json!({"message": "Nothing here"})));
        for (email, text) in [
            ("ann@example.com", "invalid password"),
            ("bob@example.com", "invalid username"),
        ] {
            let answer = log_in(&server, email, "wrong horse");
            assert_eq!(said(answer), (401, json!({"message": text})));
        }
    }
}

#[test]
fn a_text_that_is_never_sent_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let texts = folder.path().join("texts.toml");
    fs::write(&texts, "\"Token is invalid!\" = \"x\"\n").unwrap();
    let config = with(&[("TEXTS", texts.to_str().unwrap())]);
    let message = refused(&config, folder.path(), &["user", "list"], None, 2);
    assert!(
        message.contains("`Token is invalid!` is not a text that this server sends; the nearest is `Token is invalid`"),
        "{message}"
    );
    fs::remove_file(&texts).unwrap();
    let message = refused(&config, folder.path(), &["user", "list"], None, 2);
    assert!(
        message.contains("TEXTS in the environment: the file cannot be read"),
        "{message}"
    );
}

/// The OpenAPI document under these settings.
fn specification(settings: &[(&str, &str)]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    run(&with(settings), folder.path(), &["openapi"], None);
    let document = fs::read_to_string(folder.path().join("openapi/scaffold-1.0.json")).unwrap();
    serde_json::from_str(&document).unwrap()
}

#[test]
fn the_openapi_document_says_where_an_apps_tokens_are_sent_and_how_they_are_refused() {
    let scheme = |document: &Value, name: &str| document["components"]["securitySchemes"][name].clone();
    let document = specification(&[("TOKEN_DIALECT", "flask-jwt")]);
    let header = scheme(&document, "JWT");
    assert_eq!(
        [&header["type"], &header["in"], &header["name"]],
        ["apiKey", "header", "Authorization"]
    );
    assert_eq!(
        header["description"],
        "The token of a login, as `Authorization: JWT <token>`."
    );
    let reset = document
        .pointer("/paths/~1api~1v1~1forgotpassword/patch/security")
        .unwrap();
    assert_eq!(
        (reset, &scheme(&document, "Reset")["scheme"]),
        (&json!([{"Reset": []}]), &json!("bearer"))
    );

    let document = specification(&[
        ("TOKEN_DIALECT", "flask-jwt-extended-4"),
        ("JWT_TOKEN_LOCATION", "headers,cookies,query_string"),
    ]);
    assert_eq!(scheme(&document, "JWT")["scheme"], "bearer");
    assert_eq!(scheme(&document, "JWT_cookies")["name"], "access_token_cookie");
    assert_eq!(scheme(&document, "JWT_query_string")["name"], "jwt");
    assert_eq!(scheme(&document, "CSRF")["name"], "X-CSRF-TOKEN");
    let users = &document["paths"]["/api/v1/users.json"];
    assert_eq!(
        users["get"]["security"],
        json!([{"JWT": []}, {"JWT_cookies": []}, {"JWT_query_string": []}])
    );
    assert_eq!(
        users["post"]["security"],
        json!([{"JWT": []}, {"JWT_cookies": [], "CSRF": []}, {"JWT_query_string": []}])
    );
    let refusals = &users["get"]["responses"]["422"]["content"]["application/json"];
    assert_eq!(refusals["schema"]["$ref"], "#/components/schemas/TokenRefusal");
    let examples = refusals["examples"].as_object().unwrap();
    assert_eq!(
        examples["signature-verification-failed"]["value"],
        json!({"msg": "Signature verification failed"})
    );
}
