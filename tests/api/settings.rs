//! A message about a wrong value names the setting and where it comes from, and never has the value.

use std::fs;

use clap::{Args as _, Command};
use poem_scaffold::testing::inside::Settings;

use crate::support::{program, server::ServerConfig};

/// What every wrong value has in it, in one form or the other.
const SENTINELS: [&str; 2] = ["Hush", "70707"];

/// Wrong values of each setting, and a part of what is said of them.
const WRONG: [(&str, &str, &str); 65] = [
    ("HOST", "Hush//Hush", "expected an address"),
    ("HOST", "Hush:5000", "set the port with PORT"),
    ("HOST", "Hush.invalid", "cannot listen there"),
    ("HOST", "unix:/nowhere/Hush/x", "cannot listen there"),
    ("PORT", "Hush", "expected a whole number"),
    ("PORT", "70707", "expected a whole number from 0 to 65535"),
    ("TRUSTED_PROXIES", "10.0.0.0/8,Hush", "the second entry"),
    ("SECRET_KEY", "Hush", "has 4 bytes"),
    ("LOG", "Hush=a=b", "expected levels"),
    ("STATIC_DIR", "/nowhere/Hush", "expected the folder"),
    ("UPSTREAM", "Hush", "expected http://HOST:PORT or unix:/PATH"),
    ("RECORDING", "Hush", "has no effect without UPSTREAM"),
    ("DATABASE_URL", "Hush://Hush:Hush@Hush/Hush", "supported are"),
    ("DATABASE_URL", "mysql+Hush://Hush:Hush@Hush/Hush", "supported are"),
    (
        "DATABASE_URL",
        "postgresql://Hush:Hush@Hush/Hush?sslmode=Hush",
        "sslmode",
    ),
    ("DATABASE_URL", "mysql://Hush:Hush@Hush:Hush/Hush", "port"),
    ("DATABASE_URL", "Hush Hush", "expected sqlite:FILE"),
    ("DATABASE_DIRECT_URL", "Hush", "expected sqlite:FILE"),
    ("SQLALCHEMY_DATABASE_URI", "Hush", "expected sqlite:FILE"),
    ("CREATE_TABLES", "Hush", "expected on, off"),
    ("FLASK_PROFILE", "Hush", "expected scaffold-1.0, tutorial, scaffold-2.0"),
    ("FLASK_FIDELITY", "Hush", "expected safe, flask"),
    ("DISABLED_USERS", "Hush", "expected allow, deny"),
    ("STALE_TOKENS", "Hush", "expected allow, deny"),
    ("TOKENS_WITHOUT_EXP", "Hush", "expected allow, deny"),
    ("SHORT_SECRET_KEY", "Hush", "expected allow, deny"),
    ("TOKEN_SUB", "Hush", "expected integer, text"),
    ("USER_WRITES", "Hush", "expected owner, any"),
    ("RESET_TOKEN", "Hush", "expected single-use, login"),
    ("FORGOT_UNKNOWN", "Hush", "expected hide, 404"),
    ("LOGIN_THROTTLE", "Hush", "expected on, off"),
    ("SIGNUP", "Hush", "expected open, approval, off"),
    ("SIGNUP_APPROVAL", "Hush", "expected on, off"),
    ("MIN_PASSWORD", "Hush", "expected a whole number"),
    ("MIN_PASSWORD", "70707", "expected a whole number from 1 to 64"),
    ("CORS_ORIGINS", "https://a.example,,https://Hush/", "the third entry"),
    ("TOKEN_DIALECT", "Hush", "expected own, pyjwt, flask-jwt"),
    ("TOKEN_KEY_SETTING", "Hush", "has no effect without TOKEN_DIALECT"),
    ("TOKEN_IDENTITY", "Hush", "expected id, email"),
    ("TOKEN_INVALID_STATUS", "Hush", "expected 401, 422"),
    ("JWT_DECODE_LEEWAY", "70707", "expected a whole number from 0 to 3600"),
    ("JWT_LEEWAY", "Hush", "expected a whole number"),
    (
        "JWT_ACCESS_TOKEN_EXPIRES",
        "70707707",
        "expected a whole number from 60 to",
    ),
    ("JWT_EXPIRATION_DELTA", "Hush", "expected a whole number"),
    ("JWT_VERIFY_SUB", "Hush", "expected true or false"),
    ("TEXTS", "/nowhere/Hush", "the file cannot be read"),
    ("PAGES", "Hush", "expected on, off"),
    ("PAGES_TITLE", "Hush\tHush", "expected one line of 1 to 100 characters"),
    ("PAGES_COLOR", "Hush", "expected # and six hexadecimal digits"),
    ("PAGES_LOGO", "/nowhere/Hush", "the file cannot be read"),
    ("PUBLIC_URL", "https://Hush:Hush@Hush", "no user name"),
    ("PUBLIC_URL", "Hush", "expected http:// or https://"),
    ("MAIL_SERVER", "Hush Hush", "expected a host"),
    ("MAIL_SERVER", "smtp://Hush@Hush", "user name and password"),
    ("MAIL_PORT", "Hush", "expected a whole number"),
    ("MAIL_PORT", "99999970707", "expected a whole number"),
    ("MAIL_USE_TLS", "Hush", "expected true or false"),
    ("MAIL_USE_SSL", "Hush", "expected true or false"),
    ("MAIL_SUPPRESS_SEND", "Hush", "expected true or false"),
    ("MAIL_USERNAME", "Hush", "set both or none"),
    ("MAIL_PASSWORD", "Hush", "set both or none"),
    ("MAIL_DEFAULT_SENDER", "Hush <Hush", "expected ann@example.com"),
    ("BCRYPT_COST", "70707", "expected a whole number from 4 to 15"),
    ("PASSWORD_ITERATIONS", "Hush", "expected a whole number"),
    ("PASSWORD_REHASH", "Hush", "expected on, off"),
];

