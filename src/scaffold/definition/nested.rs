//! Fields that show rows of other resources: which options they take, and what these say.

use super::settings::Settings;
use crate::{
    error::Diagnostic,
    scaffold::{
        codes,
        model::{Field, NestedOptions, Parts, Word},
        names,
        source::{Piece, Setting, shown},
        types::Kind,
    },
};

const NO_COLUMN: &str = "it has no column; it shows rows of the other resource";
const READ_ONLY: &str = "it is always read-only; no document sends it";
const HELP: &str = "a nested field takes `by`, `only` and `label`";

/// Reads the field `name` of the type `kind`, but for what it is called; `problems` are those that it has already.
///
/// # Errors
/// All options that it does not take, and all that is wrong with those that it takes.
pub fn read(
    name: &str,
    kind: Kind,
    settings: &Settings<'_>,
    modifiers: Piece<'_>,
    mut problems: Vec<Diagnostic>,
) -> Result<Field, Vec<Diagnostic>> {
    if !modifiers.text.is_empty() {
        let message = format!("`{name}` takes no `{}`: {NO_COLUMN}", modifiers.text);
        let edit = modifiers.replaced("", format!("remove `{}`", modifiers.text));
        problems.push(Diagnostic::new(codes::MODIFIER, modifiers.span, message).suggest(edit));
    }
    for (option, setting, reason) in others(settings) {
        let message = format!("`{name}` takes no `{option}`: {reason}");
        problems.push(option_problem(setting, message));
    }
    let by = settings.by.as_ref();
    let only = settings.only.iter().flatten();
    let is_reference = |text: &str| text.split('.').count() <= 2 && text.split('.').all(names::is_on_the_wire);
    if let Some(setting) = by.filter(|setting| !is_reference(setting.value.text)) {
        let message = format!("`{}` cannot be a reference", shown(setting.value.text));
        let help = "`by` names a reference: `survey_id`, or `questions.survey_id` for one of the other resource";
        problems.push(option_problem(setting, message).help(help));
    }
    for (index, setting) in only.clone().enumerate() {
        let text = setting.value.text;
        let is_twice = only.clone().take(index).any(|other| other.value.text == text);
        if is_twice || !names::is_on_the_wire(text) {
            let message = match is_twice {
                true => format!("`only` names `{}` twice", shown(text)),
                false => format!("`{}` cannot be an attribute", shown(text)),
            };
            problems.push(option_problem(setting, message));
        }
    }
    let parts = Parts {
        name,
        kind,
        nullable: false,
        unique: None,
        default: None,
        bounds: [None, None],
    };
    let field = parts.check().map_err(|others| problems.extend(others));
    match field {
        Ok(field) if problems.is_empty() => Ok(Field {
            nested: NestedOptions {
                by: by.map(word),
                only: only.map(word).collect(),
            },
            ..field
        }),
        _ => Err(problems),
    }
}

/// The options of nested fields, which no other field takes.
pub fn refused(name: &str, settings: &Settings<'_>) -> Vec<Diagnostic> {
    let by = settings.by.iter().map(|setting| ("by", setting));
    let only = settings.only.iter().flat_map(|words| words.first());
    by.chain(only.map(|setting| ("only", setting)))
        .map(|(option, setting)| {
            let message = format!("`{}` takes no `{option}`", shown(name));
            option_problem(setting, message).help(format!("`{option}` is for nested"))
        })
        .collect()
}

/// The options that are set and that nested fields do not take, with the reasons.
fn others<'s, 't>(settings: &'s Settings<'t>) -> Vec<(&'static str, &'s Setting<'t>, &'static str)> {
    let all = [
        ("default", &settings.default, NO_COLUMN),
        ("server_default", &settings.server_default, NO_COLUMN),
        ("min", &settings.min, NO_COLUMN),
        ("max", &settings.max, NO_COLUMN),
        ("nullable", &settings.nullable, NO_COLUMN),
        ("unique", &settings.unique, NO_COLUMN),
        ("column", &settings.column, NO_COLUMN),
        ("index", &settings.index, NO_COLUMN),
        ("native", &settings.native, NO_COLUMN),
        ("on_update", &settings.on_update, NO_COLUMN),
        ("stored", &settings.stored, NO_COLUMN),
        ("table", &settings.table, NO_COLUMN),
        (
            "on_delete",
            &settings.on_delete,
            "the reference says what becomes of rows",
        ),
        ("read_only", &settings.read_only, READ_ONLY),
        ("write_only", &settings.write_only, READ_ONLY),
        ("immutable", &settings.immutable, READ_ONLY),
    ];
    let set = all.into_iter();
    let set = set.filter_map(|(option, setting, reason)| Some((option, setting.as_ref()?, reason)));
    let columns = settings.columns.iter();
    set.chain(columns.map(|columns| ("columns", &columns.setting, NO_COLUMN)))
        .collect()
}

fn option_problem(setting: &Setting<'_>, message: String) -> Diagnostic {
    Diagnostic::new(codes::OPTION, setting.value.span, message)
        .help(HELP)
        .suggest(setting.removal.clone())
}

fn word(setting: &Setting<'_>) -> Word {
    Word {
        text: setting.value.text.to_owned(),
        span: setting.value.span,
    }
}
