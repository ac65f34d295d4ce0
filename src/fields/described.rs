//! How API docs and pages describe the type of an attribute that is known at run time only.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde_json::{Value, json};

use super::{
    array::{ARRAY, Array},
    attribute::Shown,
    field::Field,
    json::Json,
    number::{BigInteger, BigReference, Decimal, FLOAT, Float, Integer, Reference},
    numeric::Numeric,
    text::{Choice, Email, Line, MAX_STRING_CHARS, TEXT, Text, Url},
    time::{Date, DateTime, Time},
    truth::{Bool, Boolean},
    uuid::Uuid,
};
use crate::db::Arg;

/// What docs and pages say of a field.
#[derive(Clone, Debug)]
pub struct Description {
    /// What pages call the type: the name of its component, and its kind in scripts.
    pub kind: &'static str,
    /// The schema of what is read.
    pub schema: MetaSchema,
    /// A value that the field reads.
    pub example: Value,
    /// The least number or length, where there is one.
    pub min: Option<String>,
    /// The greatest number or length, where there is one.
    pub max: Option<String>,
    /// The texts of which it is one.
    pub choices: &'static [&'static str],
}

impl Description {
    fn of(kind: &'static str, schema: MetaSchema, example: Value) -> Self {
        Self {
            kind,
            schema,
            example,
            min: None,
            max: None,
            choices: &[],
        }
    }

    fn with_bounds(self, min: Option<String>, max: Option<String>) -> Self {
        Self { min, max, ..self }
    }
}

/// A field that docs and pages can describe, and whose values are stored and shown.
pub trait Described: Field<Value: Shown + Into<Arg>> + Sync {
    /// The description.
    fn describe(&self) -> Description;
}

fn text_of(kind: &'static str, min: usize, max: Option<usize>, example: String) -> Description {
    let schema = MetaSchema {
        min_length: Some(min),
        max_length: max,
        ..MetaSchema::new("string")
    };
    Description::of(kind, schema, example.into()).with_bounds(Some(min.to_string()), max.map(|max| max.to_string()))
}

/// A text of a length within the bounds.
fn example_text(min: usize, max: usize) -> String {
    const WORDS: &str = "A text.";
    let text: String = WORDS.chars().cycle().take(min.max(WORDS.len())).collect();
    text.chars().take(max).collect()
}

impl Described for Line {
    fn describe(&self) -> Description {
        text_of("string", self.min, Some(self.max), example_text(self.min, self.max))
    }
}

impl Described for Text {
    fn describe(&self) -> Description {
        let max = (self.max != TEXT.max).then_some(self.max);
        text_of("text", self.min, max, example_text(self.min, self.max))
    }
}

impl Described for Email {
    fn describe(&self) -> Description {
        text_of("email", 1, Some(MAX_STRING_CHARS), "ann@example.com".to_owned())
    }
}

impl Described for Url {
    fn describe(&self) -> Description {
        text_of("url", 1, Some(MAX_STRING_CHARS), "https://example.com/".to_owned())
    }
}

impl Described for Choice {
    fn describe(&self) -> Description {
        // `web/openapi.rs` makes a list of it.
        let schema = MetaSchema {
            pattern: Some(format!("^({})$", self.0.join("|"))),
            ..MetaSchema::new("string")
        };
        let example = self.0.first().copied().unwrap_or_default();
        Description {
            choices: self.0,
            ..Description::of("enum", schema, example.into())
        }
    }
}

impl Described for Integer {
    fn describe(&self) -> Description {
        let schema = MetaSchema::new_with_format("integer", "int32");
        let example = 1.clamp(self.min, self.max);
        let (min, max) = (self.min.to_string(), self.max.to_string());
        Description::of("integer", schema, example.into()).with_bounds(Some(min), Some(max))
    }
}

impl Described for BigInteger {
    fn describe(&self) -> Description {
        let schema = MetaSchema::new_with_format("integer", "int64");
        let example = 1.clamp(self.min, self.max);
        let (min, max) = (self.min.to_string(), self.max.to_string());
        Description::of("biginteger", schema, example.into()).with_bounds(Some(min), Some(max))
    }
}

