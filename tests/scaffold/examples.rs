//! The requests that `scaffold` prints at its end, sent to an empty database.

use std::fs;

use serde_json::{Value, json};

use super::wide;
use crate::{
    api::{call, on_each_engine},
    support::{
        project::{Project, sample},
        server::{Server, ServerConfig},
    },
};

/// Resources that others do not refer to: with references to others, to others of others, and to themselves.
const RESOURCES: [&str; 4] = ["attachments", "couples", "mp3_notes", "memos"];

#[test]
fn what_is_printed_is_answered_on_an_empty_database() {
    let (binary, folder) = (wide::binary(), wide::project());
    let project = Project::new();
    let path = project.write(
        "wide.yaml",
        fs::read_to_string(sample("tests/scaffold/wide.yaml")).unwrap(),
    );
    project.must(&["scaffold", &path]);
    for plural in RESOURCES {
        project.must(&["destroy", plural]);
        let printed = project.must(&["scaffold", &path]);
        let requests: Vec<&str> = printed
            .lines()
            .filter_map(|line| line.trim().strip_prefix("curl http://127.0.0.1:5000"))
            .collect();
        assert!(
            requests.last().unwrap().starts_with(&format!("/api/v1/{plural}.json ")),
            "{printed}"
        );
        on_each_engine(|config, dir, url| {
            let config: ServerConfig = config.binary(binary);
            let create = config.command_reading(
                dir,
                &["user", "create", "root@example.com", "--admin"],
                "correct horse\n",
            );
            assert!(
                create.status.success(),
                "{url}: {}",
                String::from_utf8_lossy(&create.stderr)
            );
            let server = Server::start(&config);
            let login = json!({"data": {"type": "users", "attributes":
                {"email": "root@example.com", "password": "correct horse"}}});
            let answer = call(&server, "POST", "/api/v1/login.json", None, Some(&login));
            let token = answer.json().unwrap()["token"].as_str().unwrap().to_owned();
            for request in &requests {
                let (route, rest) = request.split_once(' ').unwrap();
                let (_, example) = rest.split_once("-d @").unwrap();
                let body: Value = serde_json::from_str(&fs::read_to_string(folder.join(example)).unwrap()).unwrap();
                let answer = call(&server, "POST", route, Some(&token), Some(&body));
                assert_eq!(answer.status, 201, "{url} {route}: {}", answer.text());
            }
        });
    }
}
