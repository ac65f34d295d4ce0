//! The type of a field as a definition writes it: `string`, `enum(a,b)`, `references(posts)`.

use super::naming;
use crate::{
    error::{Diagnostic, Suggestion},
    scaffold::{
        codes, names,
        source::{Piece, nearest, shown},
        synonyms::{self, MODIFIERS},
        types::{self, ALIASES, Kind, Limits, TYPES, Type},
    },
};

/// Values that an enum may have.
const MAX_CHOICES: usize = 100;
/// Characters that a value of an enum may have.
const MAX_CHOICE: usize = 50;

/// What was probably meant by a type that cannot be read.
pub struct Meant {
    /// The type.
    pub kind: String,
    /// Modifiers that were written as words.
    pub modifiers: String,
    /// The length that stood in brackets.
    pub max: Option<usize>,
}

impl Meant {
    fn of(kind: String) -> Self {
        Self {
            kind,
            modifiers: String::new(),
            max: None,
        }
    }
}

/// Reads a type without its modifiers.
///
/// # Errors
/// What is wrong with it; `mended` makes an edit of what was meant.
pub fn parse(text: Piece<'_>, field: &str, mended: impl Fn(&Meant) -> Option<Suggestion>) -> Result<Kind, Diagnostic> {
    let problem = |code, message: String| {
        let edit = meant(text.text, field).and_then(|meant| mended(&meant));
        Diagnostic::new(code, text.span, message).suggest(edit)
    };
    let (name, argument) = match text.split_once('(') {
        Some((name, rest)) => match rest.text.strip_suffix(')') {
            Some(inner) => (name.text, Some(rest.part(0..inner.len()))),
            None => {
                let message = format!("`{}` lacks its closing `)`", shown(text.text));
                return Err(problem(codes::ARGUMENT, message));
            }
        },
        None => (text.text, None),
    };
    if name.is_empty() {
        return Err(problem(codes::NO_TYPE, "the type is missing".to_owned()).help(types::all()));
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let known = alias.map_or(name, |(_, name)| name);
    let Some((kind, row)) = TYPES.iter().find(|(_, row)| row.name == known) else {
        return Err(problem(codes::TYPE, format!("unknown type `{}`", shown(name))).help(types::all()));
    };
    match kind {
        Kind::Enum(_) => {
            let choices = parse_choices(argument.map_or("", |choices| choices.text));
            choices.map_err(|(code, message)| problem(code, message))
        }
        Kind::References(_) | Kind::Many(_) => match argument.filter(|table| !table.text.trim().is_empty()) {
            Some(table) => {
                let start = table.text.len() - table.text.trim_start().len();
                let table = table.part(start..start + table.text.trim().len());
                naming::check_reference(table)?;
                Ok(match kind {
                    Kind::Many(_) => Kind::Many(table.text.to_owned()),
                    _ => Kind::References(table.text.to_owned()),
                })
            }
            None => {
                let message = format!("{} needs the other resource in brackets", row.name);
                Err(problem(codes::ARGUMENT, message).help(format!("such as {}(posts)", row.name)))
            }
        },
        Kind::Nested(_) => match argument.filter(|of| !of.text.trim().is_empty()) {
            Some(of) => {
                let start = of.text.len() - of.text.trim_start().len();
                let of = of.part(start..start + of.text.trim().len());
                naming::check_reference(of)?;
                Ok(Kind::Nested(of.text.to_owned()))
            }
            None => Err(problem(
                codes::ARGUMENT,
                "nested needs the other resource in brackets".to_owned(),
            )
            .help("such as nested(questions)")),
        },
        Kind::Decimal if argument.is_some() => {
            let digits = parse_digits(argument.map_or("", |digits| digits.text));
            digits.map_err(|message| problem(codes::ARGUMENT, message).help("such as decimal(14,4)"))
        }
        Kind::Array => match argument.map(|items| items.text.trim()) {
            Some("string") => Ok(Kind::Array),
            Some(other) if !other.is_empty() => {
                let message = format!("the items of an array are string, not `{}`", shown(other));
                Err(problem(codes::ARGUMENT, message).help("other lists are of the type json"))
            }
            _ => {
                let message = "array needs the type of its items in brackets".to_owned();
                Err(problem(codes::ARGUMENT, message).help("such as array(string)"))
            }
        },
        kind if argument.is_none() => Ok(kind.clone()),
        _ => Err(
            problem(codes::ARGUMENT, format!("`{name}` takes nothing in brackets")).help(match row.limits {
                Limits::Length { .. } => "its length is set by `max:`",
                _ => "it has one size on every database",
            }),
        ),
    }
}

fn is_choice(text: &str) -> bool {
    (1..=MAX_CHOICE).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

fn parse_choices(text: &str) -> Result<Kind, (&'static str, String)> {
    let choices: Vec<String> = text.split(',').map(|choice| choice.trim().to_owned()).collect();
    if let Some(bad) = choices.iter().find(|choice| !is_choice(choice)) {
        let message = format!(
            "`{}` cannot be a value of an enum; expected enum(a,b) with letters, digits, `_` and `-`, at most {MAX_CHOICE}",
            shown(bad)
        );
        return Err((codes::CHOICES, message));
    }
    for (index, choice) in choices.iter().enumerate() {
        if choices[..index].contains(choice) {
            return Err((codes::CHOICES, format!("the enum has `{choice}` twice")));
        }
    }
    if choices.len() > MAX_CHOICES {
        return Err((codes::LIMIT, format!("an enum has at most {MAX_CHOICES} values")));
    }
    Ok(Kind::Enum(choices))
}

/// Digits that a decimal may have, and those after its point: MySQL's have no more.
const MAX_DIGITS: [u32; 2] = [65, 30];

/// The digits of a decimal number, and those of them after the point.
fn parse_digits(text: &str) -> Result<Kind, String> {
    let numbers: Option<Vec<u32>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    let Some([precision, scale]) = numbers.and_then(|numbers| <[u32; 2]>::try_from(numbers).ok()) else {
        return Err(format!(
            "`decimal({})` has not the number of its digits and of those after the point in brackets",
            shown(text)
        ));
    };
    let [most, most_after] = MAX_DIGITS;
    if !(1..=most).contains(&precision) || scale > most_after {
        return Err(format!(
            "`decimal({precision},{scale})` is not between 1 and {most} digits, with at most {most_after} after the point"
        ));
    }
    match scale > precision {
        true => Err(format!(
            "`decimal({precision},{scale})` has more digits after the point than it has digits"
        )),
        false => Ok(Kind::Numeric { precision, scale }),
    }
}

/// A decimal with the digits that were probably meant by what stands in brackets.
fn decimal_of(inner: &str) -> String {
    let inner = inner.split(')').next().unwrap_or_default();
    let numbers = inner
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty());
    let mut numbers = numbers.map(|digits| digits.parse().unwrap_or(u32::MAX));
    let [most, most_after] = MAX_DIGITS;
    match (numbers.next(), numbers.next().unwrap_or(0)) {
        (Some(0) | None, _) => "decimal".to_owned(),
        (Some(one), other) => {
            let precision = one.max(other).min(most);
            let scale = one.min(other).min(most_after).min(precision);
            format!("decimal({precision},{scale})")
        }
    }
}

/// The row of a type that was meant by a word.
pub fn row_of(word: &str) -> Option<&'static Type> {
    let names: Vec<&'static str> = types::rows().map(|row| row.name).collect();
    let name = synonyms::meant(word, synonyms::TYPES, &names)?;
    let lower = word.to_lowercase();
    let is_synonym = synonyms::TYPES.iter().any(|(_, words)| words.contains(&lower.as_str()));
    // Short words are all alike: `true` is not a `time`.
    if name.len() <= 4 && !is_synonym && strsim::damerau_levenshtein(&lower, name) > 1 {
        return None;
    }
    types::rows().find(|row| row.name == name)
}

