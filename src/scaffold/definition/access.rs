//! `auth` as a definition writes it: who may do what with a resource.

use super::{
    layout, naming,
    reader::Reader,
    yaml::{Content, Node, Scalar},
};
use crate::{
    error::{Diagnostic, Span, Suggestion},
    scaffold::{
        codes,
        model::{Access, Field, Resource, Who},
        source::shown,
        synonyms,
    },
};

/// Reads the value of `auth`; where it cannot be read, every user may do everything.
pub fn read(reader: &mut Reader<'_>, option: &Scalar, node: &Node) -> Access {
    match &node.content {
        Content::Text(text) => Access::all(read_caller(reader, text)),
        Content::Mapping(verbs) => read_verbs(reader, verbs),
        content => {
            let one = match content {
                Content::List(items) => items.first().filter(|_| items.len() == 1),
                _ => None,
            };
            let replacement = match one {
                Some(one) => reader.text[one.span.start..one.span.end].to_owned(),
                None if *content == Content::Nothing => " user".to_owned(),
                None => "user".to_owned(),
            };
            let edit = Suggestion {
                title: format!("did you mean `{}`?", replacement.trim()),
                span: node.span,
                replacement,
            };
            reader.note(
                Diagnostic::new(
                    codes::AUTH,
                    node.span.or(option.span),
                    "expected who may use the resource",
                )
                .help("`auth` is public, user, owner or admin, or a mapping such as `{list: public, delete: admin}`")
                .suggest(Some(edit)),
            );
            Access::all(Who::User)
        }
    }
}

fn read_caller(reader: &mut Reader<'_>, text: &Scalar) -> Who {
    Who::parse(&text.text).unwrap_or_else(|| {
        let meant = synonyms::meant(&text.text, synonyms::CALLERS, &Who::NAMES);
        let piece = text.piece();
        let edit = match meant {
            Some(meant) => piece.meant(meant),
            None => piece.replaced("user", "use `user`, which is the default"),
        };
        let message = format!("unknown value of auth `{}`", shown(&text.text));
        reader.note(
            Diagnostic::new(codes::AUTH, text.span, message)
                .help(format!("allowed: {}", Who::NAMES.join(", ")))
                .suggest(edit),
        );
        Who::User
    })
}

fn read_verbs(reader: &mut Reader<'_>, verbs: &[(Scalar, Node)]) -> Access {
    let mut access = Access::all(Who::User);
    let spans = layout::spans(verbs);
    let mut create = None;
    for (index, (verb, value)) in verbs.iter().enumerate() {
        let who = match &value.content {
            Content::Text(text) => read_caller(reader, text),
            _ => {
                let separator = if reader.is_arguments { "=" } else { " " };
                let edit = Suggestion {
                    span: value.span,
                    replacement: format!("{separator}user"),
                    title: "use `user`, which is the default".to_owned(),
                };
                let message = format!("`{}` needs one plain value", shown(&verb.text));
                let problem = Diagnostic::new(codes::AUTH, verb.span, message);
                reader.note(problem.suggest(Some(edit)));
                continue;
            }
        };
        if verb.text == "create" {
            create = Some(value.span);
        }
        match access.of_verb(&verb.text) {
            Some(entry) => *entry = who,
            None => {
                let is_free = |word: &&str| !verbs.iter().any(|(key, _)| key.text == **word);
                let meant = synonyms::meant(&verb.text, synonyms::VERBS, &Access::VERBS).filter(is_free);
                let edit = meant.and_then(|meant| verb.piece().meant(meant));
                reader.note(
                    Diagnostic::new(codes::AUTH, verb.span, format!("unknown verb `{}`", shown(&verb.text)))
                        .help(format!("allowed: {}", Access::VERBS.join(", ")))
                        .suggest(edit.or_else(|| layout::removal(&spans, index))),
                );
            }
        }
    }
    if let Some(span) = create {
        check_create(reader, &access, span);
    }
    access
}

/// Whose rows are somebody's needs somebody who creates them.
fn check_create(reader: &mut Reader<'_>, access: &Access, create: Span) {
    let has_owner = access.verbs().iter().any(|(_, who)| *who == Who::Owner);
    if has_owner && access.create == Who::Public {
        let edit = Suggestion::meant(create, "user");
        reader.note(
            Diagnostic::new(codes::OWNER, create, "rows that anybody may create belong to nobody")
                .help("with `owner` for other verbs, create needs user, owner or admin")
                .suggest(Some(edit)),
        );
    }
}

/// Notes a field in the place of the column that `auth: owner` adds.
pub fn check_owner(reader: &mut Reader<'_>, resource: &Resource) {
    if !resource.has_owner() {
        return;
    }
    let is_owner = |field: &&Field| field.column().eq_ignore_ascii_case("owner_id");
    if let Some(nested) = resource.nested.iter().find(|nested| nested.name == "owner_id") {
        let message = "`owner_id` is reserved by `auth: owner`";
        reader.note(
            Diagnostic::new(codes::OWNER, nested.place.name, message)
                .help("answers have the id of the owner by that name; choose another name"),
        );
    }
    if let Some(field) = resource.fields.iter().find(is_owner) {
        let is_free = |name: &str| naming::is_field(name) && !resource.fields.iter().any(|other| other.name == name);
        let edit = ["owned_by_id", "author_id", "owner_id_2"]
            .into_iter()
            .find(|name| is_free(name));
        reader.note(
            Diagnostic::new(
                codes::OWNER,
                field.place.name,
                "`owner_id` is reserved by `auth: owner`",
            )
            .help("scaffold adds that column; remove the field, or choose another name")
            .suggest(edit.and_then(|name| field.renamed(name))),
        );
    }
}
