//! Rows of other resources inside of rows: what later runs do with them, what the API docs say, and how many there may be.

use serde_json::Value;

use crate::support::project::Project;

const SURVEYS: &str = "surveys:
  - title:string
  - questions:nested(questions)
";
const QUESTIONS: &str = "questions:
  - survey_id:references(surveys)
  - text:string
";

fn project() -> Project {
    let project = Project::new();
    let path = project.write("surveys.yaml", format!("{SURVEYS}{QUESTIONS}"));
    project.must(&["scaffold", &path]);
    project
}

fn models(project: &Project) -> String {
    std::fs::read_to_string(project.path().join("src/app/surveys/models.rs")).unwrap()
}

#[test]
fn a_second_run_changes_nothing_and_destroy_undoes_it() {
    let empty = Project::new().files();
    let project = project();
    let before = project.files();
    let said = project.must(&["scaffold", "surveys.yaml"]);
    assert_eq!(said, "nothing to do, everything is up to date\n");
    let refused = project.refused(&["destroy", "questions"]);
    assert!(
        refused.contains(
            "`questions` of `surveys` shows rows of `questions`; remove the field, or destroy both: destroy surveys questions"
        ),
        "{refused}"
    );
    assert!(project.files() == before);
    project.must(&["destroy", "surveys", "questions"]);
    std::fs::remove_file(project.path().join("surveys.yaml")).unwrap();
    assert!(project.files() == empty);
}

#[test]
fn it_is_added_and_taken_back_without_a_migration() {
    let project = Project::new();
    let path = project.write("plain.yaml", format!("surveys:\n  - title:string\n{QUESTIONS}"));
    project.must(&["scaffold", &path]);
    let before = project.files();
    let more = project.write("more.yaml", SURVEYS);
    let said = project.must(&["scaffold", &more]);
    assert!(!said.contains("migrations/"), "{said}");
    assert!(models(&project).contains("SurveyQuestion"));
    project.must(&["scaffold", &path]);
    std::fs::remove_file(project.path().join("more.yaml")).unwrap();
    assert!(project.files() == before);
    // The command line has the same.
    project.must(&["scaffold", "survey", "title:string", "questions:nested(questions)"]);
    project.must(&[
        "scaffold",
        "survey",
        "title:string",
        "questions: {type: nested(questions), by: survey_id, only: [text]}",
    ]);
    assert!(!models(&project).contains("pub survey_id"));
}

#[test]
fn what_changes_in_the_other_resource_changes_it_too() {
    let project = project();
    let with = |line: &str| project.write("questions.yaml", format!("{QUESTIONS}{line}"));
    let said = project.must(&["scaffold", &with("  - order:integer\n")]);
    assert!(said.contains("Updated src/app/surveys/models.rs"), "{said}");
    assert!(models(&project).contains("order: row.get(\"order\")?"));

    let refused = project.refused(&[
        "scaffold",
        &with("  - order:integer\n  - other_id:references(surveys)?\n"),
    ]);
    assert!(refused.contains("has several references between"), "{refused}");
    let narrow = QUESTIONS
        .replace("  - ", "    - ")
        .replace(":\n", ":\n  auth: admin\n  fields:\n");
    let path = project.write("questions.yaml", format!("{narrow}    - order:integer\n"));
    let refused = project.refused(&["scaffold", &path]);
    assert!(refused.contains("more callers than may see them"), "{refused}");
    assert!(refused.contains("questions.yaml:1:1"), "{refused}");
}

#[test]
fn only_cannot_name_what_becomes_hidden() {
    let project = project();
    let only = SURVEYS.replace(
        "questions:nested(questions)",
        "questions: {type: nested(questions), only: [text]}",
    );
    let path = project.write("only.yaml", only);
    project.must(&["scaffold", &path]);
    let hidden = QUESTIONS.replace("text:string", "text: {type: string, write_only: true}");
    let hidden = project.write("questions.yaml", hidden);
    let refused = project.refused(&["scaffold", &hidden]);
    assert!(refused.contains("`text` of `questions` is never shown"), "{refused}");
}

#[test]
fn errors_say_what_to_write() {
    let project = Project::new();
    let yaml = "replies:\n  - text:string\n  - parent_id:references(replies)?\n  - parent:nested(replies)\n";
    let path = project.write("replies.yaml", yaml);
    let output = project.run(&["scaffold", &path, "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let error = &answer["errors"][0];
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("all rows that lead here"), "{message}");
    let help = error["help"].as_str().unwrap();
    assert!(help.contains("{type: nested(replies), by: parent_id}"), "{help}");
}

#[test]
fn what_cannot_be_read_is_the_only_error() {
    let project = Project::new();
    let path = project.write(
        "surveys.yaml",
        format!("{SURVEYS}questions:\n  - survey_id:refs(surveys)\n"),
    );
    let output = project.run(&["scaffold", &path, "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{answer}");
}
