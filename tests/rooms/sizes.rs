//! How long files and functions are.

use std::fs;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::{files, root};

/// Lines that a file may have.
const FILE: usize = 500;
/// Lines that a function may have.
const FUNCTION: usize = 80;

/// Calls `see` with the name and the lines of each function.
fn functions(tokens: TokenStream, see: &mut impl FnMut(String, usize)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => functions(group.stream(), see),
            TokenTree::Ident(word) if word == "fn" => {
                let Some(TokenTree::Ident(name)) = tokens.get(index + 1) else {
                    continue;
                };
                let body = tokens[index..].iter().find_map(|token| match token {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(Some(group)),
                    TokenTree::Punct(sign) if sign.as_char() == ';' => Some(None),
                    _ => None,
                });
                if let Some(Some(body)) = body {
                    let lines = body.span_close().end().line + 1 - word.span().start().line;
                    see(name.to_string(), lines);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn no_file_and_no_function_is_too_long() {
    let mut long = Vec::new();
    for folder in ["src", "tests", "project/src", "project/tests", "scaffold/project"] {
        for path in files(&root().join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().display().to_string();
            let lines = text.lines().count();
            if lines > FILE {
                long.push(format!("{path} has {lines} lines"));
            }
            // A template may not be Rust yet.
            let Ok(tokens) = text.parse() else { continue };
            functions(tokens, &mut |name, lines| {
                if lines > FUNCTION {
                    long.push(format!("{path}: {name} has {lines} lines"));
                }
            });
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}
