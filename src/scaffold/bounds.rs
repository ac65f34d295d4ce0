//! The least and the greatest value of a field, read once from the definition.

use std::fmt::Debug;

use super::{
    codes,
    source::{Setting, shown},
    types::{Kind, Limits, names_of},
};
use crate::error::Diagnostic;

/// What `min` and `max` of a field are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    /// The type has no bounds.
    None,
    /// Those of a text's length, in characters.
    Length(Range<usize>),
    /// Those of a list, in items.
    Items(Range<usize>),
    /// Those of a whole number.
    Integer(Range<i64>),
    /// Those of a number with fraction.
    Float(Range<f64>),
}

/// A least and a greatest value, where they were set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range<T> {
    /// The least.
    pub min: Option<T>,
    /// The greatest.
    pub max: Option<T>,
}

impl<T: Copy + PartialOrd + Debug> Range<T> {
    /// Whether a value is neither less nor greater.
    pub fn contains(&self, value: T) -> bool {
        self.min.is_none_or(|min| min <= value) && self.max.is_none_or(|max| value <= max)
    }

    fn written(&self) -> [Option<String>; 2] {
        [self.min, self.max].map(|bound| bound.map(|bound| format!("{bound:?}")))
    }
}

/// How the bounds of a type are read: the least and the greatest that they may be, and what that is called.
struct BoundReader<T, P> {
    parse: P,
    expected: String,
    /// The nearest bound to a number that is not one.
    clamp: fn(f64) -> T,
}

