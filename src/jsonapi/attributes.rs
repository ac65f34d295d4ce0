//! Reads the attributes of a JSON:API document as marshmallow-jsonapi did for Flask-Scaffold, with its words.
//!
//! All validation errors are reported at once. Checked after them, in this order, is what the originals met after
//! their validation: missing members, which ended in a `KeyError` (500), then values that the table could not hold.

use chrono::NaiveDateTime;
use poem_openapi::types::Any;
use serde_json::{Map, Value};

use crate::{
    error::{Constraint, ConstraintViolation, Error, Fault, Result},
    fields::{
        Field, FieldError, Presence, Stored, StoredTime, UnstoredInteger,
        nullable::{Changed, Nullable},
    },
    flask::{dialect::Dialect, tables::UsersTable},
};

/// Parts of an SQLAlchemy model that cannot be set.
const RESERVED: [&str; 4] = ["__class__", "_sa_instance_state", "role_relation", "update"];

/// The attributes of a document while they are read.
///
/// A member that is wrong reads as an empty value: the whole document is refused in the end.
pub struct Attributes {
    /// What the client sent as `data.id`.
    id: Option<Value>,
    members: Map<String, Value>,
    errors: Vec<Fault>,
    absent: Vec<Fault>,
    refused: Option<ConstraintViolation>,
    is_scaffolded: bool,
    dialect: Dialect,
    /// What the users table makes of users' attributes.
    pub users: UsersTable,
}

impl Attributes {
    /// The attributes of a document of the resource `kind`.
    pub(super) fn of(document: Value, kind: &'static str, is_scaffolded: bool, dialect: Dialect) -> Result<Self> {
        let unfit = |fault| Error::Document {
            faults: vec![fault],
            is_scaffolded,
        };
        let (id, members) = parts_of(document, kind).map_err(unfit)?;
        Ok(Self {
            id,
            members,
            errors: Vec::new(),
            absent: Vec::new(),
            refused: None,
            is_scaffolded,
            dialect,
            users: dialect.users,
        })
    }

    /// Refuses members that were not read and name a part of the originals' model other than a column.
    ///
    /// Their `patch` set every member that was sent, and crashed on these; other unknown members are ignored.
    pub(super) fn refuse_reserved(&mut self) {
        let sent = RESERVED.into_iter().filter(|name| self.members.contains_key(*name));
        let faults: Vec<Fault> = sent.map(|name| Fault::of(name, "This is not an attribute.")).collect();
        // They are told first.
        self.errors.splice(..0, faults);
    }

    /// The key that a client gives a new resource as `data.id`; it must be there.
    pub fn id<F: Field>(&mut self, field: &F) -> F::Value {
        if self.id.is_none() {
            match F::PRESENCE {
                Presence::Always => self.errors.push(Fault::missing_id()),
                Presence::New => self.absent.push(Fault::missing_id()),
            }
        }
        self.optional_id(field).unwrap_or_default()
    }

    /// The key that a client gives a new resource as `data.id`, if there is one.
    pub fn optional_id<F: Field>(&mut self, field: &F) -> Option<F::Value> {
        let read = match self.id.take()? {
            Value::Null => Err(FieldError::Invalid(vec![NULL.to_owned()])),
            value => self.parse(field, &value),
        };
        match read {
            Ok(value) => return Some(value),
            Err(FieldError::Refused(constraint)) => self.refuse(constraint, "id"),
            Err(FieldError::Invalid(details)) => self.errors.extend(details.into_iter().map(Fault::Id)),
        }
        None
    }

    /// Whether the document has a member of this name that was not read yet.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// The value of an attribute that a new resource, or every document, must have.
    pub fn required<F: Field>(&mut self, name: &'static str, field: &F) -> F::Value {
        let Some(now) = self.set_by_the_clock::<F>() else {
            return self.required_as_sent(name, field);
        };
        // What was sent had to be valid, but never came to the table.
        let refused = self.refused.clone();
        self.optional(name, field);
        self.refused = refused;
        now
    }

    /// As [`Attributes::required`], of an attribute that no clock sets.
    pub(crate) fn required_as_sent<F: Field>(&mut self, name: &'static str, field: &F) -> F::Value {
        let is_present = self.members.contains_key(name);
        let value = self.optional(name, field);
        if !is_present {
            match F::PRESENCE {
                Presence::Always => self.errors.push(Fault::missing(name)),
                Presence::New => self.absent.push(Fault::missing(name)),
            }
        }
        value.unwrap_or_default()
    }

    /// The value of an attribute of a changed resource, where only some types may be absent.
    pub fn changed<F: Field>(&mut self, name: &'static str, field: &F) -> Changed<F::Value> {
        let is_present = self.members.contains_key(name);
        if !is_present && F::PRESENCE == Presence::Always && self.set_by_the_clock::<F>().is_none() {
            self.errors.push(Fault::missing(name));
        }
        Changed(self.optional(name, field))
    }

