//! Reads YAML as plain data with places: no tags, no aliases, no second document.
//!
//! It knows nothing of resources and fields.

use std::{fs::File, io::Read, path::Path};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as CharSpan};

use crate::{
    error::{Diagnostic, Error, Result, Source, Span},
    scaffold::{
        codes,
        source::{Piece, shown},
    },
};

/// Bytes that a file may have.
const MAX_BYTES: u64 = 256 * 1024;
/// Lists and mappings that may stand in one another.
const MAX_DEPTH: usize = 8;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it stands, with quotes and brackets.
    pub span: Span,
    /// The value.
    pub content: Content,
}

/// A value of a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing: a key or a dash without a value.
    Nothing,
    /// A text, a number or anything else in one word, as it is written.
    Text(Scalar),
    /// A list.
    List(Vec<Node>),
    /// Keys with their values, in the order of the file; no key comes twice.
    Mapping(Vec<(Scalar, Node)>),
}

/// A plain value or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text, without quotes and escapes.
    pub text: String,
    /// Where it stands, with its quotes.
    pub span: Span,
    /// Where the text begins, if it stands in the file as it is.
    start: Option<usize>,
}

impl Scalar {
    /// A text of one line that stands in the definition as it is.
    pub fn exact(text: &str, start: usize) -> Self {
        Self {
            text: text.to_owned(),
            span: Piece::exact(text, start).span,
            start: Some(start),
        }
    }

    /// A text that the definition writes otherwise.
    pub fn unplaced(text: &str, span: Span) -> Self {
        Self {
            text: text.to_owned(),
            span,
            start: None,
        }
    }

    /// What it says, with its place.
    pub fn piece(&self) -> Piece<'_> {
        match self.start {
            Some(start) => Piece::exact(&self.text, start),
            None => Piece::inexact(&self.text, self.span),
        }
    }
}

