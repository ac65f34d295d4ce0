//! Reads YAML as plain data with line numbers: no tags, no aliases, no second document.
//!
//! It knows nothing of resources and fields.

use std::{fs::File, io::Read, path::Path};

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::error::{Error, Result};

/// Bytes that a file may have.
const MAX_BYTES: u64 = 256 * 1024;
/// Lists and mappings that may stand in one another.
const MAX_DEPTH: usize = 8;

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its line, counted from 1.
    pub line: usize,
    /// The value.
    pub content: Content,
}

/// A value of a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing: a key or a dash without a value.
    Nothing,
    /// A text, or a number or whatever else, as it is written.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys with their values, in the order of the file; no key comes twice.
    Mapping(Vec<(Key, Node)>),
}

/// A key and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its line, counted from 1.
    pub line: usize,
    /// The key as it is written.
    pub text: String,
}

/// Reads a file.
///
/// # Errors
/// [`Error::Refused`] with file and line for what cannot be read or is not data.
pub fn read(path: &Path) -> Result<Node> {
    let name = path.display().to_string();
    let refuse = |text: String| Error::Refused(format!("{name}: {text}"));
    // A pipe would be waited for, so what the path is comes first.
    let metadata = path
        .metadata()
        .map_err(|error| refuse(format!("cannot be read: {error}")))?;
    if !metadata.is_file() {
        return Err(refuse("is not a regular file; expected a YAML file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refuse(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refuse(format!("is larger than {} KiB", MAX_BYTES / 1024)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        Error::Refused(format!("{name}:{line}: is not UTF-8; save the file in UTF-8"))
    })?;
    parse(&name, &text)
}

/// Reads the text of the file `name`, which messages begin with.
///
/// # Errors
/// As [`read`].
pub fn parse(name: &str, text: &str) -> Result<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tree = Tree {
        name,
        open: Vec::new(),
        root: None,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| tree.refuse(error.marker().line(), error.info()))?;
        tree.take(event, span)?;
    }
    let empty = || {
        tree.refuse(
            1,
            "there is nothing in the file; expected a mapping of resources to their fields",
        )
    };
    tree.root.clone().ok_or_else(empty)
}

/// The nodes while they are put together.
struct Tree<'n> {
    name: &'n str,
    open: Vec<Open>,
    root: Option<Node>,
}

/// A list or mapping whose end has not come yet.
struct Open {
    line: usize,
    collection: Collection,
}

enum Collection {
    List(Vec<Node>),
    Mapping { done: Vec<(Key, Node)>, key: Option<Key> },
}

