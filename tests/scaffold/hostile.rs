//! Input that must be refused: exit code 2, a message with the place, in under a second, and nothing changed.

use std::{process::Command, time::Duration};

use crate::support::project::{Project, sample};

/// How long a refusal may take.
const SECOND: Duration = Duration::from_secs(1);

/// Runs each YAML text, which must be refused with a message that has the other text in it, in parts between `…`.
fn all_refused<T: AsRef<[u8]>>(cases: impl IntoIterator<Item = (T, String)>) {
    let project = Project::new();
    let mut problems = Vec::new();
    let mut count = 0;
    for (yaml, expected) in cases {
        let path = project.write("bad.yaml", &yaml);
        let (message, mut duration) = project.refused_in(&["scaffold", &path]);
        // Once more where the machine was busy with something else.
        if duration >= SECOND {
            duration = project.refused_in(&["scaffold", &path]).1;
        }
        let is_told = expected.split('…').all(|part| message.contains(part));
        let is_good = message.starts_with("error: bad.yaml:") && is_told && message.len() < 1500;
        if !is_good || duration >= SECOND {
            let shown: String = String::from_utf8_lossy(yaml.as_ref()).chars().take(200).collect();
            problems.push(format!("{shown}{message}  expected: {expected}  in {duration:?}\n"));
        }
        count += 1;
    }
    assert!(
        problems.is_empty(),
        "{} of {count}:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

fn texts(cases: &[(&str, &str)]) -> Vec<(Vec<u8>, String)> {
    let owned = |(yaml, expected): &(&str, &str)| (yaml.as_bytes().to_vec(), (*expected).to_owned());
    cases.iter().map(owned).collect()
}

#[test]
fn what_is_no_plain_yaml() {
    let deep = format!("a:\n - {}x:string\n", "[".repeat(10_000));
    let nested: String = (0..9)
        .map(|depth| format!("{}a{depth}:\n", " ".repeat(depth)))
        .collect();
    let bomb: String = std::iter::once("a: &a [x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((b'b'..=b'i').map(|c| {
            let (one, other) = (char::from(c), char::from(c - 1));
            format!("{one}: &{one} [{}]\n", vec![format!("*{other}"); 9].join(", "))
        }))
        .collect();
    let mut cases = texts(&[
        ("", ":1: there is nothing in the file"),
        ("# nothing but a comment\n", ":1: there is nothing"),
        ("---\n", ":1: there is nothing"),
        ("~\n", "expected a mapping"),
        ("- posts\n- comments\n", ":1: expected a mapping of resources"),
        ("posts\n", ":1: expected a mapping"),
        ("5\n", ":1: expected a mapping"),
        ("posts:\n\t- title:string\n", ":2:"),
        ("posts: [title:string\n", ":"),
        ("posts: \"title\n", ":"),
        ("posts:\n - 'title:string\n", ":"),
        ("posts: {a: b\n", ":"),
        ("posts: a: b\n", ":1:"),
        (
            "posts:\n - title:string\nposts:\n - body:text\n",
            ":3: the key \"posts\" is there already, in line 1",
        ),
        (
            "posts:\n  fields: [a:string]\n  fields: [b:string]\n",
            ":3: the key \"fields\" is there already",
        ),
        ("posts: &p\n - title:string\n", "anchors"),
        ("posts:\n - &f title:string\n - *f\n", ":2: anchors"),
        ("posts: *p\n", ":1:"),
        ("base: &b {auth: user}\nposts:\n  <<: *b\n", ":1: anchors"),
        (
            "posts:\n  <<: {auth: user}\n  fields: [a:string]\n",
            "unknown option `<<`",
        ),
        (bomb.as_str(), ":1: anchors"),
        ("!!python/object/apply:os.system ['touch x']\n", ":1: tags"),
        ("posts: !!seq\n - title:string\n", "tags"),
        ("posts:\n - !ruby/object:Gem x\n", ":2: tags"),
        ("!!str posts:\n - title:string\n", ":1: tags"),
        ("%TAG ! tag:x,2000:\n---\nposts:\n - !a title:string\n", "tags"),
        (
            "posts:\n - title:string\n---\ncomments:\n - body:text\n",
            "second document",
        ),
        (deep.as_str(), ":2:"),
        (nested.as_str(), "nested too deeply"),
        ("? [a, b]\n: [c:string]\n", "a key must be a name"),
        ("? {a: b}\n: [c:string]\n", "a key must be a name"),
        ("posts:\n - title:string\n - [body:text]\n", ":3: expected a field"),
        ("posts: |\n  title:string\n", ":1: `posts` has no fields"),
        ("@posts:\n - title:string\n", ":1:"),
        ("`posts`:\n - title:string\n", ":1:"),
        ("posts:\n - title:string\n  - body:text\n", ":"),
    ]);
    let many_resources: String = (0..101)
        .map(|number| format!("thing{number}s:\n - a:string\n"))
        .collect();
    let many_fields: String = (0..101).map(|number| format!(" - a{number}:string\n")).collect();
    for (bytes, expected) in [
        (&b"posts:\n - title:\xff\xfe\n"[..], ":2: is not UTF-8"),
        ("posts:\n - t:string\n".repeat(20_000).as_bytes(), "larger than 256 KiB"),
        (&vec![b'a'; 100 << 20], "larger than 256 KiB"),
        (b"\0\0\0\0", ":"),
        (b"posts:\n - ti\0tle:string\n", ":"),
        (many_resources.as_bytes(), ":201: more than 100 resources"),
        (
            format!("posts:\n{many_fields}").as_bytes(),
            ":102: more than 100 fields",
        ),
    ] {
        cases.push((bytes.to_vec(), expected.to_owned()));
    }
    all_refused(cases);
}

