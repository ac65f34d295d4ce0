//! Fields in one line: `title:string`, `slug:string^`, `status:enum(draft,published)=draft`, `post:references(posts)?`.

use super::{
    kinds::{self, Meant},
    naming,
};
use crate::{
    error::{Diagnostic, Span, Suggestion},
    scaffold::{
        codes,
        model::{Field, FieldPlace, Parts},
        source::{Piece, Setting, shown},
        synonyms,
        types::{self, Kind},
    },
};

/// How a field is written, which decides how it can be written otherwise.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// `title:string`, as an item of a list that stands here.
    Item(Span),
    /// `title: string`, whose value stands here.
    Value(Span),
    /// As options with a `type` of their own, or as a word of the command line.
    Other,
}

/// The parts of a field as they are written; none means that it was left out.
#[derive(Default)]
pub struct Settings<'t> {
    /// The type, which may have modifiers.
    pub kind: Option<Piece<'t>>,
    /// `default:`
    pub default: Option<Setting<'t>>,
    /// `min:`
    pub min: Option<Setting<'t>>,
    /// `max:`
    pub max: Option<Setting<'t>>,
    /// `nullable:`
    pub nullable: Option<Setting<'t>>,
    /// `unique:`
    pub unique: Option<Setting<'t>>,
    /// `native:`
    pub native: Option<Setting<'t>>,
}

/// Reads `name:type` with its modifiers.
///
/// # Errors
/// All that is wrong with it.
pub fn parse_field(text: Piece<'_>, form: Form) -> Result<Field, Vec<Diagnostic>> {
    let Some((name, kind)) = text.split_once(':') else {
        let message = format!("`{}` has no type", shown(text.text));
        let problem = Diagnostic::new(codes::NO_TYPE, text.span, message).help(types::all());
        return Err(vec![problem.suggest(completed(text))]);
    };
    if let Some(problem) = exchanged(text, name, kind) {
        return Err(vec![problem]);
    }
    parse_typed(name, kind, form)
}

/// A field whose type stands first.
fn exchanged(text: Piece<'_>, name: Piece<'_>, kind: Piece<'_>) -> Option<Diagnostic> {
    let is_type = |text: &str| types::rows().any(|row| row.name == text);
    if !is_type(name.text) || kinds::meant(kind.text, "").is_some() {
        return None;
    }
    let field = naming::field_for(kind.text)?;
    let message = format!("unknown type `{}`; the name comes first", shown(kind.text));
    let problem = Diagnostic::new(codes::TYPE, kind.span, message).help(types::all());
    Some(problem.suggest(text.meant(&format!("{field}:{}", name.text))))
}

/// The edit that gives a type to a text without one.
fn completed(text: Piece<'_>) -> Option<Suggestion> {
    let whole = complete(text.text)?;
    match whole.ends_with(":string") {
        true => text.replaced(whole.as_str(), format!("add a type: `{whole}`")),
        false => text.meant(&whole),
    }
}

/// A field for a text that has none: with the type that follows after something else than a colon, or as a string.
pub fn complete(text: &str) -> Option<String> {
    let mut words = text
        .split(|c: char| c.is_whitespace() || "=;|,>/：".contains(c))
        .map(|word| word.trim_matches('-'))
        .filter(|word| !word.is_empty());
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let typed = second.and_then(|kind| {
        let rest: Vec<&str> = std::iter::once(kind).chain(words).collect();
        kinds::meant(&rest.join(" "), first)
    });
    match typed {
        Some(Meant { kind, modifiers, .. }) => Some(format!("{}:{kind}{modifiers}", naming::field_for(first)?)),
        None => Some(format!("{}:string", naming::field_for(text)?)),
    }
}

/// Reads a type with its modifiers, for the field `name`.
///
/// # Errors
/// As [`parse_field`].
pub fn parse_typed(name: Piece<'_>, text: Piece<'_>, form: Form) -> Result<Field, Vec<Diagnostic>> {
    // In brackets it is not ours: `CharField(max_length=100)`.
    let is_default =
        |(kind, default): &(Piece<'_>, Piece<'_>)| !kind.text.contains('(') || !default.text.ends_with(')');
    let is_closed = |(kind, _): &(Piece<'_>, Piece<'_>)| kind.text.contains(')');
    let divided = text
        .split_once('=')
        .filter(|parts| is_default(parts) || is_closed(parts));
    let (kind, default) = match divided {
        Some((kind, default)) => {
            let removal = text
                .part(kind.text.len()..text.text.len())
                .replaced("", "remove the default");
            let value = default;
            (kind, Some(Setting { value, removal }))
        }
        None => (text, None),
    };
    let settings = Settings {
        kind: Some(kind),
        default,
        ..Settings::default()
    };
    parse_settings(name, settings, form)
}

