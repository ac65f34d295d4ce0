//! What resources are called: as Flask-Scaffold's generator called them, and as they were called before in a project.

use super::resolve;
use crate::support::project::Project;

/// Names as a file has them, with route, table and type.
const NAMES: [(&str, &str); 16] = [
    ("category", "categories"),
    ("status", "status"),
    ("media", "medias"),
    ("class", "class"),
    ("bonus", "bonus"),
    ("news", "news"),
    ("sheep", "sheep"),
    ("order_status", "order_status"),
    ("datum", "data"),
    // The next three have the same singular, and one that makes the type of another.
    ("person", "people"),
    ("persons", "persons"),
    ("new_person", "new_people"),
    ("index", "indexes"),
    ("photo", "photos"),
    ("buses", "buses"),
    ("bus", "bus"),
];

#[test]
fn route_table_and_type_have_the_plural_of_the_originals_generator() {
    let project = Project::new();
    let before = project.files();
    let yaml: String = NAMES
        .iter()
        .map(|(name, _)| format!("{name}:\n  - title:string\n"))
        .collect();
    let path = project.write("names.yaml", yaml);
    project.must(&["scaffold", &path]);
    assert_eq!(resolve::problems(&project), Vec::<String>::new());
    let files = project.files();
    let text = |path: String| String::from_utf8_lossy(&files[&path]).into_owned();
    for (name, plural) in NAMES {
        let views = text(format!("src/app/{plural}/views.rs"));
        assert!(views.contains(&format!("path = \"/{plural}.json\"")), "{name}: {views}");
        let models = text(format!("src/app/{plural}/models.rs"));
        assert!(
            models.contains(&format!("TYPE: &'static str = \"{plural}\"")),
            "{name}: {models}"
        );
        let end = format!("_{plural}.up.sql");
        let mut migrations = files
            .keys()
            .filter(|path| path.ends_with(&end) && path.contains("/sqlite/"));
        let is_made = |path: &String| text(path.clone()).contains(&format!("create table {plural} ("));
        assert!(migrations.any(is_made), "{name}");
    }
    assert_eq!(
        project.must(&["scaffold", &path]),
        "nothing to do, everything is up to date\n"
    );
    for (_, plural) in NAMES {
        project.must(&["destroy", plural]);
    }
    let mut after = project.files();
    after.remove("names.yaml");
    assert!(after == before);
}

/// A project with a resource as it was scaffolded before plurals were the originals'.
fn with_statuses() -> Project {
    let project = Project::new();
    let path = project.write(
        "old.yaml",
        "status:\n  plural: statuses\n  fields:\n    - title:string\n",
    );
    project.must(&["scaffold", &path]);
    let record = project.read(".scaffold/statuses.json");
    let old = record.replace("  \"key\": \"status\",\n", "");
    assert_ne!(old, record);
    project.write(".scaffold/statuses.json", old);
    project
}

#[test]
fn a_resource_that_was_scaffolded_with_another_plural_keeps_it_and_has_no_twin() {
    let project = with_statuses();
    let before = project.files();
    let run = ["scaffold", "status", "title:string"];
    let lines = project.must(&run);
    let kept = "Kept `statuses` as the plural of `status`, as it was scaffolded; Flask-Scaffold's is `status`";
    assert!(lines.starts_with(kept), "{lines}");
    assert!(
        lines.ends_with("\nnothing to do, everything is up to date\n"),
        "{lines}"
    );
    assert!(project.files() == before);

    // With more fields, and from others.
    let yaml = "status:\n - title:string\n - rank_name:string?\ntask:\n - state:references(status)\n";
    let path = project.write("blog.yaml", yaml);
    project.must(&["scaffold", &path]);
    assert_eq!(resolve::problems(&project), Vec::<String>::new());
    assert!(!project.path().join("src/app/status").exists());
    assert!(
        project
            .read(".scaffold/tasks.json")
            .contains("\"references\": \"statuses\"")
    );
    project.must(&["destroy", "tasks"]);
    project.must(&["destroy", "status"]);

    // It is gone, so its name is free.
    let lines = project.must(&run);
    assert!(lines.starts_with("src/app/status created successfully\n"), "{lines}");
}

#[test]
fn a_plural_that_is_chosen_counts_in_a_project_from_before_too() {
    let project = with_statuses();
    let yaml = "status:\n  plural: state_list\n  singular: state\n  fields:\n    - title:string\n";
    let path = project.write("new.yaml", yaml);
    let lines = project.must(&["scaffold", &path]);
    assert!(
        lines.starts_with("src/app/state_list created successfully\n"),
        "{lines}"
    );
}
