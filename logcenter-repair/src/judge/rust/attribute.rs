//! Attributes, and what of them has to do with tests.

use super::token::{is_mark, text, word};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Attributes that say nothing about whether something is compiled.
const REMARKS: [&str; 14] = [
    "allow",
    "cold",
    "default",
    "deny",
    "deprecated",
    "derive",
    "doc",
    "expect",
    "inline",
    "must_use",
    "non_exhaustive",
    "repr",
    "track_caller",
    "warn",
];

/// An attribute without its `#`.
#[derive(Clone)]
pub(super) struct Attribute(pub(super) Vec<TokenTree>);

impl Attribute {
    /// The attribute that tokens begin with, and the rest.
    fn outer(tokens: &[TokenTree]) -> Option<(Self, &[TokenTree])> {
        match tokens {
            [mark, TokenTree::Group(group), rest @ ..]
                if is_mark(Some(mark), '#') && group.delimiter() == Delimiter::Bracket =>
            {
                Some((Self(group.stream().into_iter().collect()), rest))
            }
            _ => None,
        }
    }

    /// The `#![…]` that tokens begin with, and the rest.
    pub(super) fn inner(tokens: &[TokenTree]) -> Option<(Self, &[TokenTree])> {
        match tokens {
            [mark, not, TokenTree::Group(group), rest @ ..]
                if is_mark(Some(mark), '#')
                    && is_mark(Some(not), '!')
                    && group.delimiter() == Delimiter::Bracket =>
            {
                Some((Self(group.stream().into_iter().collect()), rest))
            }
            _ => None,
        }
    }

    /// An item's attributes, and the rest of it.
    pub(super) fn split(item: &[TokenTree]) -> (Vec<Self>, &[TokenTree]) {
        let (mut attributes, mut rest) = (Vec::new(), item);
        while let Some((attribute, after)) = Self::outer(rest) {
            attributes.push(attribute);
            rest = after;
        }
        (attributes, rest)
    }

    /// The `#![…]` that a file or module begins with.
    pub(super) fn of_contents(contents: &TokenStream) -> Vec<Self> {
        let (mut attributes, mut tokens) = (Vec::new(), contents.clone().into_iter());
        while let [Some(mark), Some(not), Some(group)] = [tokens.next(), tokens.next(), tokens.next()] {
            let Some((attribute, _)) = Self::inner(&[mark, not, group]) else { break };
            attributes.push(attribute);
        }
        attributes
    }

    /// The last word of its path.
    pub(super) fn name(&self) -> String {
        let path = self.0.iter().take_while(|token| match token {
            TokenTree::Group(_) => false,
            TokenTree::Punct(mark) => mark.as_char() == ':',
            _ => true,
        });
        path.filter_map(|token| if let TokenTree::Ident(name) = token { Some(word(name)) } else { None })
            .last()
            .unwrap_or_default()
    }

    pub(super) fn is_remark(&self) -> bool {
        REMARKS.contains(&&*self.name())
    }

    /// The text of those that are more than remarks.
    pub(super) fn texts(attributes: &[Self]) -> String {
        let kept = attributes.iter().filter(|attribute| !attribute.is_remark());
        kept.map(|attribute| format!("#[{}] ", text(&attribute.0))).collect()
    }

    /// What stands in its parentheses.
    fn arguments(&self) -> Vec<TokenTree> {
        match self.0.last() {
            Some(TokenTree::Group(group)) => group.stream().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Whether what it stands on exists for tests only: `#[test]`, `#[tokio::test]`, `#[cfg(test)]`, `#[rstest]`.
    pub(super) fn is_for_tests(&self) -> bool {
        let arguments = self.arguments();
        match &*self.name() {
            "cfg" => requires_test(&arguments),
            "cfg_attr" => {
                let mut parts = arguments.split(|token| is_mark(Some(token), ','));
                parts.next();
                parts.any(|part| Self(part.to_vec()).is_for_tests())
            }
            _ => self.makes_a_test(),
        }
    }

    /// Whether the function that it stands on is a test.
    pub(super) fn makes_a_test(&self) -> bool {
        let name = self.name();
        matches!(&*name, "test" | "rstest" | "quickcheck" | "bench")
            || name.ends_with("_test")
            || name.starts_with("test_case")
    }

    /// The text of its value, as in `#[path = "text"]`.
    pub(super) fn value(&self) -> Option<String> {
        match &self.0[..] {
            [_, mark, TokenTree::Literal(literal)] if is_mark(Some(mark), '=') => {
                Some(litrs::StringLit::parse(&*literal.to_string()).ok()?.value().to_owned())
            }
            _ => None,
        }
    }
}

/// Whether a condition names tests, not counting what it excludes.
fn requires_test(condition: &[TokenTree]) -> bool {
    let mut is_excluded = false;
    condition.iter().any(|token| match token {
        TokenTree::Group(group) => {
            !std::mem::take(&mut is_excluded)
                && requires_test(&group.stream().into_iter().collect::<Vec<_>>())
        }
        TokenTree::Ident(name) => {
            let name = word(name);
            is_excluded = name == "not";
            name == "test" || name == "doctest"
        }
        _ => false,
    })
}