impl Described for Float {
    fn describe(&self) -> Description {
        let schema = MetaSchema::new_with_format("number", "double");
        let bound = |bound: f64, widest: f64| (bound.to_bits() != widest.to_bits()).then(|| bound.to_string());
        let example = 0.5_f64.max(self.min).min(self.max);
        Description::of("float", schema, json!(example))
            .with_bounds(bound(self.min, FLOAT.min), bound(self.max, FLOAT.max))
    }
}

impl Described for Reference {
    fn describe(&self) -> Description {
        Description::of("reference", MetaSchema::new_with_format("integer", "int64"), 1.into())
    }
}

impl Described for BigReference {
    fn describe(&self) -> Description {
        Reference.describe()
    }
}

impl<const PRECISION: u32, const SCALE: u32> Described for Numeric<PRECISION, SCALE> {
    fn describe(&self) -> Description {
        Description::of("decimal", MetaSchema::new_with_format("string", "decimal"), json!("0"))
    }
}

impl Described for Array {
    fn describe(&self) -> Description {
        let items = MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
        let max = (self.max != ARRAY.max).then_some(self.max);
        let schema = MetaSchema {
            items: Some(Box::new(items)),
            min_items: Some(self.min),
            max_items: max,
            ..MetaSchema::new("array")
        };
        let example: Vec<String> = (1..=self.min.clamp(1, 2))
            .map(|number| format!("text {number}"))
            .collect();
        Description::of("array", schema, json!(example))
            .with_bounds(Some(self.min.to_string()), max.map(|max| max.to_string()))
    }
}

macro_rules! described {
    ($($field:ty => $kind:literal, $schema:expr, $example:expr;)*) => {$(
        impl Described for $field {
            fn describe(&self) -> Description {
                Description::of($kind, $schema, json!($example))
            }
        }
    )*};
}
described! {
    Decimal => "decimal", MetaSchema::new_with_format("string", "decimal"), "48.10";
    Date => "date", MetaSchema::new_with_format("string", "date"), "2026-01-02";
    Time => "time", MetaSchema::new_with_format("string", "time"), "03:04:05";
    DateTime => "datetime", MetaSchema::new_with_format("string", "date-time"), "2026-01-02T03:04:05.678901+00:00";
    Bool => "bool", MetaSchema::new("boolean"), true;
    Boolean => "boolean", MetaSchema::new_with_format("integer", "boolean"), 1;
    Uuid => "uuid", MetaSchema::new_with_format("string", "uuid"), "67e55044-10b1-426f-9247-bb680e5fe0c8";
    Json => "json", MetaSchema::ANY, json!({"key": "value"});
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::STRING;

    fn reads_its_example(field: &impl Described) {
        let Description { kind, example, .. } = field.describe();
        assert!(field.read(&example).is_ok(), "{kind}: {example}");
        assert!(field.read_as_flask(&example).is_ok(), "{kind}: {example}");
    }

    #[test]
    fn each_field_reads_its_own_example() {
        reads_its_example(&STRING);
        reads_its_example(&Line { min: 20, max: 22 });
        reads_its_example(&Line { min: 1, max: 3 });
        reads_its_example(&TEXT);
        reads_its_example(&Email);
        reads_its_example(&Url);
        reads_its_example(&Choice(&["draft", "done"]));
        reads_its_example(&Integer { min: 18, max: 99 });
        reads_its_example(&BigInteger { min: -9, max: -2 });
        reads_its_example(&Float { min: 1.5, max: 2.5 });
        reads_its_example(&FLOAT);
        reads_its_example(&Decimal);
        reads_its_example(&Date);
        reads_its_example(&DateTime);
        reads_its_example(&Bool);
        reads_its_example(&Boolean);
        reads_its_example(&Uuid);
        reads_its_example(&Json);
        reads_its_example(&Reference);
        reads_its_example(&BigReference);
        reads_its_example(&Time);
        reads_its_example(&Numeric::<4, 2>);
        reads_its_example(&ARRAY);
    }
}
