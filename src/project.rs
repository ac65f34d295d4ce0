//! What a project adds to the library: its name, its resources, its tables and its pages.

use std::{collections::HashMap, fmt, sync::Arc};

use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi,
    registry::{MetaApi, Registry},
};

use crate::{
    accounts::users::further::UserField,
    auth::active_column::ACTIVE,
    embedded::{self, Files, Layers},
};

/// A project: everything by which its program differs from any other.
///
/// ```no_run
/// let app = poem_scaffold::App::new("blog", "0.1.0").title("My blog");
/// poem_scaffold::run(app);
/// ```
pub struct App {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) title: Option<&'static str>,
    pub(crate) about: Option<&'static str>,
    pub(crate) resources: Option<Resources>,
    pub(crate) users: &'static [UserField],
    pub(crate) active_column: &'static str,
    migrations: Option<Files>,
    templates: Option<Files>,
}

impl App {
    /// A project without resources; `name` is its program's, and `version` that of its `Cargo.toml`.
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self {
            name,
            version,
            title: None,
            about: None,
            resources: None,
            users: &[],
            active_column: ACTIVE,
            migrations: None,
            templates: None,
        }
    }

    /// What pages, API docs and mails call it unless `PAGES_TITLE` is set; otherwise the program's name.
    pub fn title(self, title: &'static str) -> Self {
        Self {
            title: Some(title),
            ..self
        }
    }

    /// What pages, API docs and mails call it where no setting says otherwise.
    pub(crate) fn shown_title(&self) -> &'static str {
        self.title.unwrap_or(self.name)
    }

    /// What the help says that it is.
    pub fn about(self, about: &'static str) -> Self {
        Self {
            about: Some(about),
            ..self
        }
    }

    /// Adds the routes of its resources, which [`routes!`](crate::routes) lists.
    pub fn resources<R: OpenApi + 'static>(self, resources: fn() -> R) -> Self {
        Self {
            resources: Some(Resources::of(resources)),
            ..self
        }
    }

    /// Adds attributes to its users: columns of the table `users` beyond those of the originals.
    ///
    /// On a database that is not a Flask app's, a migration of the project's adds the columns.
    pub fn users(self, users: &'static [UserField]) -> Self {
        Self { users, ..self }
    }

    /// Names the column of the table `users` that says whether a user may log in, for an app in the dialect of Flask-Scaffold
    /// 1.0 that has it as `is_active` or so. It holds numbers or truth values, and is `active` on the wire.
    pub fn active_in(self, column: &'static str) -> Self {
        Self {
            active_column: column,
            ..self
        }
    }

    /// Adds its tables: `<engine>/VERSION_NAME.up.sql` and `.down.sql`, which join the library's by their versions.
    pub fn migrations(self, files: Files) -> Self {
        Self {
            migrations: Some(files),
            ..self
        }
    }

    /// Adds its pages; one that has the name of one of the library's takes its place.
    pub fn templates(self, files: Files) -> Self {
        Self {
            templates: Some(files),
            ..self
        }
    }

    /// The library's tables and the project's.
    pub(crate) fn all_migrations(&self) -> Layers {
        Layers::new(embedded::migrations(), self.migrations)
    }

    /// The library's pages alone.
    pub(crate) fn librarys_templates(&self) -> Layers {
        Layers::new(embedded::templates(), None)
    }

    /// The library's pages and the project's.
    pub(crate) fn all_templates(&self) -> Layers {
        Layers::new(embedded::templates(), self.templates)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("App")
            .field(&self.name)
            .field(&self.version)
            .finish()
    }
}

/// Routes by path and method, as poem-openapi collects them.
pub(crate) type RouteTable = HashMap<String, HashMap<Method, BoxEndpoint<'static>>>;

/// The resources of a project, without their type.
#[derive(Clone)]
pub(crate) struct Resources {
    pub(crate) meta: fn() -> Vec<MetaApi>,
    pub(crate) register: fn(&mut Registry),
    pub(crate) add_routes: Arc<dyn Fn(&mut RouteTable) + Send + Sync>,
}

impl Resources {
    /// Those that a project lists.
    fn of<R: OpenApi + 'static>(resources: fn() -> R) -> Self {
        Self {
            meta: R::meta,
            register: R::register,
            add_routes: Arc::new(move |table| resources().add_routes(table)),
        }
    }
}
