//! Users with further attributes, as those who ask may see them.

use std::{borrow::Cow, sync::Arc};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use serde_json::{Map, Value};

use super::{
    documents::{extended, property},
    field::{UserField, Who},
    list::fields,
    models::Further,
};
use crate::{
    auth::callers::{Auth, Caller},
    db::Pages,
    error::Result,
    fields::attribute::Attribute,
    jsonapi::{
        list::{List, Shape},
        resource::{Identified, Listed, Resource},
    },
};

/// Who looks at users.
#[derive(Clone, Copy, Debug, Default)]
pub struct Viewer {
    id: Option<i64>,
    is_admin: bool,
}

impl Viewer {
    /// The caller, who is looked up where it counts whether that is an administrator.
    ///
    /// Unlike for changes, only real administrators count: what lets everybody write is about the originals' attributes,
    /// which everybody sees.
    ///
    /// # Errors
    /// As for every query.
    pub async fn of(auth: &Arc<Auth>, caller: &Caller) -> Result<Self> {
        let is_restricted = |field: &UserField| matches!(field.visible_to, Who::Owner | Who::Admin);
        Ok(Self {
            id: caller.id,
            is_admin: fields().iter().any(is_restricted) && auth.is_admin(caller).await?,
        })
    }

    /// Somebody who has just signed up.
    pub fn new(id: i64) -> Self {
        Self {
            id: Some(id),
            is_admin: false,
        }
    }

    fn sees(self, field: &UserField, id: Option<i64>) -> bool {
        match field.visible_to {
            Who::Everyone => true,
            Who::Owner => self.is_admin || id.is_some() && self.id == id,
            Who::Admin => self.is_admin,
            Who::Nobody => false,
        }
    }

    /// What the viewer sees of the user with this id, or of others.
    fn attributes_of(self, id: Option<i64>) -> impl Iterator<Item = &'static Attribute> {
        let seen = fields().iter().filter(move |field| self.sees(field, id));
        seen.map(|field| &field.attribute)
    }
}

/// The attributes of a user, with those of the further ones that the viewer sees.
pub struct Shown<T> {
    core: T,
    further: Map<String, Value>,
}

impl<T> Shown<T> {
    /// A user as the viewer sees it.
    pub fn to(viewer: Viewer, user: Identified<T>, Further(values): Further) -> Identified<Self> {
        let all = fields().iter().zip(values);
        let seen = all.filter(|(field, _)| viewer.sees(field, Some(user.id)));
        Identified {
            id: user.id,
            attributes: Self {
                core: user.attributes,
                further: seen.map(|(field, value)| (field.name.to_owned(), value)).collect(),
            },
            unreadable: user.unreadable,
        }
    }
}

/// The list of these users, with their further attributes as far as the viewer sees them.
///
/// # Errors
/// As [`Pages::next`].
pub async fn list<T: Resource>(
    viewer: Viewer,
    core: impl IntoIterator<Item = &'static Attribute>,
    pages: Pages,
) -> Result<Listed<Shown<T>>> {
    let core: Vec<&Attribute> = core.into_iter().collect();
    let with = |further: Vec<&'static Attribute>| core.iter().copied().chain(further);
    let others = viewer.attributes_of(None).collect();
    let shape = Shape::Document {
        kind: T::TYPE,
        link: T::LINK,
    };
    let list = List::new(shape, T::TYPE, with(others), pages);
    let list = match viewer.id {
        Some(id) => list.showing_of_row(id, with(viewer.attributes_of(Some(id)).collect())),
        None => list,
    };
    Listed::from_list(list).await
}

impl<T: ToJSON> ToJSON for Shown<T> {
    fn to_json(&self) -> Option<Value> {
        let mut attributes = self.core.to_json();
        if let Some(Value::Object(attributes)) = &mut attributes {
            attributes.extend(self.further.clone());
            // Attributes are written by name; what stands in one keeps its order.
            attributes.sort_keys();
        }
        attributes
    }
}

fn extend(schema: &mut MetaSchema) {
    for field in fields().iter().filter(|field| field.visible_to != Who::Nobody) {
        let read = field.field.describe().schema;
        // What is stored is not bound by what documents may say.
        let shown = MetaSchema {
            min_length: None,
            max_length: None,
            ..read
        };
        schema.properties.push((field.name, property(field, shown)));
        if field.visible_to == Who::Everyone {
            schema.required.push(field.name);
        }
    }
}

impl<T: Type> Type for Shown<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        if !fields().is_empty() {
            registry.schemas.insert(T::name().into_owned(), extended::<T>(extend));
        }
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: Resource> Resource for Shown<T> {
    const TYPE: &'static str = T::TYPE;
    const IS_SCAFFOLDED: bool = T::IS_SCAFFOLDED;
    const ATTRIBUTES: &'static [Attribute] = T::ATTRIBUTES;

    fn example() -> Value {
        let mut example = T::example();
        for field in fields().iter().filter(|field| field.visible_to != Who::Nobody) {
            example[field.name] = field.field.describe().example;
        }
        example
    }
}
