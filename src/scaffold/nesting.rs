//! Which rows of another resource an attribute shows, and why it may not show them.

use super::{
    codes,
    model::{Access, Field, Known, Nested, Resource, Who},
    source::nearest,
};
use crate::error::{Diagnostic, Suggestion};

/// The reference that says which rows an attribute shows.
#[derive(Clone, Copy)]
pub enum Link<'k> {
    /// A field of the resource itself, which leads to one row or none.
    One(&'k Field),
    /// A field of the other resource, whose rows that lead to this one are shown.
    All(&'k Field),
}

/// The references between a resource and one whose rows it shows.
struct Candidates<'k> {
    own: Vec<&'k Field>,
    of_other: Vec<&'k Field>,
    other: &'k str,
}

impl<'k> Candidates<'k> {
    fn of(resource: &'k Resource, other: &'k Resource) -> Self {
        let between = |from: &'k Resource, to: &Resource| -> Vec<&'k Field> {
            let references = from.references().filter(|(field, _)| field.is_stored());
            references
                .filter(|(_, table)| *table == to.plural)
                .map(|(field, _)| field)
                .collect()
        };
        Self {
            own: between(resource, other),
            of_other: between(other, resource),
            other: &other.plural,
        }
    }

    /// The only one.
    fn single(&self) -> Option<Link<'k>> {
        match (self.own.as_slice(), self.of_other.as_slice()) {
            ([field], []) => Some(Link::One(field)),
            ([], [field]) => Some(Link::All(field)),
            _ => None,
        }
    }

    /// The one that `by` names: a field of the resource itself before one of the other.
    fn named(&self, of: Option<&str>, name: &str) -> Option<Link<'k>> {
        let find = |fields: &[&'k Field]| fields.iter().find(|field| field.name == name).copied();
        let own = find(&self.own).filter(|_| of.is_none()).map(Link::One);
        let is_other = of.is_none_or(|of| of == self.other);
        own.or_else(|| find(&self.of_other).filter(|_| is_other).map(Link::All))
    }

    /// What `by` may say.
    fn names(&self) -> Vec<String> {
        let own = self.own.iter().map(|field| field.name.clone());
        let is_own = |name: &str| self.own.iter().any(|field| field.name == name);
        let of_other = self.of_other.iter().map(|field| match is_own(&field.name) {
            true => format!("{}.{}", self.other, field.name),
            false => field.name.clone(),
        });
        own.chain(of_other).collect()
    }
}

/// The reference of a nested attribute; none where the definition was refused.
pub fn link<'k>(resource: &'k Resource, nested: &Nested, known: &'k Known) -> Option<Link<'k>> {
    let candidates = Candidates::of(resource, known.get(&nested.of)?);
    match nested.by() {
        Some((of, name)) => candidates.named(of, name),
        None => candidates.single(),
    }
}

/// The attributes that answers with rows of a resource have, in their order.
pub fn shown(other: &Resource) -> Vec<&str> {
    let fields = other.fields.iter().filter(|field| field.is_shown());
    let names = fields.map(|field| field.name.as_str());
    names.chain(other.has_owner().then_some("owner_id")).collect()
}

/// All that is wrong with a nested attribute; `known` are the resources of the project, `tables` all that a reference may
/// lead to.
pub fn problems(resource: &Resource, nested: &Nested, known: &Known, tables: &[&str]) -> Vec<Diagnostic> {
    if nested.of == "users" {
        let message = format!("`{}` of `{}` cannot show users", nested.name, resource.plural);
        let problem = Diagnostic::new(codes::REFERENCE, nested.place.inside("nested("), message);
        return vec![problem.help(
            "what others may see of a user depends on the profile and on who asks; a reference to users shows the id",
        )];
    }
    let Some(other) = known.get(&nested.of) else {
        return vec![unknown(nested, tables)];
    };
    let mut problems = Vec::new();
    // What is missing may be among the fields that cannot be read.
    if resource.has_unread_fields || other.has_unread_fields {
        return problems;
    }
    problems.extend(no_link(resource, nested, other));
    problems.extend(hidden(resource, nested, other));
    problems.extend(nested.options.only.iter().filter_map(|word| {
        let message = not_shown(other, &word.text)?;
        let near = nearest(&word.text, &shown(other)).filter(|near| {
            let is_there = |other: &&str| nested.options.only.iter().any(|word| word.text == **other);
            !is_there(near)
        });
        let edit = near.filter(|_| word.span.end > word.span.start);
        Some(
            Diagnostic::new(codes::REFERENCE, word.span, message)
                .help(format!("`{}` shows: {}", other.plural, shown(other).join(", ")))
                .suggest(edit.map(|near| Suggestion::meant(word.span, near))),
        )
    }));
    problems
}

