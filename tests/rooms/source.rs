//! The sources of the library as tokens, without what is compiled for tests only.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A source of the library.
pub struct Source {
    /// Its path below `src/`.
    pub path: PathBuf,
    /// What is compiled, without tests.
    pub tokens: Vec<TokenTree>,
}

impl Source {
    /// Its module, as a path from the crate's root: `scaffold::plan` for `scaffold/plan/mod.rs`.
    pub fn module(&self) -> Vec<String> {
        let path = self.path.with_extension("");
        let mut parts: Vec<String> = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        if ["mod", "lib"].contains(&parts.last().unwrap().as_str()) {
            parts.pop();
        }
        parts
    }

    /// The room it belongs to: the first part of its path.
    pub fn room(&self) -> &str {
        self.path
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
    }

    /// Its text without tests and comments.
    pub fn code(&self) -> String {
        self.tokens.iter().cloned().collect::<TokenStream>().to_string()
    }
}

/// All sources of the library.
pub fn sources() -> Vec<Source> {
    let root = root().join("src");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path:?}: {error}"));
        Source {
            path: path.strip_prefix(&root).unwrap().to_owned(),
            tokens: without_tests(tokens),
        }
    };
    files(&root).into_iter().map(read).collect()
}

/// [`sources`] but for `testing`, whose code runs in tests only.
pub fn product_sources() -> Vec<Source> {
    let mut sources = sources();
    sources.retain(|source| source.room() != "testing");
    sources
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The tokens but for items under `#[cfg(test)]`.
pub fn without_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_for_tests = matches!((&token, tokens.peek()), (TokenTree::Punct(sign), Some(TokenTree::Group(attribute)))
            if sign.as_char() == '#' && attribute.stream().to_string().replace(' ', "") == "cfg(test)");
        if !is_for_tests {
            kept.push(token);
            continue;
        }
        // The item ends with its block, or with a semicolon.
        for token in tokens.by_ref() {
            match token {
                TokenTree::Group(block) if block.delimiter() == Delimiter::Brace => break,
                TokenTree::Punct(sign) if sign.as_char() == ';' => break,
                _ => {}
            }
        }
    }
    kept
}