#[test]
fn what_has_the_wrong_shape() {
    all_refused(texts(&[
        ("posts:\n", ":1: `posts` has no fields"),
        ("posts: ~\n", "has no fields"),
        ("posts: []\n", ":1: `posts` has no fields"),
        ("posts: {}\n", ":1: `posts` has no fields"),
        ("posts: title:string\n", ":1: `posts` has no fields"),
        (
            "posts:\n  title: string\n",
            ":2: unknown option `title`; Allowed: fields, auth, plural, singular",
        ),
        ("posts:\n  feilds: [title:string]\n", "did you mean `fields`?"),
        ("posts:\n  fields:\n", ":2: expected a list"),
        ("posts:\n  fields: []\n", ":1: `posts` has no fields"),
        ("posts:\n  fields: title\n", ":2: expected a list"),
        ("posts:\n  auth: user\n", ":1: `posts` has no fields"),
        ("posts:\n - title\n", ":2: `title` has no type"),
        ("posts:\n - title:\n", ":2: `title` has no type"),
        ("posts:\n -\n", ":2: expected a field"),
        ("posts:\n - 5\n", ":2: `5` has no type"),
        ("posts:\n - title:string:x\n", ":2: unknown type `string:x`"),
        ("posts:\n - ':string'\n", ":2: `` cannot be the name of a field"),
        (
            "posts:\n - 'title :string'\n",
            ":2: `title ` cannot be the name of a field; did you mean `title`?",
        ),
        ("posts:\n - a: string\n   b: string\n", ":2: expected one field here"),
        (
            "posts:\n - title:string\n - title:text\n",
            ":3: the field `title` is there already, in line 2",
        ),
        ("posts:\n  fields: {title: [string]}\n", ":2: `title` has no type"),
        ("posts:\n  fields: {title: {max: 5}}\n", ":2: `title` has no type"),
        (
            "posts:\n  fields: {title: {type: string, size: 5}}\n",
            ":2: unknown option `size`",
        ),
        (
            "posts:\n  fields: {title: {type: [string]}}\n",
            "`type` needs one plain value",
        ),
        (
            "posts:\n  fields: {title: {type: string, nullable: yes}}\n",
            "`nullable` is true or false, not `yes`",
        ),
        (
            "posts:\n  auth: nobody\n  fields: [a:string]\n",
            ":2: unknown value of auth `nobody`",
        ),
        (
            "posts:\n  auth: [user]\n  fields: [a:string]\n",
            ":2: `auth` is public, user, owner or admin, or says it of verbs",
        ),
        (
            "posts:\n  auth: {read: user}\n  fields: [a:string]\n",
            ":2: unknown verb `read`; Allowed: list, get",
        ),
        (
            "posts:\n  auth: {list: admins}\n  fields: [a:string]\n",
            "did you mean `admin`?",
        ),
        (
            "posts:\n  auth: {create: public, update: owner}\n  fields: [a:string]\n",
            ":1: what anybody may create",
        ),
        (
            "posts:\n  auth: owner\n  fields: [owner_id:integer]\n",
            ":3: `owner_id` is the column",
        ),
        (
            "posts:\n  plural: Posts\n  fields: [a:string]\n",
            "`Posts` cannot be the name of a resource",
        ),
        (
            "posts:\n  plural: ../posts\n  fields: [a:string]\n",
            "`../posts` cannot be the name of a resource",
        ),
        (
            "posts:\n  singular: \"po st\"\n  fields: [a:string]\n",
            "did you mean `po_st`?",
        ),
        (
            "post:\n - a:string\nposts:\n - b:string\n",
            ":3: `posts` is a name of the resource `posts` already, in line 1",
        ),
        (
            "post: {singular: post, fields: [a:string]}\nnew_post: {singular: new_post, fields: [b:string]}\n",
            ":2: `NewPost` is a name of the resource `posts` already, in line 1",
        ),
        (
            "posts: {singular: post, fields: [a:string]}\narticle: {singular: post, fields: [b:string]}\n",
            ":2: `post` is a name of the resource `posts` already, in line 1",
        ),
        (
            "posts:\n - parent:references(posts)\n",
            ":2: `parent` refers to its own table",
        ),
        (
            "posts:\n - a:references(commens)\ncomments:\n - b:text\n",
            ":2: `a` refers to `commens`, which is no resource here; did you mean `comments`? There are: ",
        ),
        (
            "posts:\n - a:references(things)\n",
            ":2: `a` refers to `things`, which is no resource here. There are: ",
        ),
        ("as:\n - a:string\n", ":1:"),
        (
            "cats:\n - dog:references(dogs)\ndogs:\n - cat:references(cats)\n",
            ":2: cats, dogs refer to each other in a circle",
        ),
        (
            "fleas:\n - dog:references(dogs)\ncats:\n - dog:references(dogs)\ndogs:\n - cat:references(cats)\n",
            ":4: cats, dogs refer to each other in a circle",
        ),
    ]));
}

