//! What a field of the type `many` has beyond its type: the names of its join table; and what it cannot have.

use super::{
    naming,
    settings::{Settings, flag},
};
use crate::{
    error::{Diagnostic, Suggestion},
    scaffold::{
        codes,
        model::JoinNames,
        source::{Piece, Setting},
        types::Kind,
    },
};

/// Reads what the join table of the field `name` is called, with all that is wrong with that and what the type rules out.
///
/// `modifiers` are those behind the type.
pub fn read(
    name: Piece<'_>,
    kind: &Kind,
    settings: &Settings<'_>,
    modifiers: Piece<'_>,
) -> (JoinNames, Vec<Diagnostic>) {
    if !matches!(kind, Kind::Many(_)) {
        return (JoinNames::default(), of_others(name, settings));
    }
    let mut problems = ruled_out(name, settings, modifiers);
    let mut names = JoinNames::default();
    if let Some(table) = &settings.table {
        problems.extend(naming::check_table(table.value).err());
        names.table = Some(table.value.text.to_owned());
    }
    match columns(name, settings) {
        Ok(columns) => names.columns = columns,
        Err(problem) => problems.push(problem),
    }
    (names, problems)
}

/// The options that name a join table, at a field that has none.
fn of_others(name: Piece<'_>, settings: &Settings<'_>) -> Vec<Diagnostic> {
    let columns = settings.columns.as_ref().map(|columns| &columns.setting);
    let given = settings.table.iter().chain(columns);
    let problem = |setting: &Setting<'_>| {
        refused(setting, format!("`{}` has no join table", name.text))
            .help("`table` and `columns` are for many(...), such as many(tags)")
    };
    given.map(problem).collect()
}

fn refused(setting: &Setting<'_>, message: String) -> Diagnostic {
    Diagnostic::new(codes::OPTION, setting.value.span, message).suggest(setting.removal.clone())
}

/// The options that a field without a column cannot have, where no other check refuses them.
fn ruled_out(name: Piece<'_>, settings: &Settings<'_>, modifiers: Piece<'_>) -> Vec<Diagnostic> {
    let name = name.text;
    let mut problems = Vec::new();
    let null = format!("`{name}` cannot be null");
    let help = "where nothing is linked, its list is empty";
    if let Some(at) = modifiers.text.find('?') {
        let mark = modifiers.part(at..at + 1);
        let edit = mark.replaced("", "remove `?`");
        problems.push(
            Diagnostic::new(codes::MODIFIER, mark.span, null.clone())
                .help(help)
                .suggest(edit),
        );
    }
    let nullable = settings.nullable.as_ref();
    if let Some(setting) = nullable.filter(|setting| flag("nullable", Some(setting)) == Ok(true)) {
        problems.push(refused(setting, null).help(help));
    }
    if let Some(setting) = &settings.column {
        problems.push(
            refused(setting, format!("`{name}` has no column of its own"))
                .help("`table` and `columns` name its join table and the two columns of that"),
        );
    }
    if let Some(setting) = settings
        .on_delete
        .as_ref()
        .filter(|setting| setting.value.text == "set null")
    {
        let edit = setting.value.meant("cascade").or_else(|| setting.removal.clone());
        problems.push(
            refused(setting, format!("the links of `{name}` cannot become null"))
                .help("allowed: cascade, restrict")
                .suggest(edit),
        );
    }
    problems
}

/// The two columns, where they are named.
fn columns(name: Piece<'_>, settings: &Settings<'_>) -> Result<Option<[String; 2]>, Diagnostic> {
    let Some(list) = &settings.columns else {
        return Ok(None);
    };
    let of_list = |message: String, edit: Option<Suggestion>| {
        Diagnostic::new(codes::OPTION, list.setting.value.span, message)
            .help("such as `columns: [post_id, tag_id]`: the column of this resource, then that of the other one")
            .suggest(edit.or_else(|| list.setting.removal.clone()))
    };
    let [own, other] = list.names.as_slice() else {
        return Err(of_list(format!("`columns` of `{}` needs two names", name.text), None));
    };
    naming::check_column(*own)?;
    naming::check_column(*other)?;
    match own.text.eq_ignore_ascii_case(other.text) {
        false => Ok(Some([own.text.to_owned(), other.text.to_owned()])),
        true => {
            let edit = other.meant(&format!("other_{}", own.text));
            Err(of_list(
                format!("both columns of `{}` are called `{}`", name.text, own.text),
                edit,
            ))
        }
    }
}
