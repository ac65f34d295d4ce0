//! Reads database URLs, ours and SQLAlchemy's.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// Where the rows are, in the form the driver understands.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of an SQLite file.
    Sqlite(PathBuf),
    /// A `postgres://` URL.
    Postgres(String),
    /// A `mysql://` URL.
    MySql(String),
}

impl DatabaseUrl {
    /// Reads our own and SQLAlchemy's spellings.
    ///
    /// As in SQLAlchemy, `sqlite:///x.db` is relative and `sqlite:////x.db` absolute; `sqlite:PATH` takes
    /// the path as it stands. A driver name after `+` is dropped.
    ///
    /// # Errors
    /// [`Error::Refused`] names the three forms that are understood.
    pub fn parse(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
        let dialect = scheme.split('+').next().unwrap_or_default();
        match dialect {
            "sqlite" => {
                let path = rest
                    .strip_prefix("///")
                    .or_else(|| rest.strip_prefix("//"))
                    .unwrap_or(rest);
                if path.is_empty() || path == ":memory:" {
                    return Err(Error::Refused(
                        "DATABASE_URL names no SQLite file; write sqlite:FILE, e.g. sqlite:poem-scaffold.db".to_owned(),
                    ));
                }
                Ok(Self::Sqlite(PathBuf::from(path)))
            }
            "postgres" | "postgresql" => Ok(Self::Postgres(format!("postgres:{rest}"))),
            "mysql" | "mariadb" => Ok(Self::MySql(format!("mysql:{rest}"))),
            // The URL may hold a password, so only its scheme is repeated.
            _ => Err(Error::Refused(format!(
                "DATABASE_URL starts with `{scheme}`; supported are sqlite:FILE, \
                 postgres://USER:PASSWORD@HOST/NAME and mysql://USER:PASSWORD@HOST/NAME"
            ))),
        }
    }

    /// The same database, whose file is named from this folder on.
    pub fn within(&self, folder: &Path) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(folder.join(path)),
            url => url.clone(),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    /// The URL without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) | Self::MySql(url) => match url::Url::parse(url) {
                Ok(url) => write!(
                    f,
                    "{}://{}{}",
                    url.scheme(),
                    url.host_str().unwrap_or("localhost"),
                    url.path()
                ),
                Err(_) => f.write_str(url.split(':').next().unwrap_or_default()),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlalchemy_spellings_of_database_urls_are_understood() {
        for (given, path) in [
            ("sqlite:x.db", "x.db"),
            ("sqlite://x.db", "x.db"),
            ("sqlite:///x.db", "x.db"),
            ("sqlite:////srv/x.db", "/srv/x.db"),
            ("sqlite:/srv/x.db", "/srv/x.db"),
            ("sqlite+pysqlite:///x.db", "x.db"),
        ] {
            assert_eq!(
                DatabaseUrl::parse(given).unwrap(),
                DatabaseUrl::Sqlite(path.into()),
                "{given}"
            );
        }
        assert_eq!(
            DatabaseUrl::parse("postgresql+psycopg2://u:p@h/d").unwrap(),
            DatabaseUrl::Postgres("postgres://u:p@h/d".to_owned())
        );
        assert_eq!(
            DatabaseUrl::parse("mysql+pymysql://u:p@h/d").unwrap(),
            DatabaseUrl::MySql("mysql://u:p@h/d".to_owned())
        );
    }

    #[test]
    fn a_refused_database_url_does_not_repeat_its_password() {
        let text = DatabaseUrl::parse("oracle://scott:tiger@h/d").unwrap_err().to_string();
        assert!(text.contains("oracle") && !text.contains("tiger"), "{text}");
    }

    #[test]
    fn a_shown_database_url_has_no_password() {
        let url = DatabaseUrl::parse("mysql://scott:tiger@h/d").unwrap();
        assert_eq!(url.to_string(), "mysql://h/d");
    }
}
