//! Resources whose fields and options are words of the command line.

use serde_json::Value;

use crate::support::project::Project;

/// A resource with every option, as words.
const WORDS: [&str; 25] = [
    "scaffold",
    "hostRecord",
    "title: {type: string, max: 100}",
    "{attribute: lastSeen, column: last_seen, type: datetime?}",
    "order:integer",
    "note:string?=a: b",
    "--table",
    "HOSTS",
    "--route",
    "host-records",
    "--type",
    "hosts",
    "--prefix",
    "",
    "--no-json",
    "--key",
    "code:string",
    "--unique",
    "title,order",
    "--unique",
    "title,lastSeen",
    "--auth",
    "list=public,delete=admin",
    "--singular",
    "host",
];

/// The same as a file.
const FILE: &str = "\
hostRecord:
  table: HOSTS
  route: host-records
  type: hosts
  prefix: ''
  json: false
  key: code:string
  unique: [[title, order], [title, lastSeen]]
  auth: {list: public, delete: admin}
  singular: host
  fields:
    - title: {type: string, max: 100}
    - {attribute: lastSeen, column: last_seen, type: datetime?}
    - order:integer
    - 'note:string?=a: b'
";

#[test]
fn words_say_what_a_file_says() {
    let (of_words, of_file) = (Project::new(), Project::new());
    of_words.must(&WORDS);
    let path = of_file.write("hosts.yaml", FILE);
    of_file.must(&["scaffold", &path]);
    let text = ".scaffold/host_records.json";
    assert_eq!(of_words.read(text), of_file.read(text));
    assert_eq!(of_words.must(&WORDS), "nothing to do, everything is up to date\n");
}

#[test]
fn a_file_says_the_options_itself() {
    let project = Project::new();
    let path = project.write("hosts.yaml", FILE);
    for option in ["--table=a", "--key=a", "--unique=a,b", "--no-json", "--auth=public"] {
        let message = project.refused(&["scaffold", &path, option]);
        let flag = option.split('=').next().unwrap();
        let expected = format!("{flag}: follows the file hosts.yaml, which defines the options; remove one of them");
        assert!(message.contains(&expected), "{message}");
    }
}

/// Words with one mistake: the words after the name, the code, what is marked, and the word after the suggestion.
const MISTAKES: [(&[&str], &str, &str, &str); 19] = [
    (&["a: {type: strin}"], "E11", "strin", "a: {type: string}"),
    (
        &["a: {type: string, mux: 3}"],
        "E15",
        "mux",
        "a: {type: string, max: 3}",
    ),
    (&["a: {max: 3}"], "E10", "a", "a: {type: string, max: 3}"),
    (&["a: {type: string"], "E01", "", ""),
    (
        &["{attribute: id, type: date}"],
        "E07",
        "id",
        "{attribute: id_value, type: date}",
    ),
    (
        &["{attribute: ä b, type: date}"],
        "E06",
        "ä b",
        "{attribute: a_b, type: date}",
    ),
    (&["{attribute: lastSeen}"], "E11", "lastSeen", "{attribute: string}"),
    (&["{a: string, b: string}"], "E04", "b", ""),
    (&["a:date", "--table", "users"], "E07", "users", "--table app_users"),
    (&["a:date", "--route", "login"], "E07", "login", "--route app_login"),
    (&["a:date", "--prefix", "api"], "E06", "api", "--prefix /api"),
    (&["a:date", "--key", "code:text"], "E31", "text", "--key code:string"),
    (&["a:date", "--key", "[a, b]"], "E31", "[a, b]", ""),
    (&["a:date", "--unique", "a"], "E19", "a", ""),
    (
        &["a:date", "title:string", "--unique", "a,titel"],
        "E19",
        "titel",
        "--unique a,title",
    ),
    (
        &["a:date", "--auth", "list=publc"],
        "E20",
        "publc",
        "--auth list=public",
    ),
    (&["a:date", "--auth", "lst=user"], "E20", "lst", "--auth list=user"),
    (
        &["a:date", "--auth", "list,get=user"],
        "E20",
        "list",
        "--auth list=user,get=user",
    ),
    (&["a:date", "--singular", "Host"], "E06", "Host", "--singular host"),
];

#[test]
fn mistakes_are_marked_in_the_word_that_has_them() {
    let project = Project::new();
    for (words, code, marked, mended) in MISTAKES {
        let run = [&["scaffold", "host"], words, &["--json"]].concat();
        let output = project.run(&run);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let [error] = answer["errors"].as_array().unwrap().as_slice() else {
            panic!("{words:?}: {answer:#}");
        };
        // Each word is a line, and a flag with its value is one too.
        let text = ["host"].iter().chain(words).copied().collect::<Vec<_>>().join("\n");
        let text = words
            .iter()
            .filter(|word| word.starts_with("--"))
            .fold(text, |text, flag| {
                text.replace(&format!("{flag}\n"), &format!("{flag} "))
            });
        let place = |value: &Value, name: &str| usize::try_from(value[name].as_u64().unwrap()).unwrap();
        let (start, end) = (place(error, "start"), place(error, "end"));
        assert_eq!(
            (&error["code"], &text[start..end]),
            (&Value::from(code), marked),
            "{error:#}"
        );
        assert_eq!(place(error, "line"), 1 + text[..start].matches('\n').count());
        let edit = &error["suggestion"];
        match mended {
            "" => assert!(edit.is_null(), "{error:#}"),
            mended => {
                let replacement = edit["replacement"].as_str().unwrap();
                let edited = format!(
                    "{}{replacement}{}",
                    &text[..place(edit, "start")],
                    &text[place(edit, "end")..]
                );
                let line = edited.lines().nth(place(error, "line") - 1).unwrap();
                assert_eq!(line, mended);
                let words: Vec<&str> = edited.lines().flat_map(as_words).collect();
                project.must(&[&["scaffold"], words.as_slice(), &["--dry-run"]].concat());
            }
        }
    }
}

/// A line of the source as words of the command line.
fn as_words(line: &str) -> Vec<&str> {
    match line.split_once(' ').filter(|_| line.starts_with("--")) {
        Some((flag, value)) => vec![flag, value],
        None => vec![line],
    }
}
