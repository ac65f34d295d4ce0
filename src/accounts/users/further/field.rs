//! What is said of one further attribute of users.

use serde_json::Value;

use crate::{
    db::Arg,
    fields::{
        Described, Description, FieldError,
        attribute::{self, Attribute},
        nullable::Nullable,
    },
    jsonapi::document::Attributes,
};

/// Who may see an attribute of a user, or change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever may see the user, or change it.
    Everyone,
    /// The user and administrators.
    Owner,
    /// Administrators only.
    Admin,
    /// Nobody: it is only written, or only shown.
    Nobody,
}

/// What signing up does with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// It must be sent.
    Required,
    /// It may be sent.
    Optional,
    /// It is not looked at.
    Ignored,
}

/// An attribute of users that a project adds: a column of the table `users`, under a name of its own on the wire.
///
/// ```
/// use poem_scaffold::{UserField, Who, jsonapi::fields};
///
/// static FIELDS: &[UserField] = &[
///     UserField::of("phone", &fields::STRING).column("phone_number").visible_to(Who::Owner),
///     UserField::of("is_admin", &fields::Bool).filled().changeable_by(Who::Admin),
/// ];
/// ```
pub struct UserField {
    pub(super) name: &'static str,
    pub(super) column: &'static str,
    pub(super) label: Option<&'static str>,
    pub(super) about: Option<&'static str>,
    pub(super) field: &'static dyn AnyField,
    /// As lists show it: read from the column's alias, which is its name.
    pub(super) attribute: Attribute,
    pub(super) is_nullable: bool,
    pub(super) is_filled: bool,
    pub(super) is_unique: bool,
    pub(super) default: Option<fn() -> Value>,
    pub(super) refers_to: Option<&'static str>,
    pub(super) visible_to: Who,
    pub(super) changeable_by: Who,
    sign_up: Option<SignUp>,
}

impl UserField {
    /// The attribute `name` of this type, in the column `name`: required, seen by everyone and changed by the user.
    pub const fn of<F: Described>(name: &'static str, field: &'static F) -> Self
    where
        Arg: From<Option<F::Value>>,
    {
        Self {
            name,
            column: name,
            label: None,
            about: None,
            field,
            attribute: attribute::of::<Option<F::Value>>(name),
            is_nullable: false,
            is_filled: false,
            is_unique: false,
            default: None,
            refers_to: None,
            visible_to: Who::Everyone,
            changeable_by: Who::Owner,
            sign_up: None,
        }
    }

    /// Sets the column's name, as the table has it.
    pub const fn column(self, column: &'static str) -> Self {
        Self { column, ..self }
    }

    /// Sets what pages call it; otherwise that is made of its name.
    pub const fn label(self, label: &'static str) -> Self {
        Self {
            label: Some(label),
            ..self
        }
    }

    /// Sets what the API docs say of it.
    pub const fn about(self, about: &'static str) -> Self {
        Self {
            about: Some(about),
            ..self
        }
    }

    /// Lets it be null, and absent in a new user.
    pub const fn nullable(self) -> Self {
        Self {
            is_nullable: true,
            ..self
        }
    }

    /// Lets it be absent in a new user, because the table fills its column.
    pub const fn filled(self) -> Self {
        Self {
            is_filled: true,
            ..self
        }
    }

