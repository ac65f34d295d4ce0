//! Reads the settings that are not flags: from the environment, then from `.env`. An empty value counts as not set.

use std::{
    collections::HashMap,
    env,
    ffi::{OsStr, OsString},
    fmt, fs,
    io::{ErrorKind, Write},
    path::Path,
    sync::OnceLock,
};

use crate::{
    error::{Error, Result},
    flask::dotenv::{self, NotUtf8},
};

/// The variables of `.env`. The environment itself is not changed: that is unsafe while threads run.
static FILE: OnceLock<HashMap<String, String>> = OnceLock::new();

/// What messages call the settings, by the names of their variables.
static NAMES: OnceLock<HashMap<String, String>> = OnceLock::new();

/// What this program is called.
static PROGRAM: OnceLock<String> = OnceLock::new();

/// Sets the name of this program, once in a process.
pub fn set_program_name(name: &str) {
    // It is set once only.
    let _ = PROGRAM.set(name.to_owned());
}

/// What this program is called, for messages that say which command to run.
pub fn program() -> &'static str {
    PROGRAM.get().map_or("poem-scaffold", String::as_str)
}

/// Where a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingSource {
    /// A variable of the environment.
    Environment,
    /// A line of `.env`.
    File,
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "in the environment",
            Self::File => "in .env",
        })
    }
}

/// The value of a setting, and where it was found.
pub fn setting(name: &str) -> Option<(OsString, SettingSource)> {
    let is_set = |value: &OsString| !value.is_empty();
    let of_file = || FILE.get()?.get(name).map(OsString::from).filter(is_set);
    match env::var_os(name).filter(is_set) {
        Some(value) => Some((value, SettingSource::Environment)),
        None => of_file().map(|value| (value, SettingSource::File)),
    }
}

/// The names of all variables that are not empty, in the environment or in `.env`.
pub(super) fn names() -> Vec<String> {
    let of_file = FILE.get().into_iter().flat_map(HashMap::keys).cloned();
    let of_environment = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut names: Vec<String> = of_environment.chain(of_file).collect();
    names.retain(|name| setting(name).is_some());
    names.sort();
    names.dedup();
    names
}

/// The value of a setting.
///
/// # Errors
/// [`Error::Refused`] if it is not UTF-8.
pub(super) fn text(name: &str) -> Result<Option<String>> {
    let Some((value, _)) = setting(name) else {
        return Ok(None);
    };
    let refused = |_| Error::Refused(format!("{}: the value is not UTF-8", named(name)));
    value.into_string().map(Some).map_err(refused)
}

/// Reads `.env` in `folder`, once in a process; folders above are not searched.
///
/// # Errors
/// [`Error::Refused`] names file, line and key of a setting that is not UTF-8; [`Error::Io`] if the file cannot be read.
pub fn load_dotenv(folder: &Path) -> Result<()> {
    let path = folder.join(".env");
    let content = match fs::read(&path) {
        Ok(content) => content,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => return Ok(()),
        Err(error) => return Err(Error::Io(format!("cannot read {}", path.display()), error)),
    };
    let read = dotenv::parse(&content, |name| env::var(name).ok()).map_err(|NotUtf8 { line, key }| {
        Error::Refused(format!(
            "{}:{line}: the setting {key} is not UTF-8: save the file as UTF-8",
            path.display()
        ))
    })?;
    for line in read.skipped {
        // A warning that cannot be shown is not worth an error.
        let _ = writeln!(
            std::io::stderr(),
            "warning: {}:{line} is skipped: expected NAME=value",
            path.display()
        );
    }
    let values = read.values.into_iter().filter_map(|(key, value)| Some((key, value?)));
    // Nobody else sets it.
    let _ = FILE.set(values.collect());
    Ok(())
}

/// Whether cargo has started this program.
pub fn is_run_by_cargo() -> bool {
    env::var_os("CARGO").is_some()
}

/// A value as `.env` has it.
pub fn dotenv_value(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@?&=+%,".contains(c);
    match value.chars().all(is_plain) {
        true => value.to_owned(),
        false => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
    }
}