#[test]
fn tables_that_are_too_wide_for_mysql() {
    let fields = |kind: &str, count: usize| -> String { (0..count).map(|n| format!(" - \"a{n}:{kind}\"\n")).collect() };
    for (kind, most, expected) in [
        ("string", 65, "too wide for a row of MySQL"),
        ("enum(a,b)?", 65, "too wide for a row of MySQL"),
        ("uuid", 55, "too wide for a row of MySQL"),
        ("integer^", 63, "has 64 fields that are unique, references or the owner"),
        (
            "references(users)",
            63,
            "has 64 fields that are unique, references or the owner",
        ),
    ] {
        let project = Project::new();
        let path = project.write("most.yaml", format!("posts:\n{}", fields(kind, most)));
        project.must(&["scaffold", &path, "--dry-run"]);
        all_refused([(
            format!("posts:\n{}", fields(kind, most + 1)),
            format!(":1: …{expected}"),
        )]);
    }
}

#[test]
fn a_circle_that_a_later_run_would_close() {
    let project = Project::new();
    let books = "books:\n - title:string\n - author:references(authors)\n - sequel_of:references(book)?\n";
    project.must(&["scaffold", "author", "name:string"]);
    let path = project.write("books.yaml", books);
    project.must(&["scaffold", &path]);
    let message = project.refused(&["scaffold", "author", "name:string", "best:references(books)?"]);
    let expected = "argument 3: authors, books refer to each other in a circle";
    assert!(message.contains(expected), "{message}");
    project.must(&["scaffold", "author", "name:string", "fan:references(users)?"]);
}