    /// The value of an attribute that may be absent, but not null.
    pub fn optional<F: Field>(&mut self, name: &'static str, field: &F) -> Option<F::Value> {
        match self.members.remove(name)? {
            Value::Null => self.wrong(name, NULL),
            value => self.read(name, field, &value),
        }
    }

    /// The value of an attribute that may be absent or null.
    pub fn nullable<F: Field>(&mut self, name: &'static str, field: &F) -> Option<Nullable<F::Value>> {
        match self.members.remove(name)? {
            Value::Null => Some(Nullable(None)),
            value => self.read(name, field, &value).map(|value| Nullable(Some(value))),
        }
    }

    /// The time that Flask-Scaffold 2.0 stored in a new resource; it ignored what was sent.
    fn set_by_the_clock<F: Field>(&self) -> Option<F::Value> {
        F::now().filter(|_| self.dialect.clock_sets_times())
    }

    fn read<F: Field>(&mut self, name: &'static str, field: &F, value: &Value) -> Option<F::Value> {
        let read = self.parse(field, value);
        read.map_err(|error| self.note(name, error)).ok()
    }

    fn parse<F: Field>(&self, field: &F, value: &Value) -> Result<F::Value, FieldError> {
        match self.dialect.reads_as_flask() {
            true => field.read_as_flask(value),
            false => field.read(value),
        }
    }

    fn note(&mut self, name: &'static str, error: FieldError) {
        match error {
            FieldError::Refused(constraint) => self.refuse(constraint, name),
            FieldError::Invalid(details) => self.errors.extend(details.iter().map(|detail| Fault::of(name, detail))),
        }
    }

    /// A number that must be present, but is not stored: any valid one will do.
    pub fn unstored_integer(&mut self, name: &'static str) -> Any<Value> {
        Any(self.required(name, &UnstoredInteger))
    }

    /// A text of at most 250 characters that the originals stored without looking at it.
    pub fn unchecked_string(&mut self, name: &'static str) -> Option<Nullable<String>> {
        self.nullable(name, &Stored)
    }

    /// A time that the originals stored without looking at it.
    pub fn unchecked_timestamp(&mut self, name: &'static str) -> Option<Nullable<NaiveDateTime>> {
        self.nullable(name, &StoredTime)
    }

    /// As [`Attributes::unchecked_timestamp`], for a column that cannot be null.
    pub fn unchecked_required_timestamp(&mut self, name: &'static str) -> Option<NaiveDateTime> {
        let Nullable(moment) = self.unchecked_timestamp(name)?;
        if moment.is_none() {
            self.refuse(Constraint::Missing, name);
        }
        moment
    }

    fn wrong<T>(&mut self, name: &'static str, detail: &str) -> Option<T> {
        self.errors.push(Fault::of(name, detail));
        None
    }

    fn refuse(&mut self, constraint: Constraint, name: &str) {
        self.refused
            .get_or_insert_with(|| ConstraintViolation::of(constraint, name));
    }

    /// Refuses the document if anything is wrong with it.
    pub(super) fn finish(self) -> Result<()> {
        for faults in [self.errors, self.absent] {
            if !faults.is_empty() {
                return Err(Error::Document {
                    faults,
                    is_scaffolded: self.is_scaffolded,
                });
            }
        }
        self.refused
            .map_or(Ok(()), |violation| Err(Error::Constraint(violation)))
    }
}

/// The id of a document and the members of its attributes.
fn parts_of(document: Value, kind: &'static str) -> Result<(Option<Value>, Map<String, Value>), Fault> {
    const NO_DATA: Fault = Fault::Frame("Object must include `data` key.");
    const NO_TYPE: Fault = Fault::Frame("`data` object must include `type` key.");
    const NO_ATTRIBUTES: Fault = Fault::Frame("`data` object must include `attributes` key.");
    let Value::Object(mut document) = document else {
        return Err(NO_DATA);
    };
    let Value::Object(mut data) = document.remove("data").ok_or(NO_DATA)? else {
        return Err(NO_TYPE);
    };
    if *data.get("type").ok_or(NO_TYPE)? != kind {
        return Err(Fault::Type(kind));
    }
    match data.remove("attributes").ok_or(NO_ATTRIBUTES)? {
        Value::Null => Ok((data.remove("id"), Map::new())),
        Value::Object(members) => Ok((data.remove("id"), members)),
        _ => Err(Fault::of("_schema", "Invalid input type.")),
    }
}

