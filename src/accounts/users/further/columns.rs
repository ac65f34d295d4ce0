//! What the further attributes need of the users table.

use super::{
    field::{SignUp, UserField},
    list::fields,
};
use crate::db::migrations::ExpectedColumn;

/// The further columns of the users table.
pub fn expected() -> Vec<ExpectedColumn> {
    fields().iter().map(expect).collect()
}

fn expect(field: &UserField) -> ExpectedColumn {
    let described = field.field.describe();
    ExpectedColumn {
        table: "users",
        name: field.column,
        value: field.field.null(),
        is_wide: described.kind == "biginteger",
        max_chars: described.schema.max_length,
        is_nullable: field.default.is_none() && (!field.is_required() || field.at_sign_up() == SignUp::Ignored),
    }
}
