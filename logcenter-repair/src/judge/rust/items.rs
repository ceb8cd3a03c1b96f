//! Tokens, cut into items and statements.

use super::attribute::Attribute;
use super::token::word;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// How an item ends.
#[derive(Default, Clone, Copy, PartialEq)]
enum End {
    #[default]
    Unknown,
    /// `const`, of a value unless a function follows.
    Const,
    Semicolon,
    Braces,
}

impl End {
    fn told_by(self, word: &str) -> Self {
        match (self, word) {
            (Self::Unknown, "const") => Self::Const,
            (Self::Unknown, "use" | "static" | "let") => Self::Semicolon,
            (
                Self::Unknown,
                "impl" | "struct" | "enum" | "union" | "trait" | "mod" | "if" | "while" | "match" | "for"
                | "loop",
            )
            | (Self::Unknown | Self::Const, "fn") => Self::Braces,
            _ => self,
        }
    }
}

/// The items of a file or module, or the statements of a block: each ends with its braces or its semicolon.
pub(super) fn items(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut items, mut item, mut end) = (Vec::new(), Vec::new(), End::default());
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_over = match &token {
            TokenTree::Ident(name) => {
                end = end.told_by(&word(name));
                false
            }
            TokenTree::Punct(mark) => mark.as_char() == ';',
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                // `const { … }` is a block.
                let is_block = matches!(item.last(), Some(TokenTree::Ident(name)) if word(name) == "const");
                let goes_on = end == End::Semicolon || end == End::Const && !is_block;
                !goes_on && !matches!(tokens.peek(), Some(TokenTree::Ident(next)) if word(next) == "else")
            }
            _ => false,
        };
        item.push(token);
        if is_over || Attribute::inner(&item).is_some_and(|(_, rest)| rest.is_empty()) {
            items.push(std::mem::take(&mut item));
            end = End::default();
        }
    }
    items.extend(Some(item).filter(|item| !item.is_empty()));
    items
}

/// The name and the contents of a module.
pub(super) fn module(rest: &[TokenTree]) -> Option<(String, TokenStream)> {
    match rest {
        [.., TokenTree::Ident(keyword), TokenTree::Ident(name), TokenTree::Group(contents)]
            if word(keyword) == "mod" && contents.delimiter() == Delimiter::Brace =>
        {
            Some((word(name), contents.stream()))
        }
        _ => None,
    }
}

/// The name of a module that lies in a file of its own.
pub(super) fn declared(rest: &[TokenTree]) -> Option<String> {
    match rest {
        [.., TokenTree::Ident(keyword), TokenTree::Ident(name), TokenTree::Punct(_)]
            if word(keyword) == "mod" =>
        {
            Some(word(name))
        }
        _ => None,
    }
}

/// What stands before an item's first braces.
pub(super) fn head(item: &[TokenTree]) -> &[TokenTree] {
    let is_brace =
        |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    &item[..item.iter().position(is_brace).unwrap_or(item.len())]
}

/// What names an item, of its head: a function or a type by its name, a module without its visibility, all else as it is.
pub(super) fn named(head: &[TokenTree]) -> &[TokenTree] {
    let keywords = ["fn", "trait", "struct", "enum", "union", "mod"];
    let is_keyword =
        |token: &TokenTree| matches!(token, TokenTree::Ident(name) if keywords.contains(&&*word(name)));
    match head.iter().position(is_keyword) {
        Some(at) => &head[at..head.len().min(at + 2)],
        None => head,
    }
}

/// The braces of an item, also those within its parentheses and brackets, but not those within other braces.
pub(super) fn braces(tokens: &[TokenTree]) -> Vec<Group> {
    let mut found = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else { continue };
        match group.delimiter() {
            Delimiter::Brace => found.push(group.clone()),
            _ => found.extend(braces(&group.stream().into_iter().collect::<Vec<_>>())),
        }
    }
    found
}
