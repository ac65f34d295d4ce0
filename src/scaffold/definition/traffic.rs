//! The options of a field that say who gives its values and who gets them.

use super::settings::{Settings, flag};
use crate::{
    error::Diagnostic,
    scaffold::{
        codes,
        model::{Direction, Field, OnDelete, Traffic},
        source::{Setting, nearest, shown},
        types::Kind,
    },
};

/// Reads the options, with all that is wrong with each of them.
pub fn read(settings: &Settings<'_>) -> (Traffic, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut is_set = |option: &str, setting: &Option<Setting<'_>>, unset: bool| match setting {
        None => unset,
        setting => flag(option, setting.as_ref()).unwrap_or_else(|problem| {
            problems.push(problem);
            unset
        }),
    };
    let is_read_only = is_set("read_only", &settings.read_only, false);
    let is_write_only = is_set("write_only", &settings.write_only, false);
    let is_stored = is_set("stored", &settings.stored, true);
    let is_immutable = is_set("immutable", &settings.immutable, false);
    let has_index = is_set("index", &settings.index, false);
    let direction = match (is_read_only, is_write_only, is_stored) {
        (true, false, true) => Direction::ReadOnly,
        (false, true, true) => Direction::WriteOnly,
        (false, _, false) => Direction::Unstored,
        (false, false, true) => Direction::Both,
        (true, ..) => {
            let second = [&settings.write_only, &settings.stored].into_iter().flatten().next();
            problems.extend(second.map(|setting| {
                contradiction(setting, "nobody could give its value")
                    .help("`read_only` goes neither with `write_only` nor with `stored: false`")
            }));
            Direction::ReadOnly
        }
    };
    if let (Some(_), Some(second)) = (&settings.default, &settings.server_default) {
        let problem = contradiction(second, "a field has one default");
        problems.push(problem.help("`default` is filled in by the server, `server_default` by the database"));
    }
    if let Some(Setting { value, removal }) = &settings.on_update
        && value.text != "now"
    {
        let message = format!("`on_update` is `now`, not `{}`", shown(value.text));
        let edit = value.meant("now").or_else(|| removal.clone());
        problems.push(Diagnostic::new(codes::OPTION, value.span, message).suggest(edit));
    }
    let traffic = Traffic {
        direction,
        is_immutable,
        follows_changes: settings.on_update.is_some(),
        has_index,
        is_filled_by_database: settings.server_default.is_some() && settings.default.is_none(),
    };
    (traffic, problems)
}

/// Reads what becomes of a row whose reference leads to one that is deleted.
///
/// # Errors
/// What is allowed, and what was meant.
pub fn on_delete(settings: &Settings<'_>, kind: &Kind) -> Result<OnDelete, Diagnostic> {
    let Some(Setting { value, removal }) = &settings.on_delete else {
        return Ok(match kind {
            Kind::Many(_) => OnDelete::Cascade,
            _ => OnDelete::default(),
        });
    };
    OnDelete::parse(value.text).ok_or_else(|| {
        let near = nearest(&value.text.replace(['_', '-'], " "), &OnDelete::NAMES);
        let edit = near.and_then(|near| value.meant(near)).or_else(|| removal.clone());
        let message = format!("unknown value of on_delete `{}`", shown(value.text));
        Diagnostic::new(codes::OPTION, value.span, message)
            .help(format!("allowed: {}", OnDelete::NAMES.join(", ")))
            .suggest(edit)
    })
}

/// A problem with an option that another one rules out.
fn contradiction(setting: &Setting<'_>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(codes::OPTION, setting.value.span, message.into()).suggest(setting.removal.clone())
}

/// Checks the options of a field that is good by itself.
///
/// # Errors
/// All that does not go together.
pub fn check(field: &Field, settings: &Settings<'_>) -> Result<(), Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut refuse = |setting: &Option<Setting<'_>>, message: String, help: &str| {
        let problem = setting.as_ref().map(|setting| contradiction(setting, message));
        problems.extend(problem.map(|problem| problem.help(help)));
    };
    let name = &field.name;
    let is_filled = !field.is_required();
    if field.traffic.direction == Direction::ReadOnly && !is_filled {
        let message = format!("nothing would fill `{name}` in a new row");
        refuse(
            &settings.read_only,
            message,
            "give it a `default` or a `server_default`, or make it nullable",
        );
    }
    if field.traffic.direction == Direction::ReadOnly && field.traffic.is_immutable {
        let message = format!("no document has `{name}`");
        refuse(
            &settings.immutable,
            message,
            "`read_only` includes that it cannot be changed",
        );
    }
    if field.traffic.is_immutable && field.traffic.follows_changes {
        let message = format!("`{name}` could not follow changes");
        refuse(
            &settings.on_update,
            message,
            "`immutable` and `on_update` rule each other out",
        );
    }
    if field.traffic.follows_changes && !matches!(field.kind, Kind::DateTime | Kind::Date) {
        let message = format!("`{name}` cannot be set to the present");
        refuse(&settings.on_update, message, "`on_update` is for datetime and date");
    }
    if field.traffic.has_index && !field.kind.can_be_indexed() {
        let message = format!("`{name}` cannot have an index");
        refuse(&settings.index, message, "not every database has indexes of this type");
    }
    if field.leads_to().is_none() {
        let message = format!("`{name}` refers to nothing that could be deleted");
        refuse(&settings.on_delete, message, "`on_delete` is for references");
    }
    if field.on_delete == OnDelete::SetNull && !field.nullable {
        let message = format!("`{name}` cannot become null");
        refuse(
            &settings.on_delete,
            message,
            "make it nullable, or use `cascade` or `restrict`",
        );
    }
    if !field.is_stored() {
        let message = || format!("`{name}` has no column");
        let help = "what is not stored is checked only";
        for setting in [
            &settings.index,
            &settings.unique,
            &settings.column,
            &settings.default,
            &settings.server_default,
            &settings.on_update,
        ] {
            refuse(setting, message(), help);
        }
        if field.leads_to().is_some() || field.unique {
            refuse(&settings.stored, message(), "a reference or a unique value needs one");
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems),
    }
}
