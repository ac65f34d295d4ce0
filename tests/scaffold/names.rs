//! What resources are called: as Flask-Scaffold's generator called them, and as they were called before in a project.

use super::resolve;
use crate::support::project::Project;

/// Names as a file has them, with route and type, which are the table's name too where [`TABLES`] has no other.
const NAMES: [(&str, &str); 20] = [
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
    ("blog_post", "blog_posts"),
    ("mp3", "mp3s"),
    ("url_x", "url_xes"),
    ("x1_y2", "x1_y2s"),
];

/// Tables that are not called as the plural, by that.
const TABLES: [(&str, &str); 6] = [
    ("order_status", "order__status"),
    ("new_people", "new__people"),
    ("blog_posts", "blog__posts"),
    ("mp3s", "\"mp3S\""),
    ("url_xes", "url__xes"),
    ("x1_y2s", "\"x1__y2S\""),
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
        let table = TABLES
            .iter()
            .find(|(of, _)| *of == plural)
            .map_or(plural, |(_, table)| table);
        let is_made = |path: &String| text(path.clone()).contains(&format!("create table {table} ("));
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
    let kept = "Kept `statuses` as the plural of `status`, under which it was scaffolded; Flask-Scaffold's is `status`";
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

#[test]
fn a_table_that_was_made_with_another_name_keeps_it() {
    let project = Project::new();
    let path = project.write("blog.yaml", "blog_post:\n  - title:string\n");
    project.must(&["scaffold", &path]);
    let record = project.read(".scaffold/blog_posts.json");
    let of_today = |line: &&str| !line.contains("\"table\"") && !line.contains("\"digest\"");
    let old: Vec<&str> = record.lines().filter(of_today).collect();
    let old = old.join("\n") + "\n";
    assert_ne!(old, record);
    // As it was before tables had the originals' names: everywhere the plural.
    project.write(".scaffold/blog_posts.json", old.replace("blog__posts", "blog_posts"));
    for (path, bytes) in project.files() {
        let text = String::from_utf8_lossy(&bytes);
        if !path.starts_with(".scaffold") && text.contains("blog__posts") {
            project.write(&path, text.replace("blog__posts", "blog_posts"));
        }
    }
    let before = project.files();
    assert_eq!(
        project.must(&["scaffold", &path]),
        "nothing to do, everything is up to date\n"
    );
    assert!(project.files() == before);

    // With a field more, and from another resource, which is new.
    let yaml = "blog_post:\n  - title:string\n  - slug:string?\nblog_note:\n  - post:references(blog_post)\n";
    project.write("blog.yaml", yaml);
    project.must(&["scaffold", &path]);
    for (path, bytes) in project.files() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("blog__posts"), "{path}");
        if path.starts_with("migrations/postgres") && path.ends_with("_blog_posts_slug.up.sql") {
            assert!(text.contains("alter table blog_posts add column slug"), "{text}");
        }
        if path.starts_with("migrations/postgres") && path.ends_with("_blog_notes.up.sql") {
            assert!(text.contains("create table blog__notes ("), "{text}");
            assert!(text.contains("references blog_posts (id)"), "{text}");
        }
    }
    assert_eq!(
        project.must(&["scaffold", &path]),
        "nothing to do, everything is up to date\n"
    );

    // A record says nothing that ends up in a statement and is not the rule's.
    let record = project.read(".scaffold/blog_notes.json");
    let spoiled = record.replace("\"table\": \"blog__notes\"", "\"table\": \"users; drop table users\"");
    assert_ne!(spoiled, record);
    project.write(".scaffold/blog_notes.json", spoiled);
    let message = project.refused(&["scaffold", &path]);
    assert!(
        message.contains("`users; drop table users` cannot be a name"),
        "{message}"
    );
}

#[test]
fn a_plural_that_is_chosen_is_the_name_of_the_table_too() {
    let project = Project::new();
    let yaml = "blog_post:\n  plural: blog_posts\n  fields:\n    - title:string\n";
    let path = project.write("blog.yaml", yaml);
    project.must(&["scaffold", &path]);
    let has = |text: &str| {
        let files = project.files();
        files
            .values()
            .any(|bytes| String::from_utf8_lossy(bytes).contains(text))
    };
    assert!(has("create table blog_posts ("));
    assert!(!has("blog__posts"));
}

#[test]
fn tables_are_kept_apart_where_capitals_do_not_count_and_are_not_too_long() {
    let project = Project::new();
    // The table of the first is x1_y2S.
    let yaml = "x1y2:\n  - title:string\nother:\n  plural: x1_y2s\n  fields: [title:string]\n";
    let path = project.write("same.yaml", yaml);
    let message = project.refused(&["scaffold", &path]);
    assert!(
        message.contains("`x1_y2s` is already a name of the resource `x1y2s`"),
        "{message}"
    );
    let long = "a_b_c_d_e_f_g_h_i_j_kk_ll_mm_nn_oo_pp_qq_rr_ss_tt";
    let message = project.refused(&["scaffold", long, "title:string"]);
    assert!(message.contains("which is longer than 55 characters"), "{message}");
}
