//! Rust source files, read as tokens for what decides which tests there are and what they check.

mod attribute;
mod changed;
mod items;
mod modules;
mod parts;
mod token;

pub(super) use changed::changed;
pub(super) use modules::{Declared, for_tests};

use proc_macro2::{TokenStream, TokenTree};

/// Deeper than people nest. It bounds the recursion over a text that a fixer wrote.
const DEEPEST: usize = 100;

/// The tokens of a file, unless it cannot be read.
fn tokens(text: &str) -> Option<TokenStream> {
    let tokens: TokenStream = text.parse().ok()?;
    let mut open = vec![tokens.clone().into_iter()];
    while let Some(innermost) = open.last_mut() {
        match innermost.next() {
            Some(TokenTree::Group(group)) if open.len() < DEEPEST => open.push(group.stream().into_iter()),
            Some(TokenTree::Group(_)) => return None,
            Some(_) => {}
            None => drop(open.pop()),
        }
    }
    Some(tokens)
}
