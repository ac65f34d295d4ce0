//! Which file uses which: by `use`, in any form of it, and by paths in code and in the arguments of macros.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenTree};

use super::source::Source;

/// A path of names, from the crate's root.
type Names = Vec<String>;

/// The modules of the crate, with what they hand on from others.
pub struct Modules {
    /// By the path of each module, what it hands on by `pub use`: where to, by the name.
    handed_on: BTreeMap<Names, BTreeMap<String, Names>>,
}

impl Modules {
    /// The modules that these sources are.
    pub fn of(sources: &[Source]) -> Self {
        let mut modules = Self {
            handed_on: sources
                .iter()
                .map(|source| (source.module(), BTreeMap::new()))
                .collect(),
        };
        for source in sources {
            let module = source.module();
            // An exported macro is at the root, wherever it is defined.
            for name in exported_macros(&source.tokens) {
                let path = [module.clone(), vec![name.clone()]].concat();
                modules.handed_on.entry(Vec::new()).or_default().insert(name, path);
            }
            let paths = modules.paths(&module, &public_uses(&source.tokens));
            let named = paths.into_iter().filter_map(|path| Some((path.last()?.clone(), path)));
            let named: Vec<(String, Names)> = named.collect();
            modules.handed_on.entry(module).or_default().extend(named);
        }
        modules
    }

    /// The modules that the tokens of one use.
    pub fn imports(&self, module: &Names, tokens: &[TokenTree]) -> BTreeSet<Names> {
        let paths = self.paths(module, tokens).into_iter();
        let mut used: BTreeSet<Names> = paths.map(|path| self.owner(path)).collect();
        used.remove(module);
        used
    }

    /// The module that a path leads to: what is handed on belongs to the one it comes from.
    fn owner(&self, mut path: Names) -> Names {
        // A module may hand on what another hands on, but nobody does so this often.
        for _ in 0..8 {
            let known = (0..=path.len())
                .rev()
                .find(|length| self.handed_on.contains_key(&path[..*length]));
            let module = path[..known.unwrap_or_default()].to_vec();
            let item = path.get(module.len());
            match item.and_then(|item| self.handed_on.get(&module)?.get(item)) {
                Some(other) => path.splice(..=module.len(), other.iter().cloned()).for_each(drop),
                None => return module,
            }
        }
        path
    }

    /// All paths in the tokens that lead to a module of the crate, from its root.
    fn paths(&self, module: &Names, tokens: &[TokenTree]) -> Vec<Names> {
        let mut found = Vec::new();
        let mut index = 0;
        while index < tokens.len() {
            match &tokens[index] {
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    found.extend(self.paths(module, &inner));
                    index += 1;
                }
                TokenTree::Ident(word) => match self.start(module, &word.to_string(), is_path(tokens, index)) {
                    Some(start) if !is_inside(tokens, index) => {
                        index = follow(start, tokens, index + 1, &mut found);
                    }
                    _ => index += 1,
                },
                _ => index += 1,
            }
        }
        found
    }

    /// The path that a first word stands for, if it is of this crate.
    fn start(&self, module: &Names, word: &str, has_more: bool) -> Option<Names> {
        let parent = || module[..module.len().saturating_sub(1)].to_vec();
        match word {
            _ if !has_more => None,
            "crate" => Some(Vec::new()),
            "super" => Some(parent()),
            "self" => Some(module.clone()),
            child => {
                let path = [module.clone(), vec![child.to_owned()]].concat();
                self.handed_on.contains_key(&path).then_some(path)
            }
        }
    }
}

/// What stands in `pub use` and `pub(crate) use`.
fn public_uses(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let word = |token: &TokenTree, expected: &str| matches!(token, TokenTree::Ident(word) if word == expected);
    let mut kept = Vec::new();
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| word(token, "use")) {
        let is_public = match index.checked_sub(1).map(|before| &tokens[before]) {
            Some(TokenTree::Group(_)) => index > 1 && word(&tokens[index - 2], "pub"),
            Some(before) => word(before, "pub"),
            None => false,
        };
        let is_end = |token: &&TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ';');
        if is_public {
            kept.extend(tokens[index..].iter().take_while(|token| !is_end(token)).cloned());
            kept.push(token.clone());
        }
    }
    kept
}