const NULL: &str = "Field may not be null.";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        config::Profile,
        fields::{DateTime, INTEGER, STRING, Unstored},
    };

    fn attributes_of(document: Value, kind: &'static str) -> Result<Attributes> {
        Attributes::of(document, kind, false, Dialect::of(Profile::Scaffold10))
    }

    fn errors_of(text: &str) -> Value {
        let read = attributes_of(serde_json::from_str(text).unwrap(), "users").and_then(|mut attributes| {
            attributes.required("name", &STRING);
            attributes.required("password", &Unstored);
            attributes.required("active", &INTEGER);
            attributes.optional("role", &STRING);
            attributes.finish()
        });
        match read.unwrap_err() {
            Error::Document { faults, .. } => faults.iter().map(Fault::to_json).collect(),
            other => json!(other.to_string()),
        }
    }

    fn with(attributes: &str) -> Value {
        errors_of(&format!(
            "{{\"data\": {{\"type\": \"users\", \"attributes\": {attributes}}}}}"
        ))
    }

    #[test]
    fn the_frame_of_a_document_is_checked_from_outside_in() {
        for (text, answer) in [
            ("{}", json!(["Object must include `data` key."])),
            ("[]", json!(["Object must include `data` key."])),
            ("null", json!(["Object must include `data` key."])),
            (r#"{"data": []}"#, json!(["`data` object must include `type` key."])),
            (r#"{"data": null}"#, json!(["`data` object must include `type` key."])),
            (r#"{"data": {"type": "user"}}"#, json!([Fault::Type("users").to_json()])),
            (r#"{"data": {"type": null}}"#, json!([Fault::Type("users").to_json()])),
            (
                r#"{"data": {"type": "users"}}"#,
                json!(["`data` object must include `attributes` key."]),
            ),
        ] {
            assert_eq!(errors_of(text), answer, "{text}");
        }
        for attributes in ["[]", "\"x\"", "5", "true"] {
            assert_eq!(
                with(attributes),
                json!([Fault::of("_schema", "Invalid input type.").to_json()])
            );
        }
    }

    #[test]
    fn a_time_that_the_clock_sets_is_checked_but_not_stored() {
        let read = |clock_sets_times: bool, members: Value| {
            let document = json!({"data": {"type": "posts", "attributes": members}});
            let profile = match clock_sets_times {
                true => Profile::Scaffold20,
                false => Profile::Scaffold10,
            };
            let mut attributes = Attributes::of(document, "posts", false, Dialect::of(profile)).unwrap();
            let made = attributes.required("made", &DateTime);
            let changed = attributes.changed("changed", &DateTime);
            attributes.finish().map(|()| (made, changed.0))
        };
        let old = json!("2015-12-22T03:12:58");
        let both = json!({"made": old, "changed": old});
        let (made, changed) = read(false, both.clone()).unwrap();
        assert_eq!(Some(made), changed);
        let (made, changed) = read(true, both).unwrap();
        assert!(Some(made) > changed && changed.is_some());
        assert!(read(true, json!({})).is_ok());
        // Valid for marshmallow, but no time for PostgreSQL.
        assert!(read(true, json!({"made": "22/12/2015"})).is_ok());
        assert!(read(false, json!({"made": "22/12/2015", "changed": old})).is_err());
        assert!(read(true, json!({"made": "soon"})).is_err());
        for missing in [json!({"made": old}), json!({"changed": old})] {
            assert!(matches!(read(false, missing), Err(Error::Document { .. })));
        }
    }

    #[test]
    fn null_is_a_value_where_it_may_be_one() {
        let document = json!({"data": {"type": "posts", "attributes": {"a": null, "b": "x"}}});
        let mut attributes = attributes_of(document, "posts").unwrap();
        let [a, b, c] = ["a", "b", "c"].map(|name| attributes.nullable(name, &STRING).map(|value| value.0));
        assert_eq!((a, b, c), (Some(None), Some(Some("x".to_owned())), None));
        assert!(attributes.finish().is_ok());
    }

    #[test]
    fn all_errors_of_the_validation_come_at_once_and_before_all_others() {
        let all = with(r#"{"name": "", "active": "x", "role": 5}"#);
        assert_eq!(
            all,
            json!([
                Fault::of("name", "Field cannot be blank").to_json(),
                Fault::of("active", "Not a valid integer.").to_json(),
                Fault::of("role", "Not a valid string.").to_json(),
            ])
        );
        assert_eq!(with("null"), json!([Fault::missing("active").to_json()]));
        assert_eq!(
            with(r#"{"active": true}"#),
            json!([Fault::missing("name").to_json(), Fault::missing("password").to_json()])
        );
        let complete = |active: &str| with(&format!(r#"{{"name": "n", "password": "p", "active": {active}}}"#));
        let range = "`active` does not fit its column, which holds whole numbers from -2147483648 to 2147483647.";
        assert_eq!(complete("true"), range);
        assert_eq!(complete("2147483648"), range);
        assert_eq!(
            complete("null"),
            json!([Fault::of("active", "Field may not be null.").to_json()])
        );
    }
}
