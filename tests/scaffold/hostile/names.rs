//! Names of fields and resources that are no names, or that the server or a database has for something else.

use super::all_refused;

/// Names of fields, each with a part of the message.
const FIELDS: &[(&str, &str)] = &[
    ("id", "a field cannot be called `id`"),
    ("Id", "would have the column of the key"),
    ("__proto__", "programs in JavaScript could not set it"),
    ("ctid", "every table of PostgreSQL has such a column"),
    ("xmin", "every table of PostgreSQL has such a column"),
    ("my field", "did you mean `my_field`?"),
    ("1st", "did you mean `field_1st`?"),
    ("_", "cannot be the name of a field"),
    ("-a", "did you mean `a`?"),
    ("a.b", "cannot be the name of a field"),
    ("a$b", "cannot be the name of a field"),
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
];

/// Names of resources, each with a part of the message.
const RESOURCES: &[(&str, &str)] = &[
    ("user", "a resource cannot be called `users`"),
    ("role", "a resource cannot be called `roles`"),
    ("my-thing", "did you mean `my_thing`?"),
    ("../evil", "did you mean `evil`?"),
    ("/etc/passwd", "cannot be the name of a resource"),
    ("a/b", "cannot be the name of a resource"),
    ("..", "cannot be the name of a resource"),
    ("_", "cannot be the name of a resource"),
    ("_1", "cannot be the name of a resource"),
    ("1things", "cannot be the name of a resource"),
    ("pg_things", "the server or the database has that name"),
    ("sqlite_things", "the server or the database has that name"),
    ("th ings", "did you mean `th_ings`?"),
    ("thing's", "cannot be the name of a resource"),
    ("{{ thing }}", "cannot be the name of a resource"),
];

/// Options of a resource and of its field, each with a part of the message.
const OPTIONS: &[(&str, &str)] = &[
    ("table: users", "a table cannot be called `users`"),
    ("table: Alembic_Version", "a table cannot be called `Alembic_Version`"),
    ("table: pg_things", "a table cannot be called `pg_things`"),
    ("table: 'a\"b'", "cannot be the name of a table"),
    (
        "table: poem_scaffold_resets",
        "a table cannot be called `poem_scaffold_resets`",
    ),
    ("table: a.b", "cannot be the name of a table"),
    ("route: login", "a route cannot be called `login`"),
    ("route: a/b", "cannot be the name of a route"),
    ("route: '{id}'", "cannot be the name of a route"),
    ("route: a.json", "cannot be the name of a route"),
    ("type: 'a\"b'", "cannot be the name of a type"),
    ("prefix: api", "did you mean `/api`?"),
    ("prefix: /api/", "did you mean `/api`?"),
    ("prefix: /a/../b", "cannot be the beginning of a route"),
    ("prefix: '/{id}'", "cannot be the beginning of a route"),
    ("key: 'a\"b'", "cannot be the name of a column"),
    ("key: xmin", "a column cannot be called `xmin`"),
    ("key: [a, b]", "a key of several columns is not supported"),
    ("key: code:date", "a key cannot have the type `date`"),
    ("key: code:integer=uuid", "is not one that a key can have"),
    ("plural: login", "a resource cannot be called `login`"),
    ("plural: users", "a resource cannot be called `users`"),
    ("singular: A", "cannot be the name of a type"),
    (
        "fields: [{attribute: id, type: string}]",
        "a field cannot be called `id`",
    ),
    (
        "fields: [a: {column: 'a\"b', type: string}]",
        "cannot be the name of a column",
    ),
    (
        "fields: [a: {column: ID, type: string}]",
        "would have the column of the key",
    ),
    ("fields: [a: {label: '\"', type: string}]", "cannot be a label"),
    ("fields: [a: {label: '{{ x }}', type: string}]", "cannot be a label"),
    ("fields: [a: {label: <b>, type: string}]", "cannot be a label"),
];

#[test]
fn names_that_cannot_be() {
    let mut cases = Vec::new();
    let long = [64, 100_000].map(|length| "x".repeat(length));
    let long = long.iter().map(|name| (name.as_str(), "at most 63 characters"));
    for (name, expected) in FIELDS.iter().copied().chain(long) {
        let yaml = format!("posts:\n - \"{name}:string\"\n");
        cases.push((yaml, expected.to_owned()));
    }
    for (name, expected) in RESOURCES {
        let yaml = format!("\"{name}\":\n - title:string\n");
        cases.push((yaml, (*expected).to_owned()));
    }
    for (option, expected) in OPTIONS {
        let fields = if option.starts_with("fields") {
            ""
        } else {
            "  fields: [title:string]\n"
        };
        cases.push((format!("posts:\n  {option}\n{fields}"), (*expected).to_owned()));
    }
    cases.push((
        format!("{}:\n - title:string\n", "x".repeat(51)),
        "at most 50 characters".to_owned(),
    ));
    all_refused(cases);
}