/// What was probably meant by a text in the place of a type, for a field of this name.
pub fn meant(text: &str, field: &str) -> Option<Meant> {
    let text = text.trim().trim_start_matches(['?', '^', ':', '!']).trim_start();
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let (word, rest) = text.split_at(text.find(|c| !is_of_word(c)).unwrap_or(text.len()));
    let Some(row) = row_of(word) else {
        return of_no_type(text, word);
    };
    let inner = rest.trim_matches(|c: char| "()[]{}<>:=".contains(c) || c.is_whitespace());
    match row.name {
        "enum" => Some(Meant::of(format!("enum({})", choices_in(inner)))),
        "references" | "many" => {
            let one = field.trim_end_matches("_ids").trim_end_matches("_id");
            let table = match names::respelled(inner) {
                table if table.is_empty() => names::numbers_of(one).1,
                table => table,
            };
            Some(Meant::of(format!("{}({table})", row.name)))
        }
        "nested" => {
            let of = match names::respelled(inner) {
                of if of.is_empty() => names::numbers_of(field).1,
                of => of,
            };
            Some(Meant::of(format!("nested({of})")))
        }
        // As other languages write a list: `string[]`.
        _ if rest.starts_with("[]") => Some(Meant::of("array(string)".to_owned())),
        "array" => Some(Meant {
            kind: "array(string)".to_owned(),
            ..with_modifiers(row, inner)
        }),
        "decimal" => Some(Meant {
            kind: decimal_of(inner),
            ..with_modifiers(row, inner)
        }),
        _ => Some(with_modifiers(row, inner)),
    }
}

