//! The options that only the fields of `users` have, and those that these do not have.

use super::{
    layout, naming,
    reader::Reader,
    settings::Settings,
    yaml::{Content, Node, Scalar},
};
use crate::{
    error::{Diagnostic, Span, Suggestion},
    scaffold::{
        codes,
        model::{Asked, Reach, UserRules},
        reserved,
        source::{Setting, nearest, shown},
    },
};

/// The options of attributes of users.
pub const OPTIONS: [&str; 3] = ["visible_to", "changeable_by", "sign_up"];

/// The attribute that all users have and whose column may be another one.
pub const ACTIVE: &str = "active";

/// The options of a resource's fields that attributes of users do not have: what says the same, and why nothing does.
const OTHERS: [(&str, &str, &str); 5] = [
    (
        "read_only",
        "changeable_by: nobody",
        "`changeable_by: nobody` says that nobody changes it",
    ),
    (
        "write_only",
        "visible_to: nobody",
        "`visible_to: nobody` says that answers do not have it",
    ),
    (
        "immutable",
        "changeable_by: nobody, sign_up: optional",
        "`changeable_by: nobody` says that nobody changes it, and `sign_up` whether a new user has it",
    ),
    ("stored", "", "each attribute of users has a column"),
    (
        "on_update",
        "",
        "the server sets no attribute of users when it changes a user",
    ),
];

/// What is wrong with an option whose place is elsewhere; `span` is the option with its value.
pub fn misplaced(
    reader: &Reader<'_>,
    option: &Scalar,
    span: Span,
    removal: Option<Suggestion>,
    options: &[(Scalar, Node)],
) -> Option<Diagnostic> {
    let name = option.text.as_str();
    let problem = |message: String, help: &str| Diagnostic::new(codes::OPTION, option.span, message).help(help);
    if reader.users.is_none() {
        return OPTIONS.contains(&name).then(|| {
            problem(
                format!("`{name}` is an option of attributes of `users`"),
                "a resource says in `auth` who may use it; its fields have `read_only`, `write_only` and `immutable`",
            )
            .suggest(removal)
        });
    }
    let (_, instead, help) = OTHERS.iter().find(|(other, ..)| *other == name)?;
    let first = instead.split(':').next().unwrap_or_default();
    let is_free = !instead.is_empty() && !options.iter().any(|(key, _)| key.text == first);
    let is_flow = layout::is_flow(reader.text, span) || !instead.contains(',');
    let edit = (is_free && is_flow).then(|| Suggestion::meant(span, *instead));
    Some(problem(format!("attributes of `users` do not have `{name}`"), help).suggest(edit.or(removal)))
}

/// Notes an option that resources have, and `users` do not.
pub fn note_option(reader: &mut Reader<'_>, option: &Scalar, removal: Option<Suggestion>) {
    let message = format!("`users` do not have the option `{}`", shown(&option.text));
    reader.note(
        Diagnostic::new(codes::OPTION, option.span, message)
            .help(
                "their table and routes are the library's; `fields` lists their attributes, and each says in `visible_to`, \
                 `changeable_by` and `sign_up` who may do what",
            )
            .suggest(removal),
    );
}

/// Reads the options that attributes of users have.
pub fn read(settings: &Settings<'_>) -> (UserRules, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let rules = UserRules {
        visible_to: word(
            "visible_to",
            &settings.visible_to,
            &Reach::NAMES,
            Reach::parse,
            &mut problems,
        ),
        changeable_by: word(
            "changeable_by",
            &settings.changeable_by,
            &Reach::NAMES,
            Reach::parse,
            &mut problems,
        ),
        sign_up: word("sign_up", &settings.sign_up, &Asked::NAMES, Asked::parse, &mut problems),
    };
    (rules, problems)
}

fn word<T>(
    option: &str,
    setting: &Option<Setting<'_>>,
    allowed: &[&'static str],
    parse: impl Fn(&str) -> Option<T>,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let Setting { value, removal } = setting.as_ref()?;
    let read = parse(value.text);
    if read.is_none() {
        let message = format!("unknown value of {option} `{}`", shown(value.text));
        let edit = meant(value.text, allowed).and_then(|word| value.meant(word));
        problems.push(
            Diagnostic::new(codes::OPTION, value.span, message)
                .help(format!("allowed: {}", allowed.join(", ")))
                .suggest(edit.or_else(|| removal.clone())),
        );
    }
    read
}

/// The allowed word that others call so.
fn meant(word: &str, allowed: &[&'static str]) -> Option<&'static str> {
    let own = match word.to_ascii_lowercase().as_str() {
        "all" | "public" | "anybody" | "anyone" | "everybody" | "user" | "users" => "everyone",
        "self" | "me" | "own" | "creator" => "owner",
        "admins" | "administrator" | "administrators" | "staff" => "admin",
        "none" | "never" | "no" | "false" | "hidden" => "nobody",
        "true" | "yes" | "mandatory" | "must" => "required",
        _ => return nearest(word, allowed),
    };
    allowed.iter().find(|word| **word == own).copied()
}

/// Reads `active: {column: is_active}`.
pub fn read_active(reader: &mut Reader<'_>, name: &Scalar, options: &[(Scalar, Node)]) {
    let column = match options {
        [
            (
                option,
                Node {
                    content: Content::Text(column),
                    ..
                },
            ),
        ] if option.text == "column" => column,
        _ => return note_active(reader, name.span),
    };
    if reader.check(naming::check_column(column.piece())).is_none() {
        return;
    }
    if reserved::is_of_users(&column.text) && column.text != ACTIVE {
        let message = format!(
            "`{}` is the column of another attribute that all users have",
            column.text
        );
        return reader
            .note(Diagnostic::new(codes::RESERVED, column.span, message).help("choose the column of `active`"));
    }
    if let Some(users) = &mut reader.users {
        users.active = Some(column.text.clone()).filter(|column| column != ACTIVE);
    }
}

/// Notes that `active` is an attribute that all users have.
pub fn note_active(reader: &mut Reader<'_>, span: Span) {
    reader.note(
        Diagnostic::new(codes::RESERVED, span, "all users have the attribute `active`").help(
            "`active: {column: is_active}` names the column of a migrated table; nothing else of it can be chosen",
        ),
    );
}
