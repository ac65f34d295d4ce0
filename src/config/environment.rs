//! Where settings come from that are not flags: the environment, then `.env`. An empty value is none, in both.

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

/// What `.env` sets. The environment itself stays as it is: to change it while threads run is not safe.
static FILE: OnceLock<HashMap<String, String>> = OnceLock::new();

/// Where a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A variable of the environment.
    Environment,
    /// A line of `.env`.
    File,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "in the environment",
            Self::File => "in .env",
        })
    }
}

/// The value of a setting, and where it was found.
pub fn setting(name: &str) -> Option<(OsString, Origin)> {
    let is_set = |value: &OsString| !value.is_empty();
    let of_file = || FILE.get()?.get(name).map(OsString::from).filter(is_set);
    match env::var_os(name).filter(is_set) {
        Some(value) => Some((value, Origin::Environment)),
        None => of_file().map(|value| (value, Origin::File)),
    }
}

/// The names of all that is set and not empty, in the environment or in `.env`.
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
    let Some((value, origin)) = setting(name) else {
        return Ok(None);
    };
    let refused = |_| Error::Refused(format!("{name} {origin} is not UTF-8"));
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

/// The command line with a flag for each setting that it leaves out and the environment or `.env` has.
///
/// Gives the names of these flags too, with their variables and origins.
pub fn complete(
    arguments: &[OsString],
    command: &clap::Command,
    is_given: impl Fn(&str) -> bool,
) -> (Vec<OsString>, Vec<Borrowed>) {
    let mut borrowed = Vec::new();
    let mut flags = Vec::new();
    for arg in command.get_arguments().filter(|arg| !is_given(arg.get_id().as_str())) {
        let (Some(name), Some(long)) = (arg.get_env().and_then(OsStr::to_str), arg.get_long()) else {
            continue;
        };
        if let Some((value, origin)) = setting(name) {
            let mut flag = OsString::from(format!("--{long}="));
            flag.push(&value);
            flags.push(flag);
            borrowed.push(Borrowed {
                flag: arg.to_string(),
                name: name.to_owned(),
                value,
                origin,
            });
        }
    }
    let (program, rest) = arguments.split_at(arguments.len().min(1));
    ([program, &flags, rest].concat(), borrowed)
}

/// A setting that became a flag.
pub struct Borrowed {
    flag: String,
    name: String,
    value: OsString,
    origin: Origin,
}

impl Borrowed {
    /// The error of a value that the command line does not take, without the value.
    pub fn refusal(&self, error: &clap::Error) -> Option<Error> {
        use clap::error::{ContextKind, ContextValue, ErrorKind};
        if error.get(ContextKind::InvalidArg) != Some(&ContextValue::String(self.flag.clone())) {
            return None;
        }
        let reason = match (error.kind(), error.get(ContextKind::ValidValue)) {
            (ErrorKind::InvalidValue, Some(ContextValue::Strings(allowed))) if !allowed.is_empty() => {
                format!("expected {}", allowed.join(", "))
            }
            (ErrorKind::InvalidUtf8, _) => "the value is not UTF-8".to_owned(),
            _ => {
                let cause = std::error::Error::source(error)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                match cause.strip_prefix(&*self.value.to_string_lossy()) {
                    // Where the cause has the value, it begins with it.
                    Some(rest) => format!("the value{rest}"),
                    None if cause.contains("digit") => "expected a whole number".to_owned(),
                    None if cause.contains("boolean") => "expected true or false".to_owned(),
                    None => cause,
                }
            }
        };
        Some(Error::Refused(format!("{} {}: {reason}", self.name, self.origin)))
    }
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
