//! Names of fields and resources that are no names, or words of Rust or SQL.

use super::all_refused;

/// Names of fields, each with a part of the message.
const FIELDS: &[(&str, &str)] = &[
    ("id", "a field cannot be called `id`"),
    ("type", "a field cannot be called `type`"),
    ("links", "a field cannot be called `links`"),
    ("ctid", "every table of PostgreSQL has such a column"),
    ("obj", "poem-openapi's code has such a variable"),
    ("relationships", "cannot be called"),
    ("attributes", "cannot be called"),
    ("fn", "which is a word of Rust"),
    ("match", "which is a word of Rust"),
    ("self", "which is a word of Rust"),
    ("async", "which is a word of Rust"),
    ("loop", "which is a word of Rust"),
    ("order", "which is a word of SQL"),
    ("group", "which is a word of SQL"),
    ("select", "which is a word of SQL"),
    ("user", "which is a word of SQL"),
    ("key", "which is a word of SQL"),
    ("rank", "which is a word of SQL"),
    ("index", "which is a word of SQL"),
    ("table", "which is a word of SQL"),
    ("Title", "did you mean `title`?"),
    ("firstName", "did you mean `first_name`?"),
    ("my-field", "did you mean `my_field`?"),
    ("my field", "did you mean `my_field`?"),
    ("1st", "did you mean `field_1st`?"),
    ("_a", "did you mean `a`?"),
    ("a_", "did you mean `a`?"),
    ("a__b", "did you mean `a_b`?"),
    ("a.b", "cannot be the name of a field"),
    ("../x", "cannot be the name of a field"),
    ("a'b", "cannot be the name of a field"),
    ("a`b", "cannot be the name of a field"),
    ("a;b", "cannot be the name of a field"),
    ("a)b", "cannot be the name of a field"),
    ("[[ a ]]", "cannot be the name of a field"),
    ("{{ a }}", "cannot be the name of a field"),
    ("naïve", "did you mean `naive`?"),
    ("日本", "cannot be the name of a field"),
    ("😀", "cannot be the name of a field"),
    ("r#type", "cannot be the name of a field"),
    ("__proto__", "did you mean `proto`?"),
    ("__class__", "cannot be the name of a field"),
];

/// Names of resources, each with a part of the message.
const RESOURCES: &[(&str, &str)] = &[
    ("users", "a resource cannot be called `users`"),
    ("user", "a resource cannot be called `users`"),
    ("role", "a resource cannot be called `roles`"),
    ("group", "a resource cannot be called `groups`, which is a word of SQL"),
    ("row", "cannot be called `rows`"),
    ("value", "cannot be called `values`"),
    ("password", "would have the Rust type `NewPassword`"),
    ("uuid", "would have the Rust type `Uuid`"),
    ("option", "would have the Rust type `Option`"),
    ("result", "would have the Rust type `Result`"),
    ("vec", "would have the Rust type `Vec`"),
    ("Things", "did you mean `things`?"),
    ("blogPost", "did you mean `blog_post`?"),
    ("my-thing", "did you mean `my_thing`?"),
    ("../evil", "did you mean `evil`?"),
    ("/etc/passwd", "cannot be the name of a resource"),
    ("a/b", "cannot be the name of a resource"),
    ("..", "cannot be the name of a resource"),
    ("1things", "cannot be the name of a resource"),
    ("pg_things", "the server or the database has that name"),
    ("sqlite_things", "the server or the database has that name"),
    ("poem_scaffold_resets", "the server or the database has that name"),
    ("th ings", "did you mean `th_ings`?"),
    ("thing's", "cannot be the name of a resource"),
    ("{{ thing }}", "cannot be the name of a resource"),
];

#[test]
fn names_that_cannot_be() {
    let mut cases = Vec::new();
    let long = [51, 100_000].map(|length| "x".repeat(length));
    let long = long.iter().map(|name| (name.as_str(), "at most 50 characters"));
    for (name, expected) in FIELDS.iter().copied().chain(long) {
        let yaml = format!("posts:\n - \"{name}:string\"\n");
        cases.push((yaml, expected.to_owned()));
    }
    for (name, expected) in RESOURCES {
        let yaml = format!("\"{name}\":\n - title:string\n");
        cases.push((yaml, (*expected).to_owned()));
    }
    all_refused(cases);
}
