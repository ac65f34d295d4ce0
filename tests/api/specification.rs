//! The OpenAPI document: committed, true, and the same that is served.

use serde_json::Value;

use super::{call, cheap, refused, run};
use crate::support::server::Server;

const PROFILES: [&str; 2] = ["scaffold-1.0", "tutorial"];

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
    assert!(refused(&config, dir, &["openapi", "--check"], None, 1).contains("differs"));
}

#[test]
fn every_operation_documents_each_status_with_schema_and_example() {
    for profile in PROFILES {
        let document = committed(profile);
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                let guarded = operation.get("security").is_some();
                assert_eq!(guarded, !path.contains("login"), "{method} {path}");
                assert!(
                    responses.contains_key("401") && responses.contains_key("503"),
                    "{method} {path}"
                );
                for (status, response) in responses {
                    let content = &response["content"]["application/json"];
                    let reference = content["schema"]["$ref"].as_str().unwrap();
                    let schema = &document["components"]["schemas"][reference.rsplit('/').next().unwrap()];
                    assert_eq!(schema["type"], "object", "{method} {path} {status}");
                    let example = schema.get("example").or(content.get("examples"));
                    assert!(example.is_some(), "{method} {path} {status} has no example");
                }
            }
        }
        let scheme = &document["components"]["securitySchemes"]["JWT"];
        assert_eq!((&scheme["type"], &scheme["scheme"]), (&"http".into(), &"bearer".into()));
    }
}
