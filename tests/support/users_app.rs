//! A project whose users have further attributes, of all kinds; its own program, which the tests start.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use poem_scaffold::{
    App, SignUp, UserField, Who, embed,
    jsonapi::fields::{
        BIG_INTEGER, Bool, Boolean, Choice, Date, DateTime, Decimal, Email, FLOAT, INTEGER, Integer, Json, Line,
        STRING, TEXT, Url, Uuid,
    },
    serde_json::json,
};

/// Half of the columns have names of their own, as SQLAlchemy's and camelCase models have them.
static FIELDS: &[UserField] = &[
    UserField::of("phone", &STRING)
        .column("phone_number")
        .nullable()
        .visible_to(Who::Owner),
    UserField::of("company", &Line { min: 2, max: 40 }),
    UserField::of("badge", &INTEGER).unique(),
    UserField::of("website", &Url).nullable().label("Web site"),
    UserField::of("isAdmin", &Bool).filled().changeable_by(Who::Admin),
    UserField::of("lastSeen", &DateTime)
        .nullable()
        .changeable_by(Who::Nobody),
    UserField::of("birthday", &Date).nullable().visible_to(Who::Owner),
    UserField::of("order", &INTEGER).default(|| json!(10)),
    UserField::of("plan", &Choice(&["free", "paid"])).default(|| json!("free")),
    UserField::of("pin", &STRING).nullable().visible_to(Who::Nobody),
    UserField::of("bio", &TEXT).nullable(),
    UserField::of("backupEmail", &Email)
        .column("backup_email")
        .nullable()
        .visible_to(Who::Owner),
    UserField::of("balance", &Decimal).nullable().changeable_by(Who::Admin),
    UserField::of("score", &FLOAT).nullable(),
    UserField::of("visits", &BIG_INTEGER)
        .filled()
        .changeable_by(Who::Nobody),
    UserField::of("prefs", &Json).nullable(),
    UserField::of("externalId", &Uuid).nullable(),
    UserField::of("newsletter", &Boolean).nullable(),
    UserField::of("age", &Integer { min: 18, max: 120 }).nullable(),
    UserField::of("note", &TEXT)
        .nullable()
        .visible_to(Who::Admin)
        .changeable_by(Who::Admin),
    UserField::of("invited_with", &STRING)
        .nullable()
        .changeable_by(Who::Nobody)
        .sign_up(SignUp::Required),
    UserField::of("locale", &STRING).filled(),
    UserField::of("city", &STRING).nullable(),
    UserField::of("title", &STRING).nullable().sign_up(SignUp::Ignored),
];

fn main() -> ExitCode {
    let app = App::new("members", env!("CARGO_PKG_VERSION")).users(FIELDS);
    let app = match std::env::var_os("HAS_MIGRATIONS") {
        Some(_) => app.migrations(embed!("tests/support/members")),
        None => app,
    };
    poem_scaffold::run(match std::env::var_os("HAS_IS_ACTIVE") {
        Some(_) => app.active_in("is_active"),
        None => app,
    })
}