/// What was meant where no word of a type begins: values of an enum, or the users.
fn of_no_type(text: &str, word: &str) -> Option<Meant> {
    let is_list = text.starts_with('[') || text.contains('|');
    let is_user = ["user", "users"].contains(&names::respelled(word).as_str());
    let kind = match (is_list, is_user) {
        (true, _) => format!("enum({})", choices_in(text.trim_matches(['[', ']']))),
        (_, true) => "references(users)".to_owned(),
        _ => return None,
    };
    Some(Meant::of(kind))
}

fn with_modifiers(row: &Type, inner: &str) -> Meant {
    let mut meant = Meant::of(row.name.to_owned());
    if let (Ok(length), Limits::Length { settable, .. }) = (inner.parse(), row.limits) {
        // A longer text needs the type that has room for it.
        let is_long = length > settable && row.name == "string";
        meant.kind = if is_long { "text".to_owned() } else { meant.kind };
        meant.max = (length > 0).then_some(length);
    }
    let inner = inner.to_lowercase().replace("not null", "").replace("not_null", "");
    let words = inner.split(|c: char| c.is_whitespace() || ":,;()?^".contains(c));
    let marks = ["?", "^"].into_iter().filter(|mark| inner.contains(mark));
    for word in words.chain([inner.as_str()]).chain(marks) {
        let exact = MODIFIERS
            .iter()
            .find(|(_, words)| words.contains(&word.to_lowercase().as_str()));
        let near = exact.or_else(|| {
            MODIFIERS
                .iter()
                .find(|(_, words)| word.len() > 3 && nearest(word, words).is_some())
        });
        let modifier = near.map_or("", |(modifier, _)| modifier);
        if !meant.modifiers.contains(modifier) && (modifier != "^" || row.can_be_unique) {
            meant.modifiers.push_str(modifier);
        }
    }
    meant
}

/// The values of an enum that were probably meant, separated by commas.
fn choices_in(text: &str) -> String {
    let separators: &[char] = match text.contains(',') {
        true => &[','],
        false => &['|', ';', '/', ' '],
    };
    let mut choices: Vec<String> = Vec::new();
    for part in text.split(separators) {
        let ascii = deunicode::deunicode(part.trim_matches(|c: char| c.is_whitespace() || "'\"()[]{}".contains(c)));
        let choice: String = ascii
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .take(MAX_CHOICE)
            .collect();
        if !choice.is_empty() && !choices.contains(&choice) {
            choices.push(choice);
        }
    }
    match choices.is_empty() {
        true => "first,second".to_owned(),
        false => choices.join(","),
    }
}

/// What is suggested for an enum without values.
pub fn any_enum() -> String {
    format!("enum({})", choices_in(""))
}

/// An enum with a value of this text.
pub fn enum_of(value: &str) -> String {
    format!("enum({},other)", choices_in(value))
}
