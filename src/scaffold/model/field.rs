//! A field: a column and an attribute.

use serde::{Deserialize, Serialize};

use super::{
    join::JoinNames,
    nested_options::NestedOptions,
    rules::{Asked, Reach, UserRules},
    traffic::{Direction, OnDelete, Traffic},
};
use crate::{
    error::{Diagnostic, Span, Suggestion},
    scaffold::{
        bounds::Bounds,
        codes,
        defaults::{DefaultValue, FieldDefault},
        source::Setting,
        types::{Kind, names_of},
    },
};

/// A field: a column and an attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FieldRecord", into = "FieldRecord")]
pub struct Field {
    /// Where it is defined.
    pub place: FieldPlace,
    /// What its attribute is called.
    pub name: String,
    /// What its column is called, if not as the attribute.
    pub column: Option<String>,
    /// What pages call it, if not as the attribute.
    pub label: Option<String>,
    /// Its type.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// What a new row gets where nothing was sent.
    pub default: Option<FieldDefault>,
    /// The least and the greatest value.
    pub bounds: Bounds,
    /// Who gives and who gets its values.
    pub traffic: Traffic,
    /// What becomes of a row, or of a link, when the row that it refers to is deleted.
    pub on_delete: OnDelete,
    /// What is said of an attribute of users.
    pub rules: UserRules,
    /// What its join table is called, if it has one.
    pub join: JoinNames,
    /// What a definition says of its rows, where it has rows of another resource.
    pub nested: NestedOptions,
}

/// Where a field is defined; at the beginning of the text where it is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldPlace {
    /// Its name.
    pub name: Span,
    /// Its type, without modifiers.
    pub kind: Span,
    /// Whether the type stands there as it is, and can be edited.
    pub is_exact: bool,
}

impl FieldPlace {
    /// What the type has in brackets after this beginning.
    pub fn inside(&self, beginning: &str) -> Span {
        match self.is_exact {
            true => Span {
                start: self.kind.start + beginning.len(),
                end: self.kind.end - 1,
            },
            false => self.kind,
        }
    }

    /// The edit that makes the field nullable.
    pub fn nullable(&self) -> Option<Suggestion> {
        self.is_exact.then(|| Suggestion {
            span: Span::at(self.kind.end),
            replacement: "?".to_owned(),
            title: "make it nullable".to_owned(),
        })
    }
}

impl Field {
    /// What its type has in brackets.
    pub fn argument_place(&self) -> Span {
        self.place.inside(&format!("{}(", self.kind.row().name))
    }

    /// Whether its table has a column for it.
    pub fn has_column(&self) -> bool {
        self.is_stored() && self.links_to().is_none()
    }

    /// Whether its values are kept.
    pub fn is_stored(&self) -> bool {
        self.traffic.direction != Direction::Unstored
    }

    /// Whether answers have it.
    pub fn is_shown(&self) -> bool {
        matches!(self.traffic.direction, Direction::Both | Direction::ReadOnly)
    }

    /// Whether documents of new rows may have it.
    pub fn is_sent(&self) -> bool {
        self.traffic.direction != Direction::ReadOnly
    }

    /// Whether documents of changed rows may have it.
    pub fn is_changed(&self) -> bool {
        self.is_sent() && !self.traffic.is_immutable
    }

    /// What the server gives it in a new row.
    pub fn own_default(&self) -> Option<&DefaultValue> {
        let default = self.default.as_ref().filter(|_| !self.traffic.is_filled_by_database);
        default.map(|default| &default.value)
    }

    /// What its column is called.
    pub fn column(&self) -> &str {
        self.column.as_deref().unwrap_or(&self.name)
    }

    /// The edit that gives it another name; none where the definition writes it with escapes.
    pub fn renamed(&self, name: &str) -> Option<Suggestion> {
        let place = self.place.name;
        place.holds(&self.name).then(|| Suggestion::renamed(place, name))
    }

    /// The plural of the resource that it refers to.
    pub fn refers_to(&self) -> Option<&str> {
        match &self.kind {
            Kind::References(plural) => Some(plural),
            _ => None,
        }
    }

    /// The plural of the resource that it links to.
    pub fn links_to(&self) -> Option<&str> {
        match &self.kind {
            Kind::Many(plural) => Some(plural),
            _ => None,
        }
    }

    /// The plural of the resource that it refers or links to.
    pub fn leads_to(&self) -> Option<&str> {
        self.refers_to().or(self.links_to())
    }

    /// The links that a row must have; none where it has another type.
    pub fn least_links(&self) -> usize {
        match (&self.kind, &self.bounds) {
            (Kind::Many(_), Bounds::Items(items)) => items.min.unwrap_or_default(),
            _ => 0,
        }
    }

    /// Whether a new row must be given a value.
    pub fn is_required(&self) -> bool {
        let is_list = self.links_to().is_some() && self.least_links() == 0;
        !self.nullable && self.default.is_none() && !is_list
    }
}

/// Of an attribute of users, as the library's `UserField` decides it.
impl Field {
    /// Who sees the attribute of a user.
    pub fn visible_to(&self) -> Reach {
        self.rules.visible_to.unwrap_or(Reach::Everyone)
    }

    /// Who changes the attribute of a user.
    pub fn changeable_by(&self) -> Reach {
        self.rules.changeable_by.unwrap_or(Reach::Owner)
    }

