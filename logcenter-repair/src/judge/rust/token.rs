//! Single tokens.

use proc_macro2::{Ident, TokenStream, TokenTree};

/// A name without the `r#` that it may be written with.
pub(super) fn word(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

pub(super) fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(one)) if one.as_char() == mark)
}

pub(super) fn text(tokens: &[TokenTree]) -> String {
    tokens.iter().cloned().collect::<TokenStream>().to_string()
}
