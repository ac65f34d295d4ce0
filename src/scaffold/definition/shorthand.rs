//! Fields in one line: `title:string`, `slug:string^`, `status:enum(draft,published)=draft`, `post:references(posts)?`.

use super::{
    kinds::{self, Meant},
    many, naming, nested, rules,
    settings::{Settings, flag},
    traffic,
};
use crate::{
    error::{Diagnostic, Span, Suggestion},
    scaffold::{
        codes,
        model::{Field, FieldPlace, Parts},
        source::{Piece, Setting, shown},
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
    if let Some(inner) = in_quotes(text) {
        let mut problems = parse_typed(name, inner, form).err().unwrap_or_default();
        let after = &text.text[inner.text.len() + 2..];
        let removal = text.replaced(format!("{}{after}", inner.text), "remove the quotes");
        // Where more is wrong inside of them, that is mended first.
        let removal = removal.filter(|_| problems.is_empty());
        let message = format!("the type `{}` is in quotes", shown(inner.text));
        problems.insert(0, Diagnostic::new(codes::TYPE, text.span, message).suggest(removal));
        return Err(problems);
    }
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

/// What a type says that begins with a text in quotes.
fn in_quotes(text: Piece<'_>) -> Option<Piece<'_>> {
    let quote = text.text.chars().next().filter(|first| "\"'`".contains(*first))?;
    let end = text.text[1..].find(quote)? + 1;
    Some(text.part(1..end))
}

/// Puts a field together from its parts.
///
/// # Errors
/// As [`parse_field`].
pub fn parse_settings(name: Piece<'_>, settings: Settings<'_>, form: Form) -> Result<Field, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut note = |problem: Diagnostic| problems.push(problem);
    let (name, column, label) = settings.names(name).unwrap_or_else(|problem| {
        note(problem);
        (name, None, None)
    });
    let Some(text) = settings.kind else {
        let message = format!("`{}` has no type", shown(name.text));
        note(Diagnostic::new(codes::NO_TYPE, name.span, message).help(types::all()));
        return Err(problems);
    };
    let bare = text.part(0..text.text.trim_end_matches(['?', '^']).len());
    let modifiers = text.part(bare.text.len()..text.text.len());
    let has = |modifier| modifiers.text.contains(modifier);
    if let Some(problem) = twice(text, modifiers) {
        note(problem);
    }
    let mut flag = |option: &str, setting: &Option<Setting<'_>>| {
        flag(option, setting.as_ref()).unwrap_or_else(|problem| {
            note(problem);
            false
        })
    };
    let nullable = flag("nullable", &settings.nullable);
    let unique = flag("unique", &settings.unique);
    let native = flag("native", &settings.native);
    let of_option = settings.unique_option().filter(|_| unique);
    let default = settings.default.as_ref().map(|default| default.value.text);
    let mended = |meant: &Meant| mended(meant, name, bare, modifiers, default, form);
    let kind = read_kind(name, bare, settings.native.clone().filter(|_| native), mended).map_err(&mut note);
    let place = FieldPlace {
        name: name.span,
        kind: bare.span,
        is_exact: bare.replaced("", "").is_some(),
    };
    let Ok(kind) = kind else {
        return Err(problems);
    };
    if let Kind::Nested(_) = kind {
        let field = nested::read(name.text, kind, &settings, modifiers, problems)?;
        return Ok(Field { place, label, ..field });
    }
    problems.extend(nested::refused(name.text, &settings));
    let (join, others) = many::read(name, &kind, &settings, modifiers);
    problems.extend(others);
    let on_delete = traffic::on_delete(&settings, &kind).map_err(|problem| problems.push(problem));
    let parts = Parts {
        name: name.text,
        kind,
        nullable: nullable || has('?'),
        unique: unique_mark(modifiers).or(of_option),
        default: settings.default.clone().or_else(|| settings.server_default.clone()),
        bounds: [settings.min.clone(), settings.max.clone()],
    };
    let field = parts.check().map_err(|others| problems.extend(others));
    let (traffic, others) = traffic::read(&settings);
    problems.extend(others);
    let (rules, others) = rules::read(&settings);
    problems.extend(others);
    match (field, on_delete) {
        (Ok(field), Ok(on_delete)) if problems.is_empty() => {
            let field = Field {
                place,
                column,
                label,
                traffic,
                on_delete,
                rules,
                join,
                ..field
            };
            traffic::check(&field, &settings)?;
            Ok(field)
        }
        _ => Err(problems),
    }
}

/// The modifier that makes a field unique.
fn unique_mark(modifiers: Piece<'_>) -> Option<Setting<'_>> {
    let at = modifiers.text.find('^')?;
    let value = modifiers.part(at..at + 1);
    let removal = value.replaced("", "remove `^`");
    Some(Setting { value, removal })
}

/// A modifier that stands there twice.
fn twice(text: Piece<'_>, modifiers: Piece<'_>) -> Option<Diagnostic> {
    let marks = || ['?', '^'].into_iter();
    let count = |mark: char| modifiers.text.matches(mark).count();
    let twice = marks().find(|mark| count(*mark) > 1)?;
    let once: String = marks().filter(|mark| count(*mark) > 0).collect();
    let message = format!("`{}` has `{twice}` twice", shown(text.text));
    let edit = modifiers.replaced(once, format!("keep one `{twice}`"));
    Some(Diagnostic::new(codes::MODIFIER, modifiers.span, message).suggest(edit))
}

/// Reads the type, and whether the database is to have it; where nothing else was meant, a short text is suggested.
fn read_kind(
    name: Piece<'_>,
    bare: Piece<'_>,
    native: Option<Setting<'_>>,
    mended: impl Fn(&Meant) -> Option<Suggestion>,
) -> Result<Kind, Diagnostic> {
    let kind = kinds::parse(bare, name.text, mended).map_err(|problem| match problem.suggestion {
        None => problem.suggest(bare.replaced("string", "use `string` for a short text")),
        Some(_) => problem,
    })?;
    with_native(kind, name, native)
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