#[test]
fn the_owner_stays_a_column_when_nobody_owns_the_rows() {
    let project = Project::new();
    let scaffold = |auth: &str, fields: &str| {
        let path = project.write(
            "notes.yaml",
            format!("notes:\n  auth: {auth}\n  fields: [body:text{fields}]\n"),
        );
        project.run(&["scaffold", &path])
    };
    for auth in ["owner", "user", "owner", "user"] {
        assert!(scaffold(auth, "").status.success(), "{auth}");
    }
    let migrations: Vec<String> = project
        .files()
        .into_keys()
        .filter(|path| path.contains("_notes"))
        .collect();
    assert!(
        migrations.iter().all(|path| !path.contains("_owner_id")),
        "{migrations:?}"
    );
    let refused = scaffold("user", ", 'owner_id:integer?'");
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{message}");
    assert!(
        message.contains("notes.yaml:3: the table has `owner_id` since it had `auth: owner`"),
        "{message}"
    );
}

#[test]
fn types_and_modifiers_that_are_none() {
    let mut cases = Vec::new();
    for (kind, expected) in [
        ("strin", "did you mean `string`? The supported types are: string, text"),
        ("String", "did you mean `string`?"),
        ("STRING", "did you mean `string`?"),
        ("int", "did you mean `integer`?"),
        ("Integer", "did you mean `integer`?"),
        ("bigint", "did you mean `biginteger`?"),
        ("varchar", "did you mean `string`?"),
        ("timestamp", "did you mean `datetime`?"),
        ("number", "did you mean `integer`?"),
        ("boolen", "did you mean `boolean`?"),
        ("e-mail", "did you mean `email`?"),
        ("blob", "unknown type `blob`;"),
        ("password", "unknown type `password`. The supported"),
        ("string(50)", "`string` takes nothing in brackets"),
        ("string(", "lacks its closing `)`"),
        ("string)", "unknown type `string)`"),
        ("enum", "cannot be a value of an enum"),
        ("enum()", "cannot be a value of an enum"),
        ("enum(a,)", "cannot be a value of an enum"),
        ("enum(a,a)", "the enum has `a` twice"),
        ("enum(a b)", "`a b` cannot be a value"),
        ("enum(a|b)", "`a|b` cannot be a value"),
        ("enum(é)", "`é` cannot be a value"),
        ("enum(a", "lacks its closing"),
        ("references", "references needs the other resource"),
        ("references()", "references needs the other resource"),
        ("references(../x)", "cannot be the name of a resource"),
        ("references(Posts)", "did you mean `posts`?"),
        ("string??", "has `?` twice"),
        ("string^^", "has `^` twice"),
        ("string!", "unknown type `string!`; did you mean `string`?"),
        ("?", "the type is missing"),
        ("text^", "cannot be unique"),
        ("json^", "cannot be unique"),
        ("decimal^", "cannot be unique"),
        ("bool^", "cannot be unique"),
        ("string^=x", "cannot be unique and have a default"),
        ("integer=x", "the default `x` of `a` is not a whole number of 32 bits"),
        ("integer=3000000000", "is not a whole number of 32 bits"),
        ("biginteger=1.5", "is not a whole number of 64 bits"),
        ("boolean=yes", "is not one of 0, 1, true, false"),
        ("bool=1", "is not one of true, false"),
        ("float=x", "is not a number"),
        ("float=inf", "is not a number within its bounds"),
        ("float=NaN", "is not a number"),
        ("decimal=x", "is not a decimal number"),
        ("decimal=Infinity", "is not a decimal number"),
        ("email=x", "is not a mail address"),
        ("url=x", "is not a URL"),
        ("enum(a,b)=c", "is not one of a, b"),
        ("date=2026-01-01", "`today`, the only default of a date"),
        ("datetime=x", "`now`, the only default of a datetime"),
        ("uuid=x", "can have no default"),
        ("json={}", "can have no default"),
        ("references(users)=1", "can have no default"),
        ("string=", "is not a text within its bounds"),
        (
            &format!("string={}", "x".repeat(251)),
            "is not a text within its bounds",
        ),
        (&"x".repeat(5000), "unknown type `xxxx"),
        ("{{ 7 * 7 }}", "unknown type `{{ 7 * 7 }}`"),
        ("[% include 'x' %]", "unknown type"),
        ("'); drop table users; --", "unknown type"),
        ("$(reboot)", "unknown type"),
    ] {
        let yaml = format!("posts:\n - b:string\n - \"a:{kind}\"\n");
        cases.push((yaml, format!("bad.yaml:3: …{expected}")));
    }
    for (options, expected) in [
        ("type: string, min: 5, max: 3", "`min` of `a` is greater than its `max`"),
        ("type: string, max: 251", "lengths from 1 to 250; a text may be longer"),
        ("type: string, max: 0", "lengths from 1 to 250"),
        ("type: string, max: -1", "is not a number of characters"),
        ("type: string, min: x", "`min: x` of `a` is not a number of characters"),
        ("type: text, max: 99999999", "lengths from 1 to 1000000"),
        ("type: integer, min: 1.5", "is not a whole number of 32 bits"),
        ("type: integer, max: 3000000000", "is not a whole number of 32 bits"),
        (
            "type: biginteger, min: 99999999999999999999",
            "is not a whole number of 64 bits",
        ),
        ("type: float, min: x", "is not a number such as 0.5"),
        ("type: float, max: .inf", "is not a number such as 0.5"),
        ("type: date, min: 2026-01-01", "`a` has no `min` and `max`"),
        ("type: email, max: 5", "`a` has no `min` and `max`"),
        ("type: integer, min: 5, default: 4", "is not a number within its bounds"),
        ("type: string, max: 3, default: long", "is not a text within its bounds"),
        ("type: string, default: \"a\\nb\"", "is not a plain line of text"),
        ("type: string, default: \"a\\u202eb\"", "is not a plain line of text"),
        ("type: text, default: \"a\\u2066b\"", "is not a plain line of text"),
        ("type: string, unique: maybe", "`unique` is true or false"),
    ] {
        let yaml = format!("posts:\n  fields:\n    a: {{{options}}}\n");
        cases.push((yaml, expected.to_owned()));
    }
    all_refused(cases);
}

