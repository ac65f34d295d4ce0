//! What the users of this project have beyond what all users have.

use poem_scaffold::{
    [% if names_sign_up %]SignUp, [% endif %]UserField, [% if names_who %]Who, [% endif %]
[%- if has_fields %]
    jsonapi::fields,
[%- endif %]
[%- if names_clock %]
    poem_openapi::types::ToJSON,
[%- endif %]
[%- if names_json %]
    serde_json::json,
[%- endif %]
};

/// Read and shown in this order.
pub static FIELDS: &[UserField] = &[
[%- for entry in entries %]
    [[ entry ]],
[%- endfor %]
];
