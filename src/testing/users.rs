//! The attributes that a project adds to its users, as each caller meets them: what was said of each is so, on every engine.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

#[cfg(feature = "browser")]
use super::browser;
use super::{Api, api::user_document, attributes, http::Response, id_of, on_each_engine, refused};
use crate::accounts::users::further::{SignUp, Who};

const LIST: &str = "/api/v1/users.json";
const SIGN_UP: &str = "/api/v1/signup.json";
/// Ann, who is there from the beginning.
const ANN: &str = "/api/v1/users/2.json";

/// What a project says of an attribute of its users, with values for the tests.
#[derive(Clone, Debug)]
pub struct Attribute {
    name: &'static str,
    value: Value,
    other: Value,
    visible_to: Who,
    changeable_by: Who,
    when_added: SignUp,
    at_sign_up: SignUp,
    is_nullable: bool,
    is_unique: bool,
    without: Option<Value>,
    wrong: Option<(Value, String)>,
}

/// The attributes; what they refer to is made with the API.
pub type Attributes = fn(&Api) -> Vec<Attribute>;

impl Attribute {
    /// An attribute that everyone sees, that the user changes, and that may be sent, with two values.
    pub fn of(name: &'static str, value: Value, other: Value) -> Self {
        Self {
            name,
            value,
            other,
            visible_to: Who::Everyone,
            changeable_by: Who::Owner,
            when_added: SignUp::Optional,
            at_sign_up: SignUp::Optional,
            is_nullable: false,
            is_unique: false,
            without: None,
            wrong: None,
        }
    }

    /// Sets who sees it.
    pub fn visible_to(self, visible_to: Who) -> Self {
        Self { visible_to, ..self }
    }

    /// Sets who changes it.
    pub fn changeable_by(self, changeable_by: Who) -> Self {
        Self { changeable_by, ..self }
    }

    /// Sets what an administrator who adds a user must say of it.
    pub fn when_added(self, when_added: SignUp) -> Self {
        Self { when_added, ..self }
    }

    /// Sets what somebody who signs up must say of it.
    pub fn at_sign_up(self, at_sign_up: SignUp) -> Self {
        Self { at_sign_up, ..self }
    }

    /// Says that it may be null.
    pub fn nullable(self) -> Self {
        Self {
            is_nullable: true,
            ..self
        }
    }

    /// Says that no two users have the same.
    pub fn unique(self) -> Self {
        Self {
            is_unique: true,
            ..self
        }
    }

    /// Sets what a user has for whom nothing was sent.
    pub fn or_else(self, value: Value) -> Self {
        Self {
            without: Some(value),
            ..self
        }
    }

    /// Sets a value that is refused, and what is said of it.
    pub fn wrong(self, value: Value, detail: &str) -> Self {
        Self {
            wrong: Some((value, detail.to_owned())),
            ..self
        }
    }

    fn is_changed_by_user(&self) -> bool {
        matches!(self.changeable_by, Who::Everyone | Who::Owner)
    }

    fn is_changed(&self) -> bool {
        self.changeable_by != Who::Nobody
    }

    fn is_shown(&self) -> bool {
        self.visible_to != Who::Nobody
    }
}

