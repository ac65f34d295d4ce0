//! The OpenAPI document: committed, true, and the same that is served.

use serde_json::Value;

use super::{call, cheap, refused, run};
use crate::support::{scaffolded::is_scaffolded, server::Server};

const PROFILES: [&str; 3] = ["scaffold-1.0", "scaffold-2.0", "tutorial"];
/// The operations that need no token.
const OPEN: [&str; 4] = ["login", "login_with_document", "sign_up", "ask_for_reset"];

fn committed(profile: &str) -> Value {
    let path = format!("{}/openapi/{profile}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_committed_documents_are_what_the_server_serves() {
    for profile in PROFILES {
        let server = Server::start(&cheap().env("FLASK_PROFILE", profile));
        let answer = call(&server, "GET", "/openapi.json", None, None);
        assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
        assert_eq!(answer.json().unwrap(), committed(profile), "{profile}");
    }
}

#[test]
fn a_written_document_passes_the_check_and_an_edited_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (config, dir) = (cheap(), folder.path());
    refused(&config, dir, &["openapi", "--check"], None, 1);
    run(&config, dir, &["openapi"], None);
    run(&config, dir, &["openapi", "--check"], None);
    let path = dir.join("openapi/scaffold-1.0.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("Log in", "Log out")).unwrap();
    assert!(refused(&config, dir, &["openapi", "--check"], None, 1).contains("is out of date"));
}

#[test]
fn every_operation_documents_each_status_with_schema_and_example() {
    for profile in PROFILES {
        let document = committed(profile);
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                let guarded = operation.get("security").is_some();
                let is_open = OPEN.contains(&operation["operationId"].as_str().unwrap());
                assert!(guarded != is_open || is_scaffolded(path), "{method} {path}");
                assert_eq!(
                    guarded || path.contains("login"),
                    responses.contains_key("401"),
                    "{method} {path}"
                );
                assert!(responses.contains_key("503"), "{method} {path}");
                assert_eq!(
                    path.contains("{id}"),
                    responses.contains_key("404") && !path.contains("forgot"),
                    "{path}"
                );
                for (status, response) in responses.iter().filter(|(status, _)| *status != "204") {
                    let content = &response["content"]["application/json"];
                    let schema = resolved(&document, &content["schema"]);
                    assert!(schema.is_object(), "{method} {path} {status} has no schema");
                    let example = schema
                        .get("example")
                        .or(content.get("examples"))
                        .or(content.get("example"));
                    assert!(
                        example.is_some() || operation["operationId"] == "reset_password",
                        "{method} {path} {status} has no example"
                    );
                }
            }
        }
        let scheme = &document["components"]["securitySchemes"]["JWT"];
        assert_eq!((&scheme["type"], &scheme["scheme"]), (&"http".into(), &"bearer".into()));
    }
}

fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => &document["components"]["schemas"][reference.rsplit('/').next().unwrap()],
        None => schema,
    }
}