    /// Sets what a new user has who is added without; it must be a value that the field reads.
    pub const fn default(self, default: fn() -> Value) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }

    /// Says that no two users have the same, which the table sees to.
    pub const fn unique(self) -> Self {
        Self {
            is_unique: true,
            ..self
        }
    }

    /// Says that it is the id of a row of this resource.
    pub const fn refers_to(self, resource: &'static str) -> Self {
        Self {
            refers_to: Some(resource),
            ..self
        }
    }

    /// Sets who sees it; otherwise whoever sees the user.
    pub const fn visible_to(self, visible_to: Who) -> Self {
        Self { visible_to, ..self }
    }

    /// Sets who changes it; otherwise the user and administrators. What others send is ignored.
    pub const fn changeable_by(self, changeable_by: Who) -> Self {
        Self { changeable_by, ..self }
    }

    /// Sets what signing up does with it.
    ///
    /// Otherwise it must be there if an administrator must send it too, and what the user cannot change later is ignored.
    pub const fn sign_up(self, sign_up: SignUp) -> Self {
        Self {
            sign_up: Some(sign_up),
            ..self
        }
    }

    /// Whether a new user needs it from whoever adds the user.
    pub fn is_required(&self) -> bool {
        !self.is_nullable && !self.is_filled && self.default.is_none()
    }

    pub(super) fn at_sign_up(&self) -> SignUp {
        match self.sign_up {
            Some(sign_up) => sign_up,
            None if self.changeable_by == Who::Admin => SignUp::Ignored,
            None => self.when_added(),
        }
    }

    /// What adding a user does with it; what nobody changes is not taken if it need not be.
    pub(super) fn when_added(&self) -> SignUp {
        match self.is_required() {
            true => SignUp::Required,
            false if self.is_changeable() || self.sign_up.is_some_and(|sign_up| sign_up != SignUp::Ignored) => {
                SignUp::Optional
            }
            false => SignUp::Ignored,
        }
    }

    pub(super) fn is_changeable(&self) -> bool {
        self.changeable_by != Who::Nobody
    }

    /// The value of a new user who is added without it.
    pub(super) fn default_value(&self) -> Arg {
        let value = self.default.map(|default| self.field.read(&default()));
        value.and_then(Result::ok).unwrap_or_else(|| self.field.null())
    }

    /// What pages call it: `phone_number` and `phoneNumber` are "Phone number".
    pub(super) fn shown_label(&self) -> String {
        if let Some(label) = self.label {
            return label.to_owned();
        }
        let mut label = String::new();
        for character in self.name.trim_matches('_').chars() {
            if character == '_' {
                label.push(' ');
            } else if label.is_empty() {
                label.extend(character.to_uppercase());
            } else if character.is_uppercase() {
                label.push(' ');
                label.extend(character.to_lowercase());
            } else {
                label.push(character);
            }
        }
        label
    }
}

/// A field without its type.
pub(super) trait AnyField: Sync {
    /// The value that a document must have.
    fn required(&self, attributes: &mut Attributes, name: &'static str) -> Arg;

    /// The value that a document may have, which is not null.
    fn optional(&self, attributes: &mut Attributes, name: &'static str) -> Option<Arg>;

    /// The value or the null that a document may have.
    fn nullable(&self, attributes: &mut Attributes, name: &'static str) -> Option<Arg>;

    /// Reads a value that is not null.
    fn read(&self, value: &Value) -> Result<Arg, FieldError>;

    /// The NULL of its column.
    fn null(&self) -> Arg;

    fn describe(&self) -> Description;
}

impl<F: Described> AnyField for F
where
    Arg: From<Option<F::Value>>,
{
    fn required(&self, attributes: &mut Attributes, name: &'static str) -> Arg {
        attributes.required_as_sent(name, self).into()
    }

    fn optional(&self, attributes: &mut Attributes, name: &'static str) -> Option<Arg> {
        attributes.optional(name, self).map(Into::into)
    }

    fn nullable(&self, attributes: &mut Attributes, name: &'static str) -> Option<Arg> {
        attributes.nullable(name, self).map(|Nullable(value)| value.into())
    }

    fn read(&self, value: &Value) -> Result<Arg, FieldError> {
        crate::fields::Field::read(self, value).map(Into::into)
    }

    fn null(&self) -> Arg {
        None::<F::Value>.into()
    }

    fn describe(&self) -> Description {
        Described::describe(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::STRING;

    #[test]
    fn a_label_is_made_of_the_name() {
        for (name, label) in [
            ("phone", "Phone"),
            ("phone_number", "Phone number"),
            ("lastSeen", "Last seen"),
            ("is_admin", "Is admin"),
            ("_hidden_", "Hidden"),
        ] {
            assert_eq!(UserField::of(name, &STRING).shown_label(), label);
        }
    }

    #[test]
    fn nobody_signs_up_with_what_only_administrators_change() {
        let field = UserField::of("badge", &STRING);
        assert_eq!(field.at_sign_up(), SignUp::Required);
        assert_eq!(field.filled().at_sign_up(), SignUp::Optional);
        let field = UserField::of("badge", &STRING).changeable_by(Who::Admin);
        assert_eq!(field.at_sign_up(), SignUp::Ignored);
        assert_eq!(field.sign_up(SignUp::Optional).at_sign_up(), SignUp::Optional);
        let read_only = || UserField::of("badge", &STRING).changeable_by(Who::Nobody);
        assert_eq!(read_only().at_sign_up(), SignUp::Required);
        assert_eq!(read_only().filled().at_sign_up(), SignUp::Ignored);
        let invited = read_only().nullable().sign_up(SignUp::Required);
        assert_eq!(
            (invited.at_sign_up(), invited.when_added()),
            (SignUp::Required, SignUp::Optional)
        );
    }
}