/// A document of an administrator with this name.
fn document(name: &str, further: impl Iterator<Item = (&'static str, Value)>) -> Value {
    user_document(name, "admin", further)
}

/// The values of the attributes for which something holds.
fn values(all: &[Attribute], holds: impl Fn(&Attribute) -> bool) -> impl Iterator<Item = (&'static str, Value)> {
    let those = all.iter().filter(|attribute| holds(attribute));
    let pairs: Vec<_> = those
        .map(|attribute| (attribute.name, attribute.value.clone()))
        .collect();
    pairs.into_iter()
}

/// The other values of those that must be there.
fn other_values(
    all: &[Attribute],
    asked: impl Fn(&Attribute) -> SignUp,
) -> impl Iterator<Item = (&'static str, Value)> {
    let those = all.iter().filter(|attribute| asked(attribute) == SignUp::Required);
    let pairs: Vec<_> = those
        .map(|attribute| (attribute.name, attribute.other.clone()))
        .collect();
    pairs.into_iter()
}

/// What an administrator sees of a user.
fn seen(api: &Api, path: &str) -> Map<String, Value> {
    let shown = attributes(&api.admin("GET", path, None));
    shown.as_object().expect("attributes are an object").clone()
}

fn path_of(created: &Response) -> String {
    format!("/api/v1/users/{}.json", id_of(created))
}

fn patch(name: &str, value: &Value) -> Value {
    json!({"data": {"type": "users", "attributes": {"active": 1, name: value}}})
}

/// Checks what a user has: what was sent if that was taken, and what users have without it otherwise.
fn check(user: &Map<String, Value>, attribute: &Attribute, is_taken: bool) {
    let Attribute { name, value, .. } = attribute;
    let expected = if is_taken {
        Some(value)
    } else {
        attribute.without.as_ref()
    };
    match attribute.is_shown() {
        false => assert!(!user.contains_key(*name), "{name}"),
        true => assert!(
            expected.is_none_or(|expected| user[*name] == *expected),
            "{name}: {}",
            user[*name]
        ),
    }
}

/// Adds a user with all attributes, and one with those that `asked` requires: each has what it was given, or what users
/// have without it.
fn check_new(api: &Api, all: &[Attribute], asked: fn(&Attribute) -> SignUp, add: impl Fn(&Value) -> Response) {
    let added = |name: &str, further: Vec<(&'static str, Value)>| {
        let created = add(&document(name, further.into_iter()));
        assert_eq!(created.status, 201, "{}", created.text());
        seen(api, &path_of(&created))
    };
    let user = added("cleo", values(all, |_| true).collect());
    for attribute in all {
        check(&user, attribute, asked(attribute) != SignUp::Ignored);
    }
    let user = added("dora", other_values(all, asked).collect());
    for attribute in all.iter().filter(|attribute| asked(attribute) != SignUp::Required) {
        check(&user, attribute, false);
    }
}

/// An administrator adds a user with them, and one without those that need not be sent.
pub fn a_new_user_has_them(program: impl Into<PathBuf>, attributes_of: Attributes) {
    on_each_engine(program, |api| {
        let add = |document: &Value| api.admin("POST", LIST, Some(document));
        check_new(api, &attributes_of(api), |attribute| attribute.when_added, add);
    });
}

/// The user herself, another one and an administrator see of a user what they may, alone and in the list.
pub fn each_caller_sees_what_is_for_it(program: impl Into<PathBuf>, attributes_of: Attributes) {
    on_each_engine(program, |api| {
        let of_list = |answer: Response| answer.json().unwrap_or_default()["data"][1]["attributes"].take();
        let seen = [
            [
                attributes(&api.ann("GET", ANN, None)),
                of_list(api.ann("GET", LIST, None)),
            ],
            [
                attributes(&api.bob("GET", ANN, None)),
                of_list(api.bob("GET", LIST, None)),
            ],
            [
                attributes(&api.admin("GET", ANN, None)),
                of_list(api.admin("GET", LIST, None)),
            ],
        ];
        for Attribute { name, visible_to, .. } in attributes_of(api) {
            let expected = match visible_to {
                Who::Everyone => [true, true, true],
                Who::Owner => [true, false, true],
                Who::Admin => [false, false, true],
                Who::Nobody => [false, false, false],
            };
            for (answers, is_shown) in seen.iter().zip(expected) {
                for answer in answers {
                    assert_eq!(answer.get(name).is_some(), is_shown, "{name}: {answer}");
                }
            }
        }
    });
}

/// The user herself and an administrator change what they may; the rest is ignored.
pub fn each_caller_changes_what_it_may(program: impl Into<PathBuf>, attributes_of: Attributes) {
    on_each_engine(program, |api| {
        for attribute in attributes_of(api) {
            let Attribute { name, value, other, .. } = &attribute;
            let own = patch(name, value);
            assert_eq!(api.bob("PATCH", ANN, Some(&own)).status, 401, "{name}");
            let before = seen(api, ANN);
            let changed = api.ann("PATCH", ANN, Some(&own));
            assert_eq!(changed.status, 200, "{name}: {}", changed.text());
            let after = seen(api, ANN);
            let expected = if attribute.is_changed_by_user() {
                Some(value)
            } else {
                before.get(*name)
            };
            assert_eq!(after.get(*name), expected.filter(|_| attribute.is_shown()), "{name}");
            let changed = api.admin("PATCH", ANN, Some(&patch(name, other)));
            assert_eq!(changed.status, 200, "{name}: {}", changed.text());
            let expected = if attribute.is_changed() {
                Some(other)
            } else {
                before.get(*name)
            };
            assert_eq!(
                seen(api, ANN).get(*name),
                expected.filter(|_| attribute.is_shown()),
                "{name}"
            );
            if attribute.is_nullable && attribute.is_changed() {
                let changed = api.admin("PATCH", ANN, Some(&patch(name, &Value::Null)));
                assert_eq!(changed.status, 200, "{name}: {}", changed.text());
                let expected = attribute.is_shown().then_some(&Value::Null);
                assert_eq!(seen(api, ANN).get(*name), expected, "{name}");
            }
        }
    });
}

/// Signing up refuses to go without what it must have, takes what it may, and ignores the rest.
pub fn signing_up_asks_for_what_it_must(program: impl Into<PathBuf>, attributes_of: Attributes) {
    on_each_engine(program, |api| {
        let all = attributes_of(api);
        let whole = document("cleo", values(&all, |_| true));
        for Attribute { name, .. } in all.iter().filter(|one| one.at_sign_up == SignUp::Required) {
            let answer = api.nobody("POST", SIGN_UP, Some(&super::without(&whole, name)));
            refused(&answer, 403, name, "Missing data for required field.");
        }
        let sign_up = |document: &Value| api.nobody("POST", SIGN_UP, Some(document));
        check_new(api, &all, |attribute| attribute.at_sign_up, sign_up);
    });
}

/// Values of another kind, null where it may not be, and a new user without what it needs.
pub fn what_is_wrong_or_missing_is_refused(program: impl Into<PathBuf>, attributes_of: Attributes) {
    on_each_engine(program, |api| {
        let all = attributes_of(api);
        let whole = document("cleo", values(&all, |_| true));
        let before = seen(api, ANN);
        for attribute in &all {
            let name = attribute.name;
            let no_null = (Value::Null, "Field may not be null.".to_owned());
            let no_null = (!attribute.is_nullable).then_some(no_null);
            for (value, detail) in attribute.wrong.iter().chain(&no_null) {
                if attribute.is_changed() {
                    refused(&api.admin("PATCH", ANN, Some(&patch(name, value))), 401, name, detail);
                }
                if attribute.when_added != SignUp::Ignored {
                    let answer = api.admin("POST", LIST, Some(&super::with(&whole, name, value.clone())));
                    refused(&answer, 403, name, detail);
                }
            }
            if attribute.when_added == SignUp::Required {
                let answer = api.admin("POST", LIST, Some(&super::without(&whole, name)));
                refused(&answer, 403, name, "Missing data for required field.");
            }
        }
        assert_eq!(seen(api, ANN), before);
        assert_eq!(api.rows("users").len(), 3);
    });
}

/// A second user cannot have the same where it is unique.
pub fn what_is_unique_is_taken_once(program: impl Into<PathBuf>, attributes_of: Attributes) {
    on_each_engine(program, |api| {
        let all = attributes_of(api);
        let is_taken = |one: &Attribute| one.is_unique && one.when_added != SignUp::Ignored;
        let is_sent = |one: &Attribute| one.when_added == SignUp::Required || is_taken(one);
        let created = api.admin("POST", LIST, Some(&document("cleo", values(&all, is_sent))));
        assert_eq!(created.status, 201, "{}", created.text());
        for Attribute { name, value, .. } in all.iter().filter(|one| is_taken(one)) {
            let second = document("dora", other_values(&all, |attribute| attribute.when_added));
            let answer = api.admin("POST", LIST, Some(&super::with(&second, name, value.clone())));
            assert_eq!(answer.status, 403, "{name}: {}", answer.text());
            let error = answer.json().unwrap_or_default()["error"].to_string();
            assert!(error.contains(&format!("`{name}` is taken already")), "{error}");
        }
    });
}

#[cfg(feature = "browser")]
/// The form adds a user with what a new one may have, and the user's own page and form show it.
pub fn their_pages_work(program: impl Into<PathBuf>, attributes_of: Attributes) {
    browser::users_pages_work(program, |api| {
        let all = attributes_of(api);
        let mut document = document("cleo", values(&all, |one| one.when_added != SignUp::Ignored));
        document["data"]["attributes"].take()
    });
}