/// The command line with flags added for the settings that it omits and that the environment or `.env` has.
///
/// From then on [`named`] knows where each setting comes from.
pub fn complete(arguments: &[OsString], command: &clap::Command, is_given: impl Fn(&str) -> bool) -> Vec<OsString> {
    let mut names = HashMap::new();
    let mut flags = Vec::new();
    for arg in command.get_arguments() {
        let (Some(name), Some(long)) = (arg.get_env().and_then(OsStr::to_str), arg.get_long()) else {
            continue;
        };
        let mut named = format!("--{long}");
        if let Some((value, source)) = setting(name).filter(|_| !is_given(arg.get_id().as_str())) {
            named = format!("{name} {source}");
            let mut flag = OsString::from(format!("--{long}="));
            flag.push(&value);
            flags.push(flag);
        }
        names.insert(name.to_owned(), named);
    }
    // Nobody else sets it.
    let _ = NAMES.set(names);
    let (program, rest) = arguments.split_at(arguments.len().min(1));
    [program, &flags, rest].concat()
}

/// What messages call a setting: `PORT in .env`, or `--port`. They never have its value, which may be a secret's.
pub fn named(name: &str) -> String {
    let known = NAMES.get().and_then(|names| names.get(name)).cloned();
    known.unwrap_or_else(|| match setting(name) {
        Some((_, source)) => format!("{name} {source}"),
        None => name.to_owned(),
    })
}

/// The entries of a list, each with its index for [`entry`]; empty ones are left out.
pub(super) fn entries(given: &[String]) -> impl Iterator<Item = (usize, &str)> {
    let entries = given.iter().map(|text| text.trim()).enumerate();
    entries.filter(|(_, text)| !text.is_empty())
}

/// What messages call an entry of a list, counted from 0.
pub(super) fn entry(index: usize) -> String {
    const FIRST: [&str; 10] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    ];
    match FIRST.get(index) {
        Some(word) => format!("the {word} entry"),
        None => format!("entry {}", index + 1),
    }
}

/// The error of a setting with an invalid value, without the value.
///
/// The setting is named by its flag, or by its variable once [`complete`] has found it in the environment or in `.env`.
pub fn setting_error(error: &clap::Error, command: &clap::Command) -> Option<Error> {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let wrong = text(ContextKind::InvalidArg)?;
    let is_wrong = |arg: &&clap::Arg| arg.get_env().is_some() && arg.to_string() == wrong;
    let arg = command.get_arguments().find(is_wrong)?;
    let reason = match (error.kind(), error.get(ContextKind::ValidValue)) {
        (ErrorKind::InvalidValue, Some(ContextValue::Strings(allowed))) if !allowed.is_empty() => {
            format!("expected {}", allowed.join(", "))
        }
        (ErrorKind::InvalidUtf8, _) => "the value is not UTF-8".to_owned(),
        (ErrorKind::ValueValidation, _) => {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            let cause = cause.unwrap_or_default();
            match cause.rsplit_once(" is not in ") {
                Some((_, range)) => format!("expected a whole number from {}", range.replace("..=", " to ")),
                None if cause.contains("boolean") => "expected true or false".to_owned(),
                None => "expected a whole number".to_owned(),
            }
        }
        _ => return None,
    };
    let name = match (NAMES.get(), arg.get_env().and_then(OsStr::to_str)) {
        (Some(_), Some(name)) => named(name),
        _ => format!("--{}", arg.get_long().unwrap_or_default()),
    };
    Some(Error::Refused(format!("{name}: {reason}")))
}

/// The command line without flags of settings whose value is empty, because such a setting is not set.
pub fn without_empty(arguments: impl Iterator<Item = OsString>, command: &clap::Command) -> Vec<OsString> {
    let flags: Vec<String> = command
        .get_arguments()
        .filter(|arg| arg.get_env().is_some())
        .filter_map(|arg| Some(format!("--{}", arg.get_long()?)))
        .collect();
    let mut kept: Vec<OsString> = Vec::new();
    for argument in arguments {
        let is_flag = |text: &OsStr| flags.iter().any(|flag| text == flag.as_str());
        if argument.is_empty() && kept.last().is_some_and(|before| is_flag(before)) {
            kept.pop();
        } else if !argument
            .to_str()
            .and_then(|text| text.strip_suffix('='))
            .is_some_and(|flag| is_flag(flag.as_ref()))
        {
            kept.push(argument);
        }
    }
    kept
}