/// Reads a file.
///
/// # Errors
/// [`Error::Refused`] with the file, and the line where there is one, for what is not a text.
pub fn read(path: &Path) -> Result<Source> {
    let name = path.display().to_string();
    let refuse = |text: String| Error::Refused(format!("{name}: {text}"));
    // A pipe would be waited for, so what the path is comes first.
    let unreadable = |error: std::io::Error| refuse(format!("cannot be read: {error}"));
    let metadata = path.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(refuse("is not a regular file; expected a YAML file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
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
    Ok(Source { file: Some(name), text })
}

/// Reads a text; what it says is nothing where it says nothing, or is not YAML.
pub fn parse(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let base = text
        .strip_prefix(BYTE_ORDER_MARK)
        .map_or(0, |rest| text.len() - rest.len());
    parse_from(text, base)
}

/// Reads what a text has from the byte `base` on; places are those of the whole text.
pub fn parse_from(text: &str, base: usize) -> (Option<Node>, Vec<Diagnostic>) {
    let mut tree = Tree::new(text, base);
    for event in Parser::new_from_str(&text[tree.base..]) {
        let taken = match event {
            Ok((event, span)) => tree.take(event, span),
            Err(error) => {
                let at = tree.byte(error.marker().index());
                let syntax = Diagnostic::new(codes::SYNTAX, Span::at(at), format!("invalid YAML: {}", error.info()))
                    .help("the file can be checked further once it is valid YAML");
                Err(syntax)
            }
        };
        if let Err(diagnostic) = taken {
            tree.problems.push(diagnostic);
            return (None, tree.problems);
        }
    }
    if tree.root.is_none() && tree.problems.is_empty() {
        let empty = Diagnostic::new(codes::SHAPE, Span::at(tree.base), "the file has no content")
            .help("expected a mapping of resources to their fields, such as `posts:` with `- title:string` under it");
        tree.problems.push(empty);
    }
    (tree.root, tree.problems)
}

/// The nodes while they are put together.
struct Tree<'t> {
    text: &'t str,
    /// Where it begins to be read: after a byte order mark, or what is read otherwise.
    base: usize,
    /// Where each character begins; empty where all have one byte.
    bytes: Vec<usize>,
    open: Vec<Open>,
    root: Option<Node>,
    problems: Vec<Diagnostic>,
}

/// A list or mapping whose end has not come yet.
struct Open {
    start: usize,
    collection: Collection,
}

enum Collection {
    List(Vec<Node>),
    Mapping {
        done: Vec<(Scalar, Node)>,
        /// The key whose value comes next; none of an entry that is left out.
        key: Option<Option<Scalar>>,
    },
}

impl<'t> Tree<'t> {
    fn new(text: &'t str, base: usize) -> Self {
        let bytes = match text.is_ascii() {
            true => Vec::new(),
            false => text[base..].char_indices().map(|(at, _)| base + at).collect(),
        };
        Self {
            text,
            base,
            bytes,
            open: Vec::new(),
            root: None,
            problems: Vec::new(),
        }
    }

    /// Where the character of this number begins.
    fn byte(&self, character: usize) -> usize {
        match self.bytes.is_empty() {
            true => (self.base + character).min(self.text.len()),
            false => self.bytes.get(character).copied().unwrap_or(self.text.len()),
        }
    }

    fn span(&self, span: CharSpan) -> Span {
        let start = self.byte(span.start.index());
        let end = self.byte(span.end.index()).max(start);
        Span { start, end }
    }

    /// Notes what is more than plain data before a value, and gives where the value itself begins.
    fn check_plain(&mut self, event: &Event<'_>, at: usize) -> usize {
        let (has_anchor, has_tag) = match event {
            Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor > 0, tag.is_some())
            }
            _ => (false, false),
        };
        let mut start = at;
        for _ in 0..usize::from(has_anchor) + usize::from(has_tag) {
            let rest = &self.text[start..];
            let is_anchor = rest.starts_with('&');
            let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let is_there = is_anchor || rest.starts_with('!');
            let token = if is_there { length } else { 0 };
            let blank = rest[token..].len() - rest[token..].trim_start_matches(' ').len();
            let message = match is_anchor || !has_tag {
                true => "anchors (&name) are not supported",
                false => "tags (!name) are not supported",
            };
            let removal = Piece::exact(&rest[..token + blank], start).replaced("", "remove it");
            let problem = Diagnostic::new(codes::PLAIN, Piece::exact(&rest[..token], start).span, message)
                .help("write the value out where it is needed, as plain text")
                .suggest(removal.filter(|_| is_there));
            self.problems.push(problem);
            start += if is_there { token + blank } else { 0 };
        }
        start
    }

    fn take(&mut self, event: Event<'_>, span: CharSpan) -> Result<(), Diagnostic> {
        let span = self.span(span);
        let start = self.check_plain(&event, span.start);
        let span = Span {
            start,
            end: span.end.max(start),
        };
        match event {
            Event::Alias(_) => {
                let problem = Diagnostic::new(codes::PLAIN, span, "aliases (*name) are not supported")
                    .help("write the value out");
                self.problems.push(problem);
                self.leave_out();
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                // `---` begins it, or `...` has ended the first one.
                let before = self.text[..span.start].trim_end();
                let mark = match self.text[span.start..].starts_with("---") {
                    true => Some(span.start),
                    false => before.ends_with("...").then(|| before.len() - 3),
                };
                let removal = mark.map(|start| Piece::exact(&self.text[start..start + 3], start));
                return Err(Diagnostic::new(codes::PLAIN, span, "a second document begins here")
                    .help("put all resources into one document")
                    .suggest(removal.and_then(|mark| mark.replaced("", "remove the line that separates them"))));
            }
            Event::Scalar(text, style, _, _) => {
                let node = self.scalar(&text, style, span);
                self.put(node);
            }
            Event::SequenceStart(..) => self.open(span, Collection::List(Vec::new()))?,
            Event::MappingStart(..) => {
                let (done, key) = (Vec::new(), None);
                self.open(span, Collection::Mapping { done, key })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => {}
        }
        Ok(())
    }

    /// Leaves out a value that cannot be read, with its key if it has one.
    fn leave_out(&mut self) {
        if let Some(Open {
            collection: Collection::Mapping { key, .. },
            ..
        }) = self.open.last_mut()
        {
            *key = match key {
                None => Some(None),
                Some(_) => None,
            };
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: Span) -> Node {
        if text.is_empty() && style == ScalarStyle::Plain {
            let content = Content::Nothing;
            return Node { span, content };
        }
        let (quote, is_block) = match style {
            ScalarStyle::Plain => ("", false),
            ScalarStyle::SingleQuoted => ("'", false),
            ScalarStyle::DoubleQuoted => ("\"", false),
            ScalarStyle::Literal | ScalarStyle::Folded => ("", true),
        };
        let mut span = span;
        if is_block {
            // Its mark stands before it.
            span.start = self.text[..span.start].rfind(['|', '>']).unwrap_or(span.start);
        }
        let written = format!("{quote}{text}{quote}");
        let is_exact = !is_block && !text.contains('\n') && self.text[span.start..].starts_with(&written);
        let start = span.start + quote.len();
        let end = match is_exact {
            true => span.start + written.len(),
            false => span.start + self.text[span.start..span.end].trim_end().len(),
        };
        let span = Span { end, ..span };
        let content = Content::Text(Scalar {
            text: text.to_owned(),
            span,
            start: is_exact.then_some(start),
        });
        Node { span, content }
    }

    fn open(&mut self, span: Span, collection: Collection) -> Result<(), Diagnostic> {
        if self.open.len() == MAX_DEPTH {
            return Err(
                Diagnostic::new(codes::PLAIN, span, "lists and mappings are nested too deeply")
                    .help(format!("at most {MAX_DEPTH} may stand in one another")),
            );
        }
        let start = span.start;
        self.open.push(Open { start, collection });
        Ok(())
    }

    fn close(&mut self, end: Span) {
        let Some(Open { start, collection }) = self.open.pop() else {
            return;
        };
        let last = match &collection {
            Collection::List(items) => items.last().map(|item| item.span.end),
            Collection::Mapping { done, .. } => done.last().map(|(_, value)| value.span.end),
        };
        // A block has no end of its own: its place is where the next thing begins.
        let is_flow = self.text[start..].starts_with(['[', '{']);
        let end = if is_flow { end.end } else { last.unwrap_or(start) };
        let span = Span {
            start,
            end: end.max(start),
        };
        let content = match collection {
            Collection::List(items) => Content::List(items),
            Collection::Mapping { done, .. } => Content::Mapping(done),
        };
        self.put(Node { span, content });
    }

    fn put(&mut self, mut node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = (node.content != Content::Nothing).then_some(node);
            return;
        };
        let (done, key) = match &mut open.collection {
            Collection::List(items) => return items.push(node),
            Collection::Mapping { done, key } => (done, key),
        };
        match (key.take(), node.content) {
            (Some(Some(key)), content) => {
                if content == Content::Nothing {
                    // After its colon, if it has one, and not where the next thing begins.
                    let rest = &self.text[key.span.end..];
                    let colon = rest.len() - rest.trim_start().len();
                    let colon = if rest[colon..].starts_with(':') { colon + 1 } else { 0 };
                    node.span = Span::at(key.span.end + colon);
                }
                done.push((
                    key,
                    Node {
                        span: node.span,
                        content,
                    },
                ));
            }
            (Some(None), _) => {}
            (None, Content::Text(name)) => match done.iter().find(|(key, _)| key.text == name.text) {
                None => *key = Some(Some(name)),
                Some((first, _)) => {
                    let message = format!("duplicate key {:?}", shown(&name.text));
                    let another = format!("{}_2", name.text);
                    let title = format!("rename it to `{another}`, or remove one of the two");
                    let problem = Diagnostic::new(codes::DUPLICATE, name.span, message)
                        .related(first.span, "first defined here")
                        .suggest(name.piece().replaced(another, title));
                    self.problems.push(problem);
                    *key = Some(None);
                }
            },
            (None, _) => {
                let problem = Diagnostic::new(codes::SHAPE, node.span, "a key must be a name");
                self.problems.push(problem);
                *key = Some(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Node {
        let (node, problems) = parse(text);
        assert_eq!(problems, Vec::new(), "{text}");
        node.unwrap()
    }

    #[test]
    fn values_are_kept_as_they_are_written_with_their_places() {
        let text = "\u{feff}# ein größerer Blog\r\nposts:\r\n - title:string\r\n - \"no\"\r\n - 'it''s'\r\nempty:\r\n";
        let Content::Mapping(resources) = parsed(text).content else {
            panic!("{text}");
        };
        let (key, posts) = &resources[0];
        let slice = |span: Span| &text[span.start..span.end];
        assert_eq!((key.text.as_str(), slice(key.span)), ("posts", "posts"));
        let Content::List(items) = &posts.content else {
            panic!("{posts:?}");
        };
        let expected = [
            ("title:string", "title:string", "title:string"),
            ("no", "\"no\"", "no"),
            ("it's", "'it''s'", "'it''s'"),
        ];
        for (item, (value, outer, inner)) in items.iter().zip(expected) {
            let Content::Text(scalar) = &item.content else {
                panic!("{item:?}");
            };
            assert_eq!(
                (scalar.text.as_str(), slice(item.span), slice(scalar.piece().span)),
                (value, outer, inner)
            );
        }
        assert_eq!(slice(posts.span), &text[items[0].span.start - 2..items[2].span.end]);
        assert_eq!(resources[1].1.content, Content::Nothing);
    }

    #[test]
    fn all_that_is_more_than_data_is_refused_at_its_place() {
        let deep = format!("a:\n  {}", "[".repeat(MAX_DEPTH));
        let deeper = format!("a:\n  {}", "[".repeat(100_000));
        for (text, expected) in [
            ("", &["1:1 the file has no content"][..]),
            ("# only this\n", &["1:1 the file has no content"]),
            ("a: &x b\nc: *x\n", &["1:4 anchors", "2:4 aliases"]),
            ("a:\n  - !!python/object/apply:os.system [ls]\n", &["2:5 tags"]),
            (
                "a: 1\nb: 2\na: 3\nb: 4\n",
                &["3:1 duplicate key \"a\"", "4:1 duplicate key \"b\""],
            ),
            ("a: b\n---\nc: d\n", &["2:1 a second document"]),
            ("? [a]\n: b\n", &["1:3 a key must be a name"]),
            (deep.as_str(), &["2:10 lists and mappings are nested too deeply"]),
            // The parser itself gives up here.
            (deeper.as_str(), &["2:258 invalid YAML: recursion limit"]),
            ("a: [b\n", &["invalid YAML"]),
            ("a:\n\t- b\n", &["invalid YAML"]),
            ("a: \"b\n", &["invalid YAML"]),
            ("a: b: c\n", &["1:5 invalid YAML"]),
        ] {
            let (_, problems) = parse(text);
            let source = Source {
                file: None,
                text: text.to_owned(),
            };
            let found = problems.iter().map(|problem| {
                let (line, column) = source.position(problem.span.start);
                format!("{line}:{column} {}", problem.message)
            });
            let found: Vec<String> = found.collect();
            let is_found = |expected: &&&str| found.iter().any(|found| found.contains(**expected));
            assert!(
                found.len() == expected.len() && expected.iter().filter(is_found).count() == expected.len(),
                "{text:.40}: {found:?}"
            );
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