/// Puts a field together from its parts.
///
/// # Errors
/// As [`parse_field`].
pub fn parse_settings(name: Piece<'_>, settings: Settings<'_>, form: Form) -> Result<Field, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut note = |problem: Diagnostic| problems.push(problem);
    naming::check_field(name).unwrap_or_else(&mut note);
    let Some(text) = settings.kind else {
        let message = format!("`{}` has no type", shown(name.text));
        note(Diagnostic::new(codes::NO_TYPE, name.span, message).help(types::all()));
        return Err(problems);
    };
    let bare = text.part(0..text.text.trim_end_matches(['?', '^']).len());
    let modifiers = text.part(bare.text.len()..text.text.len());
    let has = |modifier| modifiers.text.contains(modifier);
    if let Some(twice) = ['?', '^']
        .into_iter()
        .find(|mark| modifiers.text.matches(*mark).count() > 1)
    {
        let once: String = ['?', '^'].into_iter().filter(|mark| has(*mark)).collect();
        let message = format!("`{}` has `{twice}` twice", shown(text.text));
        let edit = modifiers.replaced(once, format!("keep one `{twice}`"));
        note(Diagnostic::new(codes::MODIFIER, modifiers.span, message).suggest(edit));
    }
    let nullable = flag("nullable", settings.nullable.as_ref()).unwrap_or_else(|problem| {
        note(problem);
        false
    });
    let unique = flag("unique", settings.unique.as_ref()).unwrap_or_else(|problem| {
        note(problem);
        false
    });
    let native = flag("native", settings.native.as_ref()).unwrap_or_else(|problem| {
        note(problem);
        false
    });
    let of_option = settings.unique.filter(|_| unique).map(|Setting { value, .. }| Setting {
        removal: value.replaced("false", "make it not unique"),
        value,
    });
    let of_modifier = modifiers.text.find('^').map(|at| {
        let value = modifiers.part(at..at + 1);
        let removal = value.replaced("", "remove `^`");
        Setting { value, removal }
    });
    let default = settings.default.as_ref().map(|default| default.value.text);
    let mended = |meant: &Meant| mended(meant, name, bare, modifiers, default, form);
    let kind = kinds::parse(bare, name.text, mended).map_err(|problem| {
        let fallback = bare.replaced("string", "use `string` for a short text");
        note(match problem.suggestion {
            None => problem.suggest(fallback),
            Some(_) => problem,
        });
    });
    let kind = kind.and_then(|kind| {
        let native = settings.native.filter(|_| native);
        with_native(kind, name, native).map_err(&mut note)
    });
    let place = FieldPlace {
        name: name.span,
        kind: bare.span,
        is_exact: bare.replaced("", "").is_some(),
    };
    let Ok(kind) = kind else {
        return Err(problems);
    };
    let parts = Parts {
        name: name.text,
        kind,
        nullable: nullable || has('?'),
        unique: of_modifier.or(of_option),
        default: settings.default,
        bounds: [settings.min, settings.max],
    };
    match parts.check() {
        Ok(field) if problems.is_empty() => Ok(Field { place, ..field }),
        Ok(_) => Err(problems),
        Err(others) => Err([problems, others].concat()),
    }
}

/// The type in a column of its own, where that is asked for.
fn with_native(kind: Kind, name: Piece<'_>, native: Option<Setting<'_>>) -> Result<Kind, Diagnostic> {
    match (kind, native) {
        (Kind::Enum(choices), Some(_)) => Ok(Kind::NativeEnum(choices)),
        (_, Some(Setting { value, removal })) => {
            let message = format!("`{}` cannot be native", shown(name.text));
            Err(Diagnostic::new(codes::OPTION, value.span, message)
                .help("`native` is for enum")
                .suggest(removal))
        }
        (kind, None) => Ok(kind),
    }
}

fn flag(option: &str, setting: Option<&Setting<'_>>) -> Result<bool, Diagnostic> {
    let Some(Setting { value, removal }) = setting else {
        return Ok(false);
    };
    match value.text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => {
            let message = format!("`{option}` is true or false, not `{}`", shown(other));
            let meant = synonyms::meant(other, synonyms::FLAGS, &["true", "false"]);
            let edit = meant.and_then(|meant| value.meant(meant)).or_else(|| removal.clone());
            Err(Diagnostic::new(codes::FLAG, value.span, message).suggest(edit))
        }
    }
}

/// The edit that writes what was meant in the place of a type.
fn mended(
    meant: &Meant,
    name: Piece<'_>,
    bare: Piece<'_>,
    modifiers: Piece<'_>,
    default: Option<&str>,
    form: Form,
) -> Option<Suggestion> {
    let Meant { kind, max, .. } = meant;
    let new = |modifier: &char| !modifiers.text.contains(*modifier);
    let added: String = meant.modifiers.chars().filter(new).collect();
    let kind = match default {
        // Of choices that are not there yet, the default is one.
        Some(default) if *kind == kinds::any_enum() => kinds::enum_of(default),
        _ => kind.clone(),
    };
    let typed = format!("{kind}{added}");
    let all = format!("{typed}{}", modifiers.text);
    let with_max = |max: usize| match (form, naming::field_for(name.text)) {
        _ if default.is_some() => None,
        (Form::Item(span), Some(name)) => Some((span, format!("{name}: {{type: {all}, max: {max}}}"))),
        (Form::Value(span), _) => Some((span, format!("{{type: {all}, max: {max}}}"))),
        _ => None,
    };
    match max.and_then(with_max) {
        Some((span, replacement)) => Some(Suggestion::meant(span, replacement)),
        None => bare.meant(&typed),
    }
}
