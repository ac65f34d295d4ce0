//! The least and the greatest value of a field, read once from the definition.

use std::fmt::Debug;

use super::{
    source::shown,
    types::{Kind, Limits, names_of},
};

/// What `min` and `max` of a field are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    /// The type has no bounds.
    None,
    /// Those of a text's length, in characters.
    Length(Range<usize>),
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

    /// Reads both, each with `parse`; what they are `expected` to be is for the message.
    fn parse(
        name: &str,
        [min, max]: [Option<&str>; 2],
        parse: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Result<Self, String> {
        let read = |option: &str, text: Option<&str>| match text.map(|text| parse(text).ok_or(text)) {
            None => Ok(None),
            Some(Ok(bound)) => Ok(Some(bound)),
            Some(Err(text)) => Err(format!("`{option}: {}` of `{name}` is not {expected}", shown(text))),
        };
        let (min, max) = (read("min", min)?, read("max", max)?);
        match (min, max) {
            (Some(least), Some(most)) if least > most => Err(format!("`min` of `{name}` is greater than its `max`")),
            _ => Ok(Self { min, max }),
        }
    }
}

impl Bounds {
    /// Reads `min` and `max` of the field `name`.
    ///
    /// # Errors
    /// What is wrong, and what is allowed.
    pub fn parse(name: &str, kind: &Kind, texts: [Option<&str>; 2]) -> Result<Self, String> {
        Ok(match kind.row().limits {
            Limits::None if texts == [None, None] => Bounds::None,
            Limits::None => {
                let types = names_of(|row| row.limits != Limits::None);
                return Err(format!("`{name}` has no `min` and `max`; they are for {types}"));
            }
            Limits::Length { settable, .. } => {
                let length = Range::parse(name, texts, |text| text.parse().ok(), "a number of characters")?;
                check_length(name, kind, length, settable)?;
                Bounds::Length(length)
            }
            Limits::Integer(least, most) => {
                let number = |text: &str| text.parse().ok().filter(|bound| (least..=most).contains(bound));
                let bits = if least == i64::MIN { 64 } else { 32 };
                Bounds::Integer(Range::parse(
                    name,
                    texts,
                    number,
                    &format!("a whole number of {bits} bits"),
                )?)
            }
            Limits::Float => {
                let number = |text: &str| text.parse().ok().filter(|bound: &f64| bound.is_finite());
                if let Some(text) = texts.into_iter().flatten().find(|text| number(text).is_none()) {
                    return Err(format!(
                        "`{}`, a bound of `{name}`, is not a number such as 0.5",
                        shown(text)
                    ));
                }
                Bounds::Float(Range::parse(name, texts, number, "a number")?)
            }
        })
    }

    /// The least and the greatest value as Rust writes them.
    pub fn written(&self) -> [Option<String>; 2] {
        match self {
            Bounds::None => [None, None],
            Bounds::Length(range) => range.written(),
            Bounds::Integer(range) => range.written(),
            Bounds::Float(range) => range.written(),
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

fn check_length(name: &str, kind: &Kind, length: Range<usize>, most: usize) -> Result<(), String> {
    let (min, max) = (length.min.unwrap_or(1), length.max.unwrap_or(most));
    if (1..=most).contains(&max) && (1..=max).contains(&min) {
        return Ok(());
    }
    let hint = if *kind == Kind::String {
        "; a text may be longer"
    } else {
        ""
    };
    Err(format!(
        "`min` and `max` of `{name}` are lengths from 1 to {most}{hint}"
    ))
}