impl Tree<'_> {
    fn refuse(&self, line: usize, text: &str) -> Error {
        Error::Refused(format!("{}:{line}: {text}", self.name))
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<()> {
        let line = span.start.line();
        match event {
            Event::Alias(_) => Err(self.refuse(line, "aliases (*name) are not taken; write the value out")),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor > 0 =>
            {
                Err(self.refuse(
                    line,
                    "anchors (&name) are not taken; write the value out where it is needed",
                ))
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                Err(self.refuse(line, "tags (!name) are not taken; write plain text"))
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.refuse(line, "a second document begins here; put everything into one"))
            }
            Event::Scalar(text, style, _, _) => {
                let content = if text.is_empty() && style == ScalarStyle::Plain {
                    Content::Nothing
                } else {
                    Content::Text(text.into_owned())
                };
                self.put(Node { line, content })
            }
            Event::SequenceStart(..) => self.open(line, Collection::List(Vec::new())),
            Event::MappingStart(..) => self.open(
                line,
                Collection::Mapping {
                    done: Vec::new(),
                    key: None,
                },
            ),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open {
                    line,
                    collection: Collection::List(items),
                }) => self.put(Node {
                    line,
                    content: Content::List(items),
                }),
                Some(Open {
                    line,
                    collection: Collection::Mapping { done, .. },
                }) => self.put(Node {
                    line,
                    content: Content::Mapping(done),
                }),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn open(&mut self, line: usize, collection: Collection) -> Result<()> {
        if self.open.len() == MAX_DEPTH {
            return Err(self.refuse(line, "lists and mappings are nested too deeply"));
        }
        self.open.push(Open { line, collection });
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<()> {
        let Some(open) = self.open.last_mut() else {
            self.root = (node.content != Content::Nothing).then_some(node);
            return Ok(());
        };
        match &mut open.collection {
            Collection::List(items) => items.push(node),
            Collection::Mapping { done, key } => match (key.take(), node.content) {
                (Some(key), content) => done.push((
                    key,
                    Node {
                        line: node.line,
                        content,
                    },
                )),
                (None, Content::Text(text)) => {
                    if let Some((first, _)) = done.iter().find(|(key, _)| key.text == text) {
                        let message = format!("the key {text:?} is there already, in line {}", first.line);
                        return Err(self.refuse(node.line, &message));
                    }
                    *key = Some(Key { line: node.line, text });
                }
                (None, _) => return Err(self.refuse(node.line, "a key must be a name")),
            },
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse("blog.yaml", text).unwrap_err().to_string()
    }

    #[test]
    fn values_are_kept_as_they_are_written_with_their_lines() {
        let node = parse(
            "blog.yaml",
            "\u{feff}# a blog\r\nposts:\r\n - title:string\r\n - no\r\nempty:\r\n",
        )
        .unwrap();
        let Content::Mapping(resources) = node.content else {
            panic!("{node:?}");
        };
        assert_eq!(
            resources[0].0,
            Key {
                line: 2,
                text: "posts".to_owned()
            }
        );
        let text = |line, text: &str| Node {
            line,
            content: Content::Text(text.to_owned()),
        };
        assert_eq!(
            resources[0].1.content,
            Content::List(vec![text(3, "title:string"), text(4, "no")])
        );
        assert_eq!(resources[1].1.content, Content::Nothing);
    }

    #[test]
    fn what_is_more_than_data_is_refused_with_its_line() {
        let deep = format!("a:\n  {}", "[".repeat(MAX_DEPTH));
        let deeper = format!("a:\n  {}", "[".repeat(100_000));
        for (text, expected) in [
            ("", "blog.yaml:1: there is nothing"),
            ("# only this\n", "blog.yaml:1: there is nothing"),
            ("a: &x b\nc: *x\n", "blog.yaml:1: anchors"),
            ("a:\n  - !!python/object/apply:os.system [ls]\n", "blog.yaml:2: tags"),
            (
                "a: 1\nb: 2\na: 3\n",
                "blog.yaml:3: the key \"a\" is there already, in line 1",
            ),
            ("a: b\n---\nc: d\n", "blog.yaml:2: a second document"),
            ("? [a]\n: b\n", "blog.yaml:1: a key must be a name"),
            (deep.as_str(), "blog.yaml:2: lists and mappings are nested too deeply"),
            // The parser itself gives up here.
            (deeper.as_str(), "blog.yaml:2: recursion limit"),
            ("a: [b\n", "blog.yaml:"),
            ("a:\n\t- b\n", "blog.yaml:"),
            ("a: \"b\n", "blog.yaml:"),
            ("a: b: c\n", "blog.yaml:1: "),
        ] {
            let message = message(text);
            assert!(message.starts_with(expected), "{text:.40}: {message}");
        }
    }

    #[test]
    fn what_is_no_readable_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blog.yaml");
        let refused = || read(&path).unwrap_err().to_string();
        assert!(refused().contains("blog.yaml: cannot be read"), "{}", refused());
        std::fs::write(&path, b"a: b\nc: \xff\n").unwrap();
        assert!(refused().contains("blog.yaml:2: is not UTF-8"), "{}", refused());
        std::fs::write(&path, "a: b\n".repeat(100_000)).unwrap();
        assert!(refused().contains("larger than 256 KiB"), "{}", refused());
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(refused().contains("is not a regular file"), "{}", refused());
    }
}