impl<T: Copy + PartialOrd + Debug, P: Fn(&str) -> Option<T>> BoundReader<T, P> {
    fn read(&self, name: &str, [min, max]: [Option<&Setting<'_>>; 2]) -> Result<Range<T>, Diagnostic> {
        let (least, most) = (self.bound(name, "min", min)?, self.bound(name, "max", max)?);
        match (least, most, max) {
            (Some(least), Some(most), Some(max)) if least > most => {
                let title = format!("use the same number for both, or exchange them: max: {least:?}");
                let message = format!("`min` of `{name}` is greater than its `max`");
                let related = min.map_or(max.value.span, |min| min.value.span);
                Err(Diagnostic::new(codes::BOUNDS, max.value.span, message)
                    .related(related, "the greater one")
                    .suggest(max.value.replaced(format!("{least:?}"), title)))
            }
            _ => Ok(Range { min: least, max: most }),
        }
    }

    fn bound(&self, name: &str, option: &str, setting: Option<&Setting<'_>>) -> Result<Option<T>, Diagnostic> {
        let Some(Setting { value, removal }) = setting else {
            return Ok(None);
        };
        match (self.parse)(value.text) {
            Some(bound) => Ok(Some(bound)),
            None => {
                let message = format!("`{option}: {}` of `{name}` is not {}", shown(value.text), self.expected);
                let near = number_in(value.text).map(|number| format!("{:?}", (self.clamp)(number)));
                let edit = match near {
                    Some(near) => value.meant(&near),
                    None => removal.clone(),
                };
                Err(Diagnostic::new(codes::BOUNDS, value.span, message).suggest(edit))
            }
        }
    }
}

/// The first number in a text such as `100 characters` or `1_000`.
fn number_in(text: &str) -> Option<f64> {
    let text: String = text.chars().filter(|c| !matches!(c, '_' | '\'' | ' ')).collect();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let end = text[start..]
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .map_or(text.len(), |length| start + length);
    let number: f64 = text[start..end].parse().ok()?;
    Some(if text[..start].ends_with('-') { -number } else { number })
}

impl Bounds {
    /// Reads `min` and `max` of the field `name`.
    ///
    /// # Errors
    /// What is wrong, and what is allowed.
    pub fn parse(name: &str, kind: &Kind, settings: [Option<&Setting<'_>>; 2]) -> Result<Self, Diagnostic> {
        Ok(match kind.row().limits {
            Limits::None => {
                if let Some(setting) = settings.into_iter().flatten().next() {
                    let message = format!("`{name}` cannot have `min` and `max`");
                    let types = names_of(|row| row.limits != Limits::None);
                    return Err(Diagnostic::new(codes::BOUNDS, setting.value.span, message)
                        .help(format!("they are for {types}"))
                        .suggest(setting.removal.clone()));
                }
                Bounds::None
            }
            Limits::Length { settable, most } => {
                let range = length(name, kind, (settable, "characters"), settings)?;
                check_least(name, range, most, settings[0])?;
                Bounds::Length(range)
            }
            Limits::Items(settable) => Bounds::Items(length(name, kind, (settable, "items"), settings)?),
            Limits::Integer(least, most) => {
                let bits = if least == i64::MIN { 64 } else { 32 };
                let reader = BoundReader {
                    parse: |text: &str| text.parse().ok().filter(|bound| (least..=most).contains(bound)),
                    expected: format!("a whole number of {bits} bits"),
                    // A number in a text that is too large becomes the greatest that has room.
                    clamp: if bits == 64 {
                        |number| number as i64
                    } else {
                        |number| i64::from(number as i32)
                    },
                };
                Bounds::Integer(reader.read(name, settings)?)
            }
            Limits::Float => {
                let reader = BoundReader {
                    parse: |text: &str| text.parse().ok().filter(|bound: &f64| bound.is_finite()),
                    expected: "a number such as 0.5".to_owned(),
                    clamp: |number| number,
                };
                Bounds::Float(reader.read(name, settings)?)
            }
        })
    }

    /// The least and the greatest value as Rust writes them.
    pub fn written(&self) -> [Option<String>; 2] {
        match self {
            Bounds::None => [None, None],
            Bounds::Length(range) | Bounds::Items(range) => range.written(),
            Bounds::Integer(range) => range.written(),
            Bounds::Float(range) => range.written(),
        }
    }

    /// Checks that the index of a unique field has room for its value: MySQL's has 3072 bytes, four for a character.
    ///
    /// # Errors
    /// That it has not, and what to do.
    pub fn check_index(&self, name: &str, max: Option<&Setting<'_>>) -> Result<(), Diagnostic> {
        const CHARS: usize = 768;
        match max.filter(|_| self.length().max.is_some_and(|max| max > CHARS)) {
            Some(Setting { value, .. }) => {
                let message = format!("`{name}` cannot be unique with a `max` of more than {CHARS} characters");
                Err(Diagnostic::new(codes::UNIQUE, value.span, message)
                    .help("an index of MySQL has room for no more")
                    .suggest(value.meant(&CHARS.to_string())))
            }
            None => Ok(()),
        }
    }

    /// The bounds of a text's length; none of another type's.
    pub fn length(&self) -> Range<usize> {
        match self {
            Bounds::Length(range) => *range,
            _ => Range { min: None, max: None },
        }
    }
}

/// Checks that a text can be as long as its `min` where it has no `max` of its own.
fn check_least(
    name: &str,
    range: Range<usize>,
    most: Option<usize>,
    setting: Option<&Setting<'_>>,
) -> Result<(), Diagnostic> {
    match (range.min, range.max, most, setting) {
        (Some(min), None, Some(most), Some(Setting { value, .. })) if min > most => {
            let message = format!("`min` of `{name}` is greater than {most}, which is its `max` where none is set");
            Err(Diagnostic::new(codes::BOUNDS, value.span, message).suggest(value.meant(&most.to_string())))
        }
        _ => Ok(()),
    }
}

/// The bounds of a length, from 1 to `settable` of something.
fn length(
    name: &str,
    kind: &Kind,
    (settable, what): (usize, &str),
    settings: [Option<&Setting<'_>>; 2],
) -> Result<Range<usize>, Diagnostic> {
    let reader = BoundReader {
        parse: |text: &str| text.parse().ok(),
        expected: format!("a number of {what}"),
        clamp: |number| (number as usize).max(1),
    };
    let length = reader.read(name, settings)?;
    let bounds = [("min", length.min), ("max", length.max)];
    for ((option, bound), setting) in bounds.into_iter().zip(settings) {
        let (Some(bound), Some(Setting { value, .. })) = (bound, setting) else {
            continue;
        };
        if !(1..=settable).contains(&bound) {
            let message = format!("`{option}` of `{name}` must be between 1 and {settable} {what}");
            let near = bound.clamp(1, settable).to_string();
            let problem = Diagnostic::new(codes::BOUNDS, value.span, message).suggest(value.meant(&near));
            return Err(match *kind == Kind::String && bound > settable {
                true => problem.help("use the type text for longer texts"),
                false => problem,
            });
        }
    }
    Ok(length)
}
