//! How fields stand in pages: the components of `templates/components.html` and their arguments.

use super::{
    model::{Field, KeyKind, Resource},
    names::snake,
    target::{Target, page_address},
    types::Kind,
    words::{capitalised, spaced},
};
use crate::flask::plural::plural;

/// What a field is called in pages: `Author` for `author_id`.
pub fn label(field: &Field) -> String {
    let words = snake(&field.name);
    let one = words.strip_suffix("_ids").filter(|name| !name.is_empty());
    match one.filter(|_| field.label.is_none() && field.links_to().is_some()) {
        Some(one) => capitalised(&spaced(&plural(one))),
        None => label_of(&field.name, field.label.as_deref()),
    }
}

/// What an attribute is called in pages, where a definition may say it.
pub fn label_of(name: &str, label: Option<&str>) -> String {
    if let Some(label) = label {
        return label.to_owned();
    }
    let words = snake(name);
    let name = words.strip_suffix("_id").filter(|name| !name.is_empty());
    capitalised(&spaced(name.unwrap_or(&words)))
}

/// The arguments that tell a list and a detail how to show the field: `kind="reference" of="authors"`.
pub fn shown(field: &Field, target: &Target) -> String {
    let kind = field.kind.row().page;
    match field.leads_to() {
        Some(of) => format!("kind=\"{kind}\" of=\"{of}\"{}", target.page),
        None => format!("kind=\"{kind}\""),
    }
}

/// The arguments by which pages find a resource in the API, each after a blank; empty where it is where they expect it.
pub fn of_resource(resource: &Resource) -> String {
    let mut arguments = page_address(resource, "");
    if resource.json_type() != resource.plural {
        arguments.push_str(&format!(" type={:?}", resource.json_type()));
    }
    match resource.key_kind() {
        KeyKind::Integer | KeyKind::BigInteger => {}
        KeyKind::String => arguments.push_str(" key=\"text\""),
        KeyKind::Uuid => arguments.push_str(" key=\"uuid\""),
    }
    arguments
}

/// The arguments of a form about fields that existing rows keep, and about those that answers do not have.
pub fn of_form(resource: &Resource) -> String {
    let names = |holds: fn(&&Field) -> bool| {
        let fields = resource.fields.iter().filter(|field| field.is_sent()).filter(holds);
        fields.map(|field| field.name.as_str()).collect::<Vec<_>>().join(" ")
    };
    let mut arguments = of_resource(resource);
    for (argument, names) in [
        ("immutable", names(|field| field.traffic.is_immutable)),
        ("write_only", names(|field| !field.is_shown())),
    ] {
        if !names.is_empty() {
            arguments.push_str(&format!(" {argument}={names:?}"));
        }
    }
    arguments
}

/// The arguments of a list: whether what answers show is all that a row was made of.
pub fn of_list(resource: &Resource) -> String {
    let mut arguments = of_resource(resource);
    if !resource.fields.iter().all(|field| field.is_sent() && field.is_shown()) {
        arguments.push_str(" restorable={false}");
    }
    arguments
}

/// The component of the field in a form, with all arguments.
///
/// `default` is JSON, empty for none; a change must `always` have some fields.
pub fn control(field: &Field, target: &Target, default: &str, always: bool) -> String {
    let kind = field.kind.row().page;
    let is_yes_no = matches!(field.kind, Kind::Boolean | Kind::Bool);
    let component = if is_yes_no { "yes_no" } else { kind };
    let mut words = vec![
        format!("field.{component}"),
        format!("name={:?}", field.name),
        format!("label={:?}", label(field)),
    ];
    if is_yes_no {
        words.push(format!("kind=\"{kind}\""));
        words.extend(["1", "true"].contains(&default).then(|| "value={true}".to_owned()));
    } else {
        words.extend(field.leads_to().map(|of| format!("of={of:?}{}", target.page)));
        if let Some(choices) = field.kind.choices() {
            words.push(format!("choices={{{choices:?}}}"));
        }
        if let Kind::Numeric { precision, scale } = field.kind {
            words.push(format!(
                "whole=\"{}\" scale=\"{scale}\"",
                precision.saturating_sub(scale)
            ));
        }
        for (name, bound) in ["min", "max"].into_iter().zip(field.bounds.written()) {
            words.extend(bound.map(|bound| format!("{name}=\"{bound}\"")));
        }
        if !default.is_empty() {
            // A text in JSON is one in Tera too; a number goes as text.
            let is_text = default.starts_with('"');
            words.push(if is_text {
                format!("value={default}")
            } else {
                format!("value=\"{default}\"")
            });
        }
        words.extend(field.is_required().then(|| "required={true}".to_owned()));
        words.extend(field.unique.then(|| "unique={true}".to_owned()));
    }
    words.extend(field.nullable.then(|| "nullable={true}".to_owned()));
    words.extend(has_unshown_default(field, default).then(|| "unshown={true}".to_owned()));
    words.extend(always.then(|| "always={true}".to_owned()));
    words.join(" ")
}