fn unknown(nested: &Nested, tables: &[&str]) -> Diagnostic {
    let place = nested.place.inside("nested(");
    let message = format!("`{}` shows rows of the unknown resource `{}`", nested.name, nested.of);
    let near = nearest(&nested.of, tables).or_else(|| nearest(&nested.name, tables));
    let edit = near.filter(|near| nested.place.is_exact && *near != "users");
    Diagnostic::new(codes::REFERENCE, place, message)
        .help(format!("the resources are: {}", tables.join(", ")))
        .suggest(edit.map(|near| Suggestion::meant(place, near)))
}

/// Where the one reference between the two is missing, or not the only one.
fn no_link(resource: &Resource, nested: &Nested, other: &Resource) -> Option<Diagnostic> {
    let candidates = Candidates::of(resource, other);
    let names = candidates.names();
    let [own, of] = [&resource.plural, &other.plural];
    let allowed = |names: &[String]| match names {
        [] => format!(
            "add one, such as `{}_id:references({own})` to `{of}`",
            resource.singular
        ),
        [first, ..] => format!(
            "`by` names one of: {}; such as {{type: nested({of}), by: {first}}}",
            names.join(", ")
        ),
    };
    let problem = |span, message| Some(Diagnostic::new(codes::REFERENCE, span, message).help(allowed(&names)));
    if let Some((of_name, name)) = nested.by() {
        if candidates.named(of_name, name).is_some() {
            return None;
        }
        let by = nested.options.by.as_ref()?;
        let message = format!("`{}` is not a reference between `{own}` and `{of}`", by.text);
        let near = nearest(&by.text, &names.iter().map(String::as_str).collect::<Vec<_>>()).map(str::to_owned);
        let near = near.or_else(|| names.first().cloned().filter(|_| names.len() == 1));
        let edit = near.filter(|_| by.span.end > by.span.start);
        return problem(by.span, message)
            .map(|problem| problem.suggest(edit.map(|near| Suggestion::meant(by.span, near))));
    }
    if candidates.single().is_some() {
        return None;
    }
    let message = match names.is_empty() {
        true => format!(
            "`{}` shows rows of `{of}`, but neither of `{own}` and `{of}` refers to the other",
            nested.name
        ),
        false if own == of => format!(
            "`{}` could show the row that `{}` leads to, or all rows that lead here: `by: {of}.{}`",
            nested.name, names[0], names[0]
        ),
        false => format!(
            "`{}` has several references between `{own}` and `{of}` to follow",
            nested.name
        ),
    };
    problem(nested.place.kind, message)
}

/// Where not everybody who gets the resource's rows may get the other's.
fn hidden(resource: &Resource, nested: &Nested, other: &Resource) -> Option<Diagnostic> {
    let (verb, who) = widest(&resource.access);
    let (other_verb, other_who) = narrowest(&other.access);
    if breadth(other_who) <= audience(who) {
        return None;
    }
    let message = format!(
        "`{}` would show rows of `{}` to more callers than may see them: `{other_verb}` of `{}` is `{}`, `{verb}` of `{}` is \
         `{}`",
        nested.name,
        other.plural,
        other.plural,
        Who::NAMES[other_who as usize],
        resource.plural,
        Who::NAMES[who as usize],
    );
    let help = match other_who {
        Who::Owner => "rows of one owner inside rows of another one, or even of the same, are not shown",
        _ => {
            "`list`, `get`, `create` and `update` answer with nested rows; let them be as narrow as the other's `list` and `get`"
        }
    };
    Some(Diagnostic::new(codes::AUTH, nested.place.kind, message).help(help))
}

/// The verb that answers the most callers with rows.
fn widest(access: &Access) -> (&'static str, Who) {
    let with_rows = access.verbs().into_iter().filter(|(verb, _)| *verb != "delete");
    with_rows
        .min_by_key(|(_, who)| audience(*who))
        .unwrap_or(("list", access.list))
}

/// The verb by which the fewest callers see rows.
fn narrowest(access: &Access) -> (&'static str, Who) {
    match breadth(access.get) > breadth(access.list) {
        true => ("get", access.get),
        false => ("list", access.list),
    }
}

/// How narrow the group is that gets an answer: owners are users like others.
fn audience(who: Who) -> u8 {
    match who {
        Who::Public => 0,
        Who::User | Who::Owner => 1,
        Who::Admin => 3,
    }
}

/// How narrow the group must be that gets rows.
fn breadth(who: Who) -> u8 {
    match who {
        Who::Owner => 2,
        who => audience(who),
    }
}

/// Why a nested row cannot have an attribute of the other resource.
fn not_shown(other: &Resource, name: &str) -> Option<String> {
    let of = &other.plural;
    if shown(other).contains(&name) {
        return None;
    }
    Some(match name {
        "id" => "each nested row has its `id`".to_owned(),
        _ if other.nested.iter().any(|nested| nested.name == name) => {
            format!("`{name}` of `{of}` is nested itself, and is not shown inside of another row")
        }
        _ if other.fields.iter().any(|field| field.name == name) => {
            format!("`{name}` of `{of}` is never shown")
        }
        _ => format!("`{name}` is not an attribute of `{of}`"),
    })
}