/// The macros under `#[macro_export]`.
fn exported_macros(tokens: &[TokenTree]) -> Vec<String> {
    let is_exported = |index: usize| match index.checked_sub(1).map(|before| &tokens[before]) {
        Some(TokenTree::Group(attribute)) => attribute.stream().to_string() == "macro_export",
        _ => false,
    };
    let macros = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| matches!(token, TokenTree::Ident(word) if word == "macro_rules"));
    macros
        .filter(|(index, _)| is_exported(*index))
        .filter_map(|(index, _)| Some(tokens.get(index + 2)?.to_string()))
        .collect()
}

/// Whether two colons follow the token.
fn is_path(tokens: &[TokenTree], index: usize) -> bool {
    let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(sign)) if sign.as_char() == ':');
    is_colon(index + 1) && is_colon(index + 2)
}

/// Whether the token is in the middle of a path, or after the `$` of a macro, whose `crate` may be another.
fn is_inside(tokens: &[TokenTree], index: usize) -> bool {
    let sign = |back: usize| match tokens.get(index.wrapping_sub(back)) {
        Some(TokenTree::Punct(sign)) => Some(sign.as_char()),
        _ => None,
    };
    sign(1) == Some('$') || (sign(1) == Some(':') && sign(2) == Some(':'))
}

/// A path with one more part.
fn extended(mut path: Names, part: &str) -> Names {
    match part {
        "super" => drop(path.pop()),
        "self" => {}
        part => path.push(part.to_owned()),
    }
    path
}

/// Adds the paths that begin with `path` and go on at `index`; gives where they end.
fn follow(mut path: Names, tokens: &[TokenTree], mut index: usize, found: &mut Vec<Names>) -> usize {
    loop {
        // Two colons come before each further part.
        let next = tokens.get(index + 2);
        let goes_on = index > 0 && is_path(tokens, index - 1);
        match next {
            Some(TokenTree::Ident(word)) if goes_on => {
                path = extended(path, &word.to_string());
                index += 3;
            }
            Some(TokenTree::Group(list)) if goes_on && list.delimiter() == Delimiter::Brace => {
                let list: Vec<TokenTree> = list.stream().into_iter().collect();
                for member in list.split(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',')) {
                    if let Some(TokenTree::Ident(word)) = member.first() {
                        follow(extended(path.clone(), &word.to_string()), member, 1, found);
                    }
                }
                return index + 3;
            }
            _ => {
                found.push(path);
                return index;
            }
        }
    }
}

#[test]
fn every_form_of_an_import_is_seen() {
    let modules = ["a", "b", "c", "d", "a::x", "a::y"];
    let split = |path: &str| path.split("::").map(str::to_owned).collect::<Names>();
    let mut modules = Modules {
        handed_on: modules.iter().map(|path| (split(path), BTreeMap::new())).collect(),
    };
    modules
        .handed_on
        .insert(Vec::new(), BTreeMap::from([("Handed".to_owned(), split("d::Handed"))]));
    for (text, expected) in [
        ("use crate::a;", vec!["a"]),
        ("use crate::{a::x, c::d};", vec!["a::x", "c"]),
        ("use crate::{a::{self, y::Y}, b::B,\n c};", vec!["a", "a::y", "b", "c"]),
        ("use super::{y, super::b::B as Other};", vec!["a::y", "b"]),
        ("use self::deeper::Thing;", vec![]),
        ("use crate::Handed;", vec!["d"]),
        ("pub(crate) use crate::b::*;", vec!["b"]),
        (
            "fn f() -> crate::b::B { super::y::g(vec![crate::c::C]) }",
            vec!["a::y", "b", "c"],
        ),
        ("fn f() { match x { _ if y == crate::b::B => 1 } }", vec!["b"]),
        ("fn f(x: crate::b::B) { let y: super::y::Y = x; }", vec!["a::y", "b"]),
        ("macro_rules! m { () => { $crate::b::B } }", vec![]),
        ("use std::crate_::b; use other::a::b;", vec![]),
    ] {
        let tokens: Vec<TokenTree> = text.parse::<proc_macro2::TokenStream>().unwrap().into_iter().collect();
        let found: Vec<String> = modules
            .imports(&split("a::x"), &tokens)
            .iter()
            .map(|path| path.join("::"))
            .collect();
        let expected: Vec<&str> = expected.into_iter().filter(|path| *path != "a::x").collect();
        assert_eq!(found, expected, "{text}");
    }
}
