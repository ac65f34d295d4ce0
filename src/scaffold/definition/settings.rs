//! The options of a field as they are written.

use super::naming;
use crate::{
    error::Diagnostic,
    scaffold::{
        codes,
        source::{Piece, Setting, shown},
        synonyms,
    },
};

/// The parts of a field as they are written; none means that it was left out.
#[derive(Default)]
pub struct Settings<'t> {
    /// `attribute:`
    pub attribute: Option<Setting<'t>>,
    /// `column:`
    pub column: Option<Setting<'t>>,
    /// `label:`
    pub label: Option<Setting<'t>>,
    /// The type, which may have modifiers.
    pub kind: Option<Piece<'t>>,
    /// `default:`
    pub default: Option<Setting<'t>>,
    /// `min:`
    pub min: Option<Setting<'t>>,
    /// `max:`
    pub max: Option<Setting<'t>>,
    /// `nullable:`
    pub nullable: Option<Setting<'t>>,
    /// `unique:`
    pub unique: Option<Setting<'t>>,
    /// `index:`
    pub index: Option<Setting<'t>>,
    /// `read_only:`
    pub read_only: Option<Setting<'t>>,
    /// `write_only:`
    pub write_only: Option<Setting<'t>>,
    /// `immutable:`
    pub immutable: Option<Setting<'t>>,
    /// `stored:`
    pub stored: Option<Setting<'t>>,
    /// `server_default:`
    pub server_default: Option<Setting<'t>>,
    /// `on_update:`
    pub on_update: Option<Setting<'t>>,
    /// `on_delete:`
    pub on_delete: Option<Setting<'t>>,
    /// `native:`
    pub native: Option<Setting<'t>>,
    /// `visible_to:`, of users only
    pub visible_to: Option<Setting<'t>>,
    /// `changeable_by:`, of users only
    pub changeable_by: Option<Setting<'t>>,
    /// `sign_up:`, of users only
    pub sign_up: Option<Setting<'t>>,
}

/// The names of a field: its attribute's; its column's and its label where they are not made of that.
type Names<'t> = (Piece<'t>, Option<String>, Option<String>);

impl<'t> Settings<'t> {
    /// Reads what a field is called; `key` is what stands before its options.
    ///
    /// # Errors
    /// What is wrong with one of the names.
    pub fn names(&self, key: Piece<'t>) -> Result<Names<'t>, Diagnostic> {
        let name = self.attribute.as_ref().map_or(key, |attribute| attribute.value);
        naming::check_field(name)?;
        let column = match (&self.column, &self.attribute) {
            (Some(column), _) => {
                naming::check_column(column.value)?;
                column.value.text.to_owned()
            }
            (None, Some(_)) => {
                naming::check_column(key)?;
                naming::column_of(key.text)
            }
            (None, None) => {
                let column = naming::column_of(name.text);
                if column == name.text {
                    naming::check_column(name)?;
                }
                column
            }
        };
        let label = self.label.as_ref().map(naming::check_label).transpose()?;
        Ok((name, Some(column).filter(|column| column != name.text), label))
    }

    /// What makes the field unique, and the edit that takes it back.
    pub fn unique_option(&self) -> Option<Setting<'t>> {
        self.unique.clone().map(|Setting { value, .. }| Setting {
            removal: value.replaced("false", "make it not unique"),
            value,
        })
    }
}

/// Reads an option that is true or false.
///
/// # Errors
/// What it is instead, and what was meant.
pub fn flag(option: &str, setting: Option<&Setting<'_>>) -> Result<bool, Diagnostic> {
    let Some(Setting { value, removal }) = setting else {
        return Ok(false);
    };
    match value.text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => {
            let message = format!("`{option}` is true or false, not `{}`", shown(other));
            let meant = synonyms::meant(other, synonyms::FLAGS, &["true", "false"]);
            let edit = meant.and_then(|meant| value.meant(meant)).or_else(|| removal.clone());
            Err(Diagnostic::new(codes::FLAG, value.span, message).suggest(edit))
        }
    }
}
