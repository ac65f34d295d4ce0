//! `explain`: each code is explained by a definition that has the error, and one that is accepted.

use serde_json::Value;

use crate::support::project::Project;

/// The example under a heading of an explanation, if it has one.
fn example(text: &str, heading: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("\n{heading}:\n\n"))?;
    let lines = rest.lines().take_while(|line| line.starts_with("    "));
    Some(lines.map(|line| format!("{}\n", &line[4..])).collect())
}

#[test]
fn each_code_is_explained_with_an_example() {
    let empty = Project::new();
    let list = empty.must(&["explain"]);
    assert_eq!(list.lines().count(), 31, "{list}");
    for (index, line) in list.lines().enumerate() {
        let (code, title) = line.split_once("  ").unwrap();
        assert_eq!(code, format!("E{:02}", index + 1));
        let text = empty.must(&["explain", &code.to_lowercase()]);
        assert!(text.starts_with(&format!("{code}: {title}\n\n")), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        // Files that have too much of something are long, and a command line is no file.
        let (Some(wrong), Some(right)) = (example(&text, "Wrong"), example(&text, "Right")) else {
            assert!(["E05", "E22", "E30"].contains(&code), "{text}");
            continue;
        };
        let with_resources = Project::new();
        let project = match example(&text, "In a project with") {
            Some(before) => {
                let path = with_resources.write("before.yaml", before);
                with_resources.must(&["scaffold", &path]);
                &with_resources
            }
            None => &empty,
        };
        let path = project.write("example.yaml", wrong);
        let output = project.run(&["scaffold", &path, "--dry-run", "--json"]);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let errors = answer["errors"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["code"] == code), "{code}: {errors:#?}");
        project.write("example.yaml", right);
        project.must(&["scaffold", &path, "--dry-run"]);
    }
    let message = empty.refused(&["explain", "E99"]);
    assert!(
        message.contains("unknown code `E99`; the codes are E01 to E31"),
        "{message}"
    );
}
