//! What users have beyond what all users have, as each caller meets it.

use poem_scaffold::{
    [% if tests_name_sign_up %]SignUp, [% endif %][% if tests_name_who %]Who, [% endif %][% if has_fields %]serde_json::json, [% endif %]
    testing::{Api, users::{self, Attribute}},
};

use super::PROGRAM;

/// The attributes, each with two values that it may have.
fn attributes([% if tests_need_api %]api[% else %]_api[% endif %]: &Api) -> Vec<Attribute> {
    vec![
[%- for attribute in tested %]
        [[ attribute ]],
[%- endfor %]
    ]
}

#[test]
fn a_new_user_has_them() {
    users::a_new_user_has_them(PROGRAM, attributes);
}

#[test]
fn each_caller_sees_what_is_for_it() {
    users::each_caller_sees_what_is_for_it(PROGRAM, attributes);
}

#[test]
fn each_caller_changes_what_it_may() {
    users::each_caller_changes_what_it_may(PROGRAM, attributes);
}

#[test]
fn signing_up_asks_for_what_it_must() {
    users::signing_up_asks_for_what_it_must(PROGRAM, attributes);
}

#[test]
fn what_is_wrong_or_missing_is_refused() {
    users::what_is_wrong_or_missing_is_refused(PROGRAM, attributes);
}

#[test]
fn what_is_unique_is_taken_once() {
    users::what_is_unique_is_taken_once(PROGRAM, attributes);
}

#[test]
fn their_pages_work() {
    users::their_pages_work(PROGRAM, attributes);
}
