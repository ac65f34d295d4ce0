//! `users` as a definition has it: attributes beyond those that all users have.

use super::{
    keys, naming,
    reader::{Reader, UsersRead},
    resource, rules,
    yaml::{Node, Scalar},
};
use crate::{
    error::Diagnostic,
    scaffold::{
        codes, columns,
        model::{Access, Asked, Field, OnDelete, Resource, USERS, Users, Who, Wire},
        reserved,
        types::Kind,
    },
};

/// Reads the attributes under `key`, and notes all that is wrong with them.
pub fn read(reader: &mut Reader<'_>, key: &Scalar, node: &Node) -> Option<Users> {
    let before = reader.count();
    reader.users = Some(UsersRead::default());
    let fields = resource::read_fields(reader, key, node);
    let UsersRead { active } = reader.users.take().unwrap_or_default();
    let resource = of_fields(key, fields, reader.count() > before);
    for field in &resource.fields {
        check(reader, field, active.as_deref());
    }
    keys::check_columns(reader, &resource);
    if let Err(message) = columns::check_table(&resource) {
        reader.note(Diagnostic::new(codes::WIDTH, key.span, message));
    }
    Some(Users { resource, active })
}

/// The fields, as those of a resource over the users table.
fn of_fields(key: &Scalar, fields: Vec<Field>, has_unread_fields: bool) -> Resource {
    Resource {
        span: key.span,
        key: USERS.to_owned(),
        has_own_singular: false,
        has_own_plural: false,
        has_own_table: false,
        has_unread_fields,
        singular: "user".to_owned(),
        plural: USERS.to_owned(),
        table: None,
        wire: Wire::default(),
        primary_key: None,
        unique: Vec::new(),
        access: Access::all(Who::User),
        nested: Vec::new(),
        fields,
    }
}

/// Notes what is wrong with an attribute that a resource could have.
fn check(reader: &mut Reader<'_>, field: &Field, active: Option<&str>) {
    let name = &field.name;
    if name.eq_ignore_ascii_case(rules::ACTIVE) {
        return rules::note_active(reader, field.place.name);
    }
    if matches!(field.kind, Kind::Many(_) | Kind::Nested(_)) {
        let kind = field.kind.row().name;
        let message = format!("`{name}` cannot be of the type {kind}: each attribute of users has a column");
        let problem = Diagnostic::new(codes::TYPE, field.place.kind, message);
        return reader.note(problem.help("a resource can refer to users, with references(users) or many(users)"));
    }
    if reserved::is_of_users(name) || reserved::is_of_users(field.column()) {
        return note_taken(reader, field);
    }
    if active.is_some_and(|active| active.eq_ignore_ascii_case(field.column())) {
        let message = format!("`{name}` would have the column of `active`");
        let problem = Diagnostic::new(codes::CLASH, field.place.name, message);
        reader.note(problem.help("set another `column:`, or another name"));
    }
    if field.is_required() && field.at_sign_up() != Asked::Required {
        let message = format!("nobody could sign up: new users need `{name}`, and signing up does not ask for it");
        reader.note(
            Diagnostic::new(codes::OPTION, field.place.name, message)
                .help("make it nullable, give it a default, or set `sign_up: required`")
                .suggest(field.place.nullable()),
        );
    }
    if field.on_delete == OnDelete::Cascade {
        let message = format!("users would be deleted with the row that `{name}` names");
        let problem = Diagnostic::new(codes::OPTION, field.place.name, message);
        reader.note(problem.help("`on_delete` of an attribute of users is `restrict` or `set null`"));
    }
}

/// Notes an attribute whose name or column all users have.
fn note_taken(reader: &mut Reader<'_>, field: &Field) {
    let (name, column) = (&field.name, field.column());
    let problem = |message: String| Diagnostic::new(codes::RESERVED, field.place.name, message);
    if !reserved::is_of_users(name) {
        let message = format!("`{name}` would have the column `{column}`, which all users have");
        return reader.note(problem(message).help("set another `column:`"));
    }
    let is_free = |name: &str| naming::is_field(name) && !reserved::is_of_users(name);
    let edit = naming::free(name, "field", is_free).and_then(|name| field.renamed(&name));
    reader.note(
        problem(format!("all users have `{name}` already"))
            .help("remove it, or choose another name; the library has it in the routes that it answers for users")
            .suggest(edit),
    );
}
