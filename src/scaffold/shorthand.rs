//! Fields in one line: `title:string`, `slug:string^`, `status:enum(draft,published)=draft`, `post:references(posts)?`.

use super::{
    model::{Definition, Field},
    names, reserved,
    source::{nearest, shown},
    types::{self, Kind, TYPES},
};

/// A field's options as they are written; none means that it was left out.
#[derive(Default)]
pub struct Settings {
    /// `type:`
    pub kind: Option<String>,
    /// `default:`
    pub default: Option<String>,
    /// `min:`
    pub min: Option<String>,
    /// `max:`
    pub max: Option<String>,
    /// `nullable:`
    pub nullable: Option<String>,
    /// `unique:`
    pub unique: Option<String>,
}

/// Reads `name:type` with its modifiers.
///
/// # Errors
/// What is wrong, and what is allowed.
pub fn parse_field(text: &str) -> Result<Field, String> {
    let Some((name, kind)) = text.split_once(':') else {
        return Err(format!(
            "`{}` has no type; expected `name:type`. {}",
            shown(text),
            types::all()
        ));
    };
    parse_typed(name, kind)
}

/// Reads a type with its modifiers, for the field `name`.
///
/// # Errors
/// As [`parse_field`].
pub fn parse_typed(name: &str, text: &str) -> Result<Field, String> {
    let (kind, default) = match text.split_once('=') {
        Some((kind, default)) => (kind, Some(default.to_owned())),
        None => (text, None),
    };
    let bare = kind.trim_end_matches(['?', '^']);
    let modifiers = &kind[bare.len()..];
    for modifier in ['?', '^'] {
        if modifiers.matches(modifier).count() > 1 {
            return Err(format!("`{}` has `{modifier}` twice", shown(text)));
        }
    }
    build(
        name,
        bare,
        Settings {
            default,
            ..Settings::default()
        },
        modifiers.contains('?'),
        modifiers.contains('^'),
    )
}

/// Puts a field together from its options.
///
/// # Errors
/// As [`parse_field`].
pub fn parse_settings(name: &str, settings: Settings) -> Result<Field, String> {
    let Some(kind) = settings.kind.clone() else {
        return Err(format!("`{}` has no type. {}", shown(name), types::all()));
    };
    let flag = |option: &str, value: &Option<String>| match value.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(format!("`{option}` is true or false, not `{}`", shown(other))),
    };
    let bare = kind.trim_end_matches(['?', '^']);
    let modifiers = &kind[bare.len()..];
    let nullable = flag("nullable", &settings.nullable)? || modifiers.contains('?');
    let unique = flag("unique", &settings.unique)? || modifiers.contains('^');
    build(name, bare, settings, nullable, unique)
}

fn build(name: &str, kind: &str, settings: Settings, nullable: bool, unique: bool) -> Result<Field, String> {
    names::check_spelling(name, "field")?;
    reserved::check_field(name)?;
    let definition = Definition {
        name: name.to_owned(),
        kind: parse_kind(kind)?,
        nullable,
        unique,
        default: settings.default,
        min: settings.min,
        max: settings.max,
    };
    definition.try_into()
}

fn parse_kind(text: &str) -> Result<Kind, String> {
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(arguments) => (name, Some(arguments)),
            None => return Err(format!("`{}` lacks its closing `)`", shown(text))),
        },
        None => (text, None),
    };
    if name.is_empty() {
        return Err(format!("the type is missing. {}", types::all()));
    }
    let Some((kind, _)) = TYPES.iter().find(|(_, row)| row.name == name) else {
        let hint = match meant(name) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => ".".to_owned(),
        };
        return Err(format!("unknown type `{}`{hint} {}", shown(name), types::all()));
    };
    match (kind, arguments) {
        (Kind::Enum(_), choices) => parse_choices(choices.unwrap_or_default()),
        (Kind::References(_), table) => parse_reference(table.unwrap_or_default()),
        (kind, None) => Ok(kind.clone()),
        (_, Some(_)) => Err(format!(
            "`{name}` takes nothing in brackets; its length is set by `max:`"
        )),
    }
}

/// The type that was meant by an unknown name: what other tools call so, or the most similar one.
fn meant(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let synonym = types::rows().find(|row| row.synonyms.contains(&lower.as_str()));
    let names: Vec<&str> = types::rows().map(|row| row.name).collect();
    synonym.map(|row| row.name).or_else(|| nearest(name, &names))
}

fn parse_choices(text: &str) -> Result<Kind, String> {
    const MAX_CHOICES: usize = 100;
    let choices: Vec<String> = text.split(',').map(|choice| choice.trim().to_owned()).collect();
    let is_good = |choice: &String| {
        (1..=50).contains(&choice.len()) && choice.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    if let Some(bad) = choices.iter().find(|choice| !is_good(choice)) {
        return Err(format!(
            "`{}` cannot be a value of an enum; expected enum(a,b) with letters, digits, `_` and `-`, at most 50",
            shown(bad)
        ));
    }
    for (index, choice) in choices.iter().enumerate() {
        if choices[..index].contains(choice) {
            return Err(format!("the enum has `{choice}` twice"));
        }
    }
    if choices.len() > MAX_CHOICES {
        return Err(format!("an enum has at most {MAX_CHOICES} values"));
    }
    Ok(Kind::Enum(choices))
}

fn parse_reference(text: &str) -> Result<Kind, String> {
    let table = text.trim();
    if table.is_empty() {
        return Err("references needs the other resource in brackets, such as references(posts)".to_owned());
    }
    names::check_spelling(table, "resource")?;
    Ok(Kind::References(table.to_owned()))
}
