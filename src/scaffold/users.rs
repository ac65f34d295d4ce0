//! What is kept of the attributes that a project adds to its users, for the comparison with what became of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    model::{USERS, Users},
    names, paths,
    project::Project,
    record::ResourceRecord,
};
use crate::error::{Error, Result};

/// Where it is kept.
pub const RECORD: &str = ".scaffold/users.json";

/// What is known of the attributes of users since they were generated.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsersRecord {
    /// The column of `active`, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<String>,
    /// Their fields, files and migrations, as those of a resource over the users table.
    pub record: ResourceRecord,
}

impl UsersRecord {
    /// What the definition said.
    pub fn users(&self) -> Users {
        Users {
            resource: self.record.resource.clone(),
            active: self.active.clone(),
        }
    }

    /// A record of users to whom nothing was added, to compare with.
    pub fn without_fields(users: &Users) -> ResourceRecord {
        let mut resource = users.resource.clone();
        resource.fields.clear();
        ResourceRecord {
            resource,
            key: Some(USERS.to_owned()),
            files: BTreeMap::new(),
            digest: None,
            migrations: BTreeMap::new(),
            has_owner_column: false,
        }
    }
}

impl Project {
    /// What was added to users before.
    ///
    /// # Errors
    /// As [`Project::records`].
    pub fn users_record(&self) -> Result<Option<UsersRecord>> {
        let Some(text) = self.read(RECORD)? else {
            return Ok(None);
        };
        let refuse = |text: String| {
            Error::Refused(format!(
                "{RECORD}: not as scaffold wrote it ({text}); restore it from version control"
            ))
        };
        let mut users: UsersRecord = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
        let record = &mut users.record;
        record.check_names(USERS).map_err(refuse)?;
        if users
            .active
            .as_ref()
            .is_some_and(|column| !names::is_in_the_database(column))
        {
            return Err(refuse("`active` has no name of a column".to_owned()));
        }
        for named in record.files.keys().chain(record.migrations.keys()) {
            paths::check(named, RECORD, Some(USERS))?;
        }
        record.resource.key = USERS.to_owned();
        Ok(Some(users))
    }
}