/// Settings that are read with `TOKEN_DIALECT` only; `api::token_settings` has wrong values of them.
const OF_APP_TOKENS: [&str; 10] = [
    "JWT_SECRET_KEY",
    "JWT_IDENTITY_CLAIM",
    "JWT_TOKEN_LOCATION",
    "JWT_HEADER_NAME",
    "JWT_HEADER_TYPE",
    "JWT_AUTH_HEADER_PREFIX",
    "JWT_QUERY_STRING_NAME",
    "JWT_ACCESS_COOKIE_NAME",
    "JWT_ACCESS_CSRF_HEADER_NAME",
    "JWT_ERROR_MESSAGE_KEY",
];

/// The file of the routes is read with `UPSTREAM` only, and messages name the file; `upstream::routes` has them.
const OF_UPSTREAM: &str = "ROUTES_FILE";

/// Settings whose message is about two of them together, and does not say where they come from.
const TOGETHER: [&str; 2] = ["MAIL_USERNAME", "MAIL_PASSWORD"];

/// What both outputs of a command that is refused have.
fn said(config: &ServerConfig, args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    said_in(folder.path(), config, args)
}

fn said_in(folder: &std::path::Path, config: &ServerConfig, args: &[&str]) -> String {
    let output = config.command(folder, args);
    assert!(!output.status.success(), "{args:?}");
    [output.stdout, output.stderr]
        .map(|text| String::from_utf8_lossy(&text).into_owned())
        .concat()
}

#[test]
fn no_message_about_a_wrong_value_has_the_value() {
    let command = Settings::augment_args(Command::new("settings"));
    let flags: Vec<(&str, &str)> = command
        .get_arguments()
        .filter_map(|arg| Some((arg.get_env()?.to_str()?, arg.get_long()?)))
        .collect();
    let is_elsewhere = |name: &str| OF_APP_TOKENS.contains(&name) || name == OF_UPSTREAM;
    for (name, _) in flags.iter().filter(|(name, _)| !is_elsewhere(name)) {
        assert!(
            WRONG.iter().any(|(wrong, ..)| wrong == name),
            "{name} has no wrong value"
        );
    }
    for (name, value, expected) in WRONG {
        let check = |text: &str, place: &str| {
            let has = |part: &str| text.contains(part);
            assert!(!SENTINELS.into_iter().any(has), "{name} {place}: {text}");
            let named = if TOGETHER.contains(&name) { name } else { place };
            assert!(has(named) && has(expected), "{name} {place}: {text}");
        };
        // What is not read by all commands is by this one.
        let (config, args) = (ServerConfig::of(program()), ["serve"]);
        check(
            &said(&config.clone().env(name, value), &args),
            &format!("{name} in the environment"),
        );
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".env"), format!("{name}='{value}'\n")).unwrap();
        check(&said_in(folder.path(), &config, &args), &format!("{name} in .env"));
        if let Some((_, long)) = flags.iter().find(|(known, _)| *known == name) {
            let flag = format!("--{long}");
            check(&said(&config, &["serve", &flag, value]), &flag);
            check(&said(&config, &[&format!("{flag}={value}"), "serve"]), &flag);
        }
    }
}

#[test]
fn a_flag_counts_more_than_the_environment_and_is_what_is_named() {
    let config = ServerConfig::of(program()).env("CORS_ORIGINS", "none").env("PORT", "0");
    let text = said(&config, &["serve", "--cors-origins", "https://x/"]);
    assert!(
        text.contains("--cors-origins: the first entry") && !text.contains("environment"),
        "{text}"
    );
    let text = said(&config, &["serve", "--port", "x"]);
    assert!(text.contains("--port: expected a whole number"), "{text}");
}

#[test]
fn two_ports_of_the_mail_server_are_not_shown() {
    let config = ServerConfig::of(program())
        .env("MAIL_SERVER", "localhost:2525")
        .env("MAIL_PORT", "2626");
    let text = said(&config, &["serve"]);
    assert!(text.contains("MAIL_SERVER") && text.contains("MAIL_PORT"), "{text}");
    assert!(!text.contains("2525") && !text.contains("2626"), "{text}");
}

#[test]
fn a_word_that_may_belong_to_a_value_is_not_shown() {
    let command = Settings::augment_args(Command::new("settings"));
    let flags = command.get_arguments().filter(|arg| arg.get_env().is_some());
    for flag in flags.filter_map(|arg| Some(format!("--{}", arg.get_long()?))) {
        for args in [
            &[flag.as_str(), "on", "Hush", "db", "upgrade"][..],
            &["db", "upgrade", &flag, "on", "Hush"],
        ] {
            let text = said(&ServerConfig::of(program()), args);
            assert!(!text.contains("Hush"), "{args:?}: {text}");
        }
    }
}
