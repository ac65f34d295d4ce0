//! Documents of users with further attributes: what is read, and what the API docs say of it.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde_json::Value;

use super::{
    field::{SignUp, UserField, Who},
    list::fields,
    models::Changes,
};
use crate::{
    db::Arg,
    jsonapi::document::{Attributes, FromAttributes},
};

/// The attributes of a document, read as a `T`, with further ones, read as an `M`.
pub struct Sent<T, M> {
    /// Those of the originals.
    pub core: T,
    /// Those beyond.
    pub further: M,
}

/// How the further attributes of a document are read.
pub trait ReadFurther: Send + Sync {
    /// The schema's name where there are further attributes, if it must be another one than without.
    const NAME: Option<&'static str> = None;

    /// Reads them.
    fn read(attributes: &mut Attributes, fields: &'static [UserField]) -> Self;

    /// Whether a document may have an attribute, and whether it must.
    fn is_asked(field: &UserField) -> SignUp;
}

/// Those of a user whom an administrator adds.
pub struct Added(pub Vec<Arg>);

/// Those of a user who signs up.
pub struct SignedUp(pub Vec<Arg>);

/// Those of a user who is changed.
pub struct Changed(Changes);

impl Changed {
    /// The changes that the caller may make; what only administrators change is ignored otherwise, as the role is.
    pub fn allowed(self, is_privileged: bool) -> Changes {
        let Changes(changes) = self.0;
        let allowed = |field: &UserField| is_privileged || field.changeable_by != Who::Admin;
        let changes = fields().iter().zip(changes);
        Changes(
            changes
                .map(|(field, change)| change.filter(|_| allowed(field)))
                .collect(),
        )
    }
}

fn read_new(attributes: &mut Attributes, field: &UserField, asked: SignUp) -> Arg {
    let (name, value) = (field.name, field.field);
    let sent = match (asked, field.is_nullable) {
        (SignUp::Ignored, _) => None,
        // Whoever must send it sends more than null.
        (SignUp::Required, _) => return value.required(attributes, name),
        (SignUp::Optional, true) => value.nullable(attributes, name),
        (SignUp::Optional, false) => value.optional(attributes, name),
    };
    sent.unwrap_or_else(|| field.default_value())
}

/// The values of a new user.
fn read_all<M: ReadFurther>(attributes: &mut Attributes, fields: &[UserField]) -> Vec<Arg> {
    let read = |field| read_new(attributes, field, M::is_asked(field));
    fields.iter().map(read).collect()
}

impl ReadFurther for Added {
    fn read(attributes: &mut Attributes, fields: &'static [UserField]) -> Self {
        Self(read_all::<Self>(attributes, fields))
    }

    fn is_asked(field: &UserField) -> SignUp {
        field.when_added()
    }
}

impl ReadFurther for SignedUp {
    // Under 2.0 the schema is that of users who are added, as long as there are no further attributes.
    const NAME: Option<&'static str> = Some("Signup");

    fn read(attributes: &mut Attributes, fields: &'static [UserField]) -> Self {
        Self(read_all::<Self>(attributes, fields))
    }

    fn is_asked(field: &UserField) -> SignUp {
        field.at_sign_up()
    }
}

impl ReadFurther for Changed {
    fn read(attributes: &mut Attributes, fields: &'static [UserField]) -> Self {
        let read = |field: &UserField| match (Self::is_asked(field), field.is_nullable) {
            (SignUp::Ignored, _) => None,
            (_, true) => field.field.nullable(attributes, field.name),
            (_, false) => field.field.optional(attributes, field.name),
        };
        Self(Changes(fields.iter().map(read).collect()))
    }

    fn is_asked(field: &UserField) -> SignUp {
        match field.is_changeable() {
            true => SignUp::Optional,
            false => SignUp::Ignored,
        }
    }
}

/// A type's own schema, as its registration has it, and with these further properties.
pub(super) fn extended<T: Type>(further: impl Fn(&mut MetaSchema)) -> MetaSchema {
    let mut own = Registry::new();
    T::register(&mut own);
    let mut schema = own.schemas.remove(&*T::name()).unwrap_or(MetaSchema::ANY);
    further(&mut schema);
    schema
}

/// What the API docs say of an attribute of which the project says nothing.
fn words_of(field: &UserField) -> &'static str {
    // Their schemas have texts of the program only. They are made a few times, at the start.
    static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let words = format!("{}.", field.shown_label());
    let mut all = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(words.as_str()) {
        return known;
    }
    let words: &'static str = Box::leak(words.into_boxed_str());
    all.insert(words);
    words
}

/// What the API docs say of an attribute.
pub(super) fn property(field: &UserField, schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema {
        description: Some(field.about.unwrap_or_else(|| words_of(field))),
        nullable: field.is_nullable,
        ..schema
    }))
}

impl<T: Type, M: ReadFurther> Sent<T, M> {
    fn schema_name() -> Cow<'static, str> {
        match M::NAME {
            Some(name) if !fields().is_empty() => name.into(),
            _ => T::name(),
        }
    }

    fn extend(schema: &mut MetaSchema) {
        for field in fields().iter().filter(|field| M::is_asked(field) != SignUp::Ignored) {
            let described = field.field.describe().schema;
            schema.properties.push((field.name, property(field, described)));
            if M::is_asked(field) == SignUp::Required {
                schema.required.push(field.name);
            }
        }
    }
}

impl<T: Type, M: ReadFurther> Type for Sent<T, M> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        Self::schema_name()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(Self::schema_name().into_owned())
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        if !fields().is_empty() {
            let name = Self::schema_name().into_owned();
            registry.schemas.insert(name, extended::<T>(Self::extend));
        }
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: FromAttributes, M: ReadFurther> FromAttributes for Sent<T, M> {
    type Resource = T::Resource;

    fn example() -> Value {
        let mut example = T::example();
        for field in fields().iter().filter(|field| M::is_asked(field) == SignUp::Required) {
            example[field.name] = field.field.describe().example;
        }
        example
    }

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
            core: T::from_attributes(attributes),
            further: M::read(attributes, fields()),
        }
    }
}