#[test]
fn names_that_cannot_be() {
    let mut cases = Vec::new();
    for (name, expected) in [
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
        ("1st", "cannot be the name of a field"),
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
        ("naïve", "cannot be the name of a field"),
        ("日本", "cannot be the name of a field"),
        ("😀", "cannot be the name of a field"),
        ("r#type", "cannot be the name of a field"),
        ("__proto__", "did you mean `proto`?"),
        ("__class__", "cannot be the name of a field"),
        (&"x".repeat(51), "at most 50 characters"),
        (&"x".repeat(100_000), "at most 50 characters"),
    ] {
        let yaml = format!("posts:\n - \"{name}:string\"\n");
        cases.push((yaml, expected.to_owned()));
    }
    for (name, expected) in [
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
    ] {
        let yaml = format!("\"{name}\":\n - title:string\n");
        cases.push((yaml, expected.to_owned()));
    }
    all_refused(cases);
}

#[test]
fn paths_that_are_no_files_and_words_that_are_no_fields() {
    let project = Project::new();
    let refused = |args: &[&str], expected: &str| {
        let message = project.refused(&[&["scaffold"], args].concat());
        assert!(message.contains(expected), "{args:?}: {message}");
    };
    refused(&["none.yaml"], "none.yaml: cannot be read");
    refused(&["tests/none"], "tests/none: cannot be read");
    refused(&["src/app"], "src/app: is no file");
    let pipe = project.path().join("pipe.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused_pipe(&project);
    std::fs::remove_file(pipe).unwrap();
    refused(&["post"], "argument 1: `post` has no fields");
    refused(&["post", "title"], "argument 2: `title` has no type");
    refused(
        &["post", "title:strin"],
        "argument 2: unknown type `strin`; did you mean `string`?",
    );
    refused(
        &["post", "title:string", "title:text"],
        "argument 3: the field `title` is there already, in argument 2",
    );
    refused(
        &["Post", "title:string"],
        "argument 1: `Post` cannot be the name of a resource; did you mean `post`?",
    );
    refused(&["post", "a:references(things)"], "argument 2: `a` refers to `things`");
    let path = project.write("good.yaml", "posts:\n - title:string\n");
    refused(
        &[&path, "body:text"],
        "argument 2: `body:text` comes after the file good.yaml",
    );
    for args in [
        &["scaffold"][..],
        &["scaffold", "--no-such-flag"],
        &["destroy"],
        &["destroy", "a", "b"],
    ] {
        project.refused(args);
    }
}

/// A pipe in the folder cannot be read by the comparison of trees, so only the run is looked at.
fn refused_pipe(project: &Project) {
    let output = project.run(&["scaffold", "pipe.yaml"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("pipe.yaml: is no file"), "{message}");
}

#[test]
fn projects_that_are_not_as_scaffold_needs_them() {
    let yaml = "posts:\n - title:string\n";
    let spoiled = |path: &str, from: &str, to: &str, expected: &str| {
        let project = Project::new();
        project.write("good.yaml", yaml);
        let text = project.read(path);
        assert!(text.contains(from), "{path} has no {from}");
        project.write(path, text.replace(from, to));
        let message = project.refused(&["scaffold", "good.yaml"]);
        assert!(message.contains(expected), "{message}");
    };
    for (path, marker, near) in [
        ("Cargo.toml", "# scaffold: resources", "# scafold: resources"),
        ("tests/resources/main.rs", "// scaffold: modules", "// scafold: modules"),
        ("templates/menu.html", "{# scaffold: menu #}", "{# scafold: menu #}"),
    ] {
        spoiled(path, marker, "", &format!("{path}: the line `{marker}` is missing"));
        let twice = format!("{marker}\n{marker}");
        spoiled(
            path,
            marker,
            &twice,
            &format!("{path}: the line `{marker}` is there more than once"),
        );
        spoiled(path, marker, near, &format!("`{near}` is near"));
    }
    let routes = "// scaffold: routes";
    spoiled("src/app/mod.rs", routes, "", "is not inside a project");
    let twice = format!("{routes}\n{routes}");
    spoiled("src/app/mod.rs", routes, &twice, "is there more than once");
    spoiled(
        "src/app/mod.rs",
        routes,
        "    let x = \"// scaffold: routes\";",
        "the line `// scaffold: routes` is missing",
    );

    let outside = tempfile::tempdir().unwrap();
    let output = crate::support::server::ServerConfig::of(crate::support::program())
        .command(outside.path(), &["scaffold", "post", "a:string"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("is not inside a project"), "{message}");

    let there = |path: &str, content: &str, expected: &str| {
        let project = Project::new();
        project.write("good.yaml", yaml);
        project.write(path, content);
        let message = project.refused(&["scaffold", "good.yaml"]);
        assert!(message.contains(expected), "{message}");
    };
    there(
        "src/app/posts/lib.rs",
        "// mine\n",
        "src/app/posts/lib.rs: is there already and was not generated",
    );
    there(
        "src/app/posts/Cargo.toml",
        "[package]\nname = \"mine\"\n",
        "src/app/posts/Cargo.toml: is there already and was not generated",
    );
    there("src/app/posts/lib.rs/x", "", "src/app/posts/lib.rs: is no plain file");
    there(
        "src/app/posts/Cargo.toml/x",
        "",
        "src/app/posts/Cargo.toml: is no plain file",
    );
    let template = "scaffold/templates/src/app/resources/views.rs";
    let ours = std::fs::read_to_string(sample(template)).unwrap();
    for (from, to, expected) in [
        ("[[ plural ]]", "[[ plural", template),
        ("[[ plural ]]", "[[ no_such_thing ]]", template),
        ("async fn", "async fun", "what it gives is not Rust"),
    ] {
        there(template, &ours.replace(from, to), expected);
    }
    there(
        "tests/resources/posts.rs",
        "// mine\n",
        "tests/resources/posts.rs: is there already",
    );
    there(
        "migrations/sqlite/1_x.up.sql",
        "create table posts (\n);\n",
        "the table `posts` is made by migrations",
    );
    there(
        ".scaffold/posts.json",
        "{}",
        ".scaffold/posts.json: is not what scaffold wrote",
    );
}
