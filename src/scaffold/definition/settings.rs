//! The options of a field as they are written.

use super::{
    naming,
    yaml::{Content, Node, Scalar},
};
use crate::{
    error::{Diagnostic, Suggestion},
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
    /// `table:`
    pub table: Option<Setting<'t>>,
    /// `columns:`
    pub columns: Option<NameList<'t>>,
    /// `by:`
    pub by: Option<Setting<'t>>,
    /// `only:`, each of its words with the edit that removes the option.
    pub only: Option<Vec<Setting<'t>>>,
}

/// A list of names as it is written.
#[derive(Clone, Debug)]
pub struct NameList<'t> {
    /// Where it stands, and how it is removed.
    pub setting: Setting<'t>,
    /// Its names, as far as they are plain values.
    pub names: Vec<Piece<'t>>,
}

impl<'t> NameList<'t> {
    /// The list that is the value of an option.
    pub fn of(option: &Scalar, node: &'t Node, removal: Option<Suggestion>) -> Self {
        let items = match &node.content {
            Content::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let name = |item: &'t Node| match &item.content {
            Content::Text(text) => Some(text.piece()),
            _ => None,
        };
        let value = Piece::inexact("", node.span.or(option.span));
        Self {
            setting: Setting { value, removal },
            names: items.iter().filter_map(name).collect(),
        }
    }
}

/// The names of a field: its attribute's; its column's and its label where they are not made of that.
type Names<'t> = (Piece<'t>, Option<String>, Option<String>);

impl<'t> Settings<'t> {
    /// The place of an option that is one plain value, but for the type; none for another option.
    pub fn place(&mut self, option: &str) -> Option<&mut Option<Setting<'t>>> {
        Some(match option {
            "default" => &mut self.default,
            "min" => &mut self.min,
            "max" => &mut self.max,
            "nullable" => &mut self.nullable,
            "unique" => &mut self.unique,
            "column" => &mut self.column,
            "attribute" => &mut self.attribute,
            "label" => &mut self.label,
            "index" => &mut self.index,
            "read_only" => &mut self.read_only,
            "write_only" => &mut self.write_only,
            "immutable" => &mut self.immutable,
            "stored" => &mut self.stored,
            "server_default" => &mut self.server_default,
            "on_update" => &mut self.on_update,
            "on_delete" => &mut self.on_delete,
            "native" => &mut self.native,
            "visible_to" => &mut self.visible_to,
            "changeable_by" => &mut self.changeable_by,
            "sign_up" => &mut self.sign_up,
            "table" => &mut self.table,
            "by" => &mut self.by,
            _ => return None,
        })
    }

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