/// Whether an empty control stands for a default that is not null: the present, or no.
fn has_unshown_default(field: &Field, default: &str) -> bool {
    let is_shown = match field.kind {
        Kind::DateTime | Kind::Date | Kind::Time => !default.is_empty(),
        Kind::Boolean | Kind::Bool => ["1", "true"].contains(&default),
        _ => true,
    };
    field.nullable && field.default.is_some() && !is_shown
}

#[cfg(test)]
mod tests {
    use crate::scaffold::{
        definition::arguments::{self, Arguments},
        model::Known,
        target::Target,
        view,
    };

    #[test]
    fn a_field_becomes_a_component_with_what_it_needs() {
        for (text, expected) in [
            (
                "title:string",
                r#"field.string name="title" label="Title" required={true}"#,
            ),
            (
                "note:text=a \"b\" \\",
                r#"field.text name="note" label="Note" value="a \"b\" \\""#,
            ),
            (
                "author_id:references(users)?",
                r#"field.reference name="author_id" label="Author" of="users" nullable={true}"#,
            ),
            (
                "mood:enum(a,b)=b",
                r#"field.enum name="mood" label="Mood" choices={["a", "b"]} value="b""#,
            ),
            (
                "is_open:bool=true",
                r#"field.yes_no name="is_open" label="Is open" kind="bool" value={true}"#,
            ),
            (
                "size:integer=-3",
                r#"field.integer name="size" label="Size" value="-3""#,
            ),
            (
                "made_at:datetime=now",
                r#"field.datetime name="made_at" label="Made at""#,
            ),
            (
                "made_at:datetime?=now",
                r#"field.datetime name="made_at" label="Made at" nullable={true} unshown={true}"#,
            ),
            (
                "is_open:bool?=false",
                r#"field.yes_no name="is_open" label="Is open" kind="bool" nullable={true} unshown={true}"#,
            ),
            (
                "opens:time?=now",
                r#"field.time name="opens" label="Opens" nullable={true} unshown={true}"#,
            ),
            (
                "opens:time=9:30",
                r#"field.time name="opens" label="Opens" value="09:30:00""#,
            ),
            (
                "price:decimal(14,4)=1.5",
                r#"field.decimal name="price" label="Price" whole="10" scale="4" value="1.5000""#,
            ),
            (
                "tags:array(string)?",
                r#"field.array name="tags" label="Tags" nullable={true}"#,
            ),
            (
                "tag_ids:many(users)",
                r#"field.many name="tag_ids" label="Tags" of="users""#,
            ),
            (
                "size:integer?=3",
                r#"field.integer name="size" label="Size" value="3" nullable={true}"#,
            ),
        ] {
            let blueprint = arguments::read(&Arguments {
                name: "thing",
                // Links alone make no resource.
                fields: &[text.to_owned(), "other:string".to_owned()],
                options: &[],
            });
            assert_eq!(blueprint.problems, []);
            let field = &blueprint.resources[0].fields[0];
            let view = view::of(
                "things",
                field,
                field.name.clone(),
                Target::of("things", field, &Known::new()),
            );
            assert_eq!(view.control, expected);
        }
    }
}
