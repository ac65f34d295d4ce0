//! What the templates of users are filled with: their list in `src/users.rs`, and the attributes in its tests.

use tera::Context;

use super::{
    context, controls,
    defaults::DefaultValue,
    model::{Asked, Field, Known, Reach, USERS, Users},
    types::Kind,
    view::{FieldView, literal},
};

/// What the templates get; `known` has the resources that attributes refer to.
pub fn of(users: &Users, known: &Known) -> Context {
    let views = context::fields(&users.resource, known, &[]);
    let pairs = || users.resource.fields.iter().zip(&views);
    let entries: Vec<String> = pairs().map(|(field, view)| entry(field, view)).collect();
    let tested: Vec<String> = pairs().map(|(field, view)| tested(field, view)).collect();
    let mut context = Context::new();
    let any = |texts: &[String], word: &str| texts.iter().any(|text| text.contains(word));
    context.insert("names_sign_up", &any(&entries, "SignUp::"));
    context.insert("names_who", &any(&entries, "Who::"));
    context.insert("names_json", &any(&entries, "json!("));
    context.insert("names_clock", &any(&entries, ".to_json()"));
    context.insert("tests_name_sign_up", &any(&tested, "SignUp::"));
    context.insert("tests_name_who", &any(&tested, "Who::"));
    context.insert("tests_need_api", &any(&tested, "api."));
    context.insert("has_fields", &!entries.is_empty());
    context.insert("entries", &entries);
    context.insert("tested", &tested);
    context
}

/// An attribute in the list that the library gets.
fn entry(field: &Field, view: &FieldView) -> String {
    let mut calls = vec![format!("UserField::of({:?}, &{})", field.name, view.reader)];
    let mut call = |is_set: bool, text: String| calls.extend(is_set.then_some(text));
    call(field.column() != field.name, format!(".column({:?})", field.column()));
    call(field.nullable, ".nullable()".to_owned());
    call(field.traffic.is_filled_by_database, ".filled()".to_owned());
    if let Some(default) = field.own_default() {
        call(true, format!(".default(|| {})", value_of(default, view)));
    }
    call(field.unique, ".unique()".to_owned());
    // Pages look for others' rows where resources usually have them.
    let is_found = field.refers_to().is_some() && view.target.page.is_empty();
    call(is_found, format!(".refers_to({:?})", view.refers_to));
    let is_labelled = field.label.is_some() || field.refers_to().is_some() && field.name.ends_with("_id");
    call(is_labelled, format!(".label({:?})", controls::label(field)));
    let (rules, who) = (&field.rules, |reach: Option<Reach>| {
        reach.map(Reach::rust).unwrap_or_default()
    });
    call(
        rules.visible_to.is_some(),
        format!(".visible_to({})", who(rules.visible_to)),
    );
    call(
        rules.changeable_by.is_some(),
        format!(".changeable_by({})", who(rules.changeable_by)),
    );
    let sign_up = rules.sign_up.map(Asked::rust).unwrap_or_default();
    call(rules.sign_up.is_some(), format!(".sign_up({sign_up})"));
    calls.concat()
}

/// A default as JSON, in Rust.
fn value_of(default: &DefaultValue, view: &FieldView) -> String {
    match view.default.as_str() {
        "" => format!("fields::{}.to_json().unwrap_or_default()", default.rust()),
        json => format!("json!({json})"),
    }
}

/// An attribute in the tests.
fn tested(field: &Field, view: &FieldView) -> String {
    let (value, other) = match field.refers_to() {
        None => {
            let [value, other] = values(field, view);
            (format!("json!({value})"), format!("json!({other})"))
        }
        Some(USERS) => ("json!(1)".to_owned(), "json!(1)".to_owned()),
        Some(other) => {
            let id = view.target.new_id(other, &format!("super::{other}::document"));
            (id.clone(), id)
        }
    };
    let mut calls = vec![format!("Attribute::of({:?}, {value}, {other})", field.name)];
    let mut call = |is_set: bool, text: String| calls.extend(is_set.then_some(text));
    let (sees, changes) = (field.visible_to(), field.changeable_by());
    call(sees != Reach::Everyone, format!(".visible_to({})", sees.rust()));
    call(changes != Reach::Owner, format!(".changeable_by({})", changes.rust()));
    let (added, sign_up) = (field.when_added(), field.at_sign_up());
    call(added != Asked::Optional, format!(".when_added({})", added.rust()));
    call(sign_up != Asked::Optional, format!(".at_sign_up({})", sign_up.rust()));
    call(field.nullable, ".nullable()".to_owned());
    call(field.unique, ".unique()".to_owned());
    match (&field.default, field.nullable) {
        (Some(_), _) => call(!view.default.is_empty(), format!(".or_else(json!({}))", view.default)),
        (None, nullable) => call(nullable, ".or_else(json!(null))".to_owned()),
    }
    call(
        !view.wrong.is_empty(),
        format!(".wrong(json!({}), {})", view.wrong, view.detail),
    );
    calls.concat()
}

/// Two values; unique ones differ from those of the users whom each test begins with.
fn values(field: &Field, view: &FieldView) -> [String; 2] {
    let usual = [literal(&view.example), view.other_example.clone()];
    match (&field.kind, field.unique) {
        (Kind::Integer | Kind::BigInteger, true) => {
            let [min, max] = field
                .bounds
                .written()
                .map(|bound| bound.and_then(|bound| bound.parse::<i64>().ok()));
            let (min, max) = (min.unwrap_or(i64::from(i32::MIN)), max.unwrap_or(i64::from(i32::MAX)));
            let numbers = match max >= 1 {
                true => [max, max.saturating_sub(1)],
                false => [min, min.saturating_add(1)],
            };
            numbers.map(|number| literal(&number.to_string()))
        }
        (Kind::Email, true) => ["\"cleo@example.com\"", "\"dora@example.com\""].map(str::to_owned),
        (Kind::Date, true) => ["\"1999-01-02\"", "\"1998-01-02\""].map(str::to_owned),
        (Kind::Uuid, true) => [
            "\"0f8fad5b-d9cb-469f-a165-70867728950e\"",
            "\"7c9e6679-7425-40de-944b-e07fc1f90ae7\"",
        ]
        .map(str::to_owned),
        _ => usual,
    }
}