    /// What an administrator who adds a user must say of it.
    pub fn when_added(&self) -> Asked {
        let is_taken = self.rules.sign_up.is_some_and(|asked| asked != Asked::Ignored);
        match self.is_required() {
            true => Asked::Required,
            false if self.changeable_by() != Reach::Nobody || is_taken => Asked::Optional,
            false => Asked::Ignored,
        }
    }

    /// What somebody who signs up must say of it.
    pub fn at_sign_up(&self) -> Asked {
        match self.rules.sign_up {
            Some(asked) => asked,
            None if self.changeable_by() == Reach::Admin => Asked::Ignored,
            None => self.when_added(),
        }
    }
}

/// A field as a record has it.
#[derive(Serialize, Deserialize)]
pub struct FieldRecord {
    /// As in [`Field`].
    pub name: String,
    /// As in [`Field`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// As in [`Field`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// As in [`Field`].
    pub kind: Kind,
    /// As in [`Field`].
    pub nullable: bool,
    /// As in [`Field`].
    pub unique: bool,
    /// The default as it is written.
    pub default: Option<String>,
    /// The least value as it is written.
    pub min: Option<String>,
    /// The greatest value as it is written.
    pub max: Option<String>,
    /// As in [`Field`].
    #[serde(flatten)]
    pub traffic: Traffic,
    /// As in [`Field`].
    #[serde(default, skip_serializing_if = "OnDelete::is_restrict")]
    pub on_delete: OnDelete,
    /// As in [`Field`].
    #[serde(flatten)]
    pub rules: UserRules,
    #[serde(default, skip_serializing_if = "JoinNames::is_empty")]
    pub join: JoinNames,
}

/// What a field is made of, read but for what depends on its type.
pub struct Parts<'t> {
    /// Its name.
    pub name: &'t str,
    /// Its type.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
    /// What makes it unique.
    pub unique: Option<Setting<'t>>,
    /// Its default.
    pub default: Option<Setting<'t>>,
    /// The least and the greatest value.
    pub bounds: [Option<Setting<'t>>; 2],
}

impl Parts<'_> {
    /// The field, where its parts fit together.
    ///
    /// # Errors
    /// All that does not fit.
    pub fn check(self) -> Result<Field, Vec<Diagnostic>> {
        let Self { name, kind, .. } = &self;
        let mut problems = Vec::new();
        if let Some(problem) = self.unique.as_ref().and_then(|unique| self.not_unique(unique)) {
            problems.push(problem);
        }
        let bounds = Bounds::parse(name, kind, self.bounds.each_ref().map(Option::as_ref));
        let bounds = bounds.map_err(|problem| problems.push(problem)).unwrap_or(Bounds::None);
        if self.unique.is_some() && kind.row().can_be_unique {
            let max = self.bounds[1].as_ref();
            bounds
                .check_index(name, max)
                .unwrap_or_else(|problem| problems.push(problem));
        }
        let default = match &self.default {
            // Whether it is within bounds cannot be said where these are wrong.
            Some(setting) if problems.is_empty() => FieldDefault::parse(name, kind, &bounds, setting)
                .map_err(|problem| problems.push(problem))
                .ok(),
            _ => None,
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Field {
            place: FieldPlace::default(),
            name: (*name).to_owned(),
            column: None,
            label: None,
            nullable: self.nullable,
            unique: self.unique.is_some(),
            default,
            bounds,
            traffic: Traffic::default(),
            on_delete: OnDelete::default(),
            rules: UserRules::default(),
            join: JoinNames::default(),
            nested: NestedOptions::default(),
            kind: self.kind,
        })
    }

    fn not_unique(&self, unique: &Setting<'_>) -> Option<Diagnostic> {
        let name = self.name;
        let problem = |message: String| Diagnostic::new(codes::UNIQUE, unique.value.span, message);
        if !self.kind.row().can_be_unique {
            let types = names_of(|row| row.can_be_unique);
            return Some(
                problem(format!("`{name}` cannot be unique"))
                    .help(format!("`^` is for {types}"))
                    .suggest(unique.removal.clone()),
            );
        }
        let default = self.default.as_ref()?;
        Some(
            problem(format!("`{name}` cannot be unique and have a default"))
                .related(default.value.span, "the default")
                .suggest(default.removal.clone()),
        )
    }
}

impl TryFrom<FieldRecord> for Field {
    type Error = String;

    fn try_from(definition: FieldRecord) -> Result<Self, String> {
        let unplaced = |text| Option::map(text, Setting::unplaced);
        let parts = Parts {
            name: &definition.name,
            kind: definition.kind.clone(),
            nullable: definition.nullable,
            unique: definition.unique.then(|| Setting::unplaced("^")),
            default: unplaced(definition.default.as_deref()),
            bounds: [definition.min.as_deref(), definition.max.as_deref()].map(unplaced),
        };
        let messages = |problems: Vec<Diagnostic>| {
            let messages: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
            messages.join("; ")
        };
        let field = parts.check().map_err(messages)?;
        Ok(Self {
            column: definition.column,
            label: definition.label,
            traffic: definition.traffic,
            on_delete: definition.on_delete,
            rules: definition.rules,
            join: definition.join,
            ..field
        })
    }
}

impl From<Field> for FieldRecord {
    fn from(field: Field) -> Self {
        let [min, max] = field.bounds.written();
        Self {
            name: field.name,
            column: field.column,
            label: field.label,
            kind: field.kind,
            nullable: field.nullable,
            unique: field.unique,
            default: field.default.map(|default| default.text),
            min,
            max,
            traffic: field.traffic,
            on_delete: field.on_delete,
            rules: field.rules,
            join: field.join,
        }
    }
}
