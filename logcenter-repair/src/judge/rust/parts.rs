//! The parts of a file that its tests depend on, each with the place where it is.

use super::super::examples;
use super::attribute::Attribute;
use super::items::{braces, declared, head, items, module, named};
use super::token::{is_mark, text, word};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use std::collections::{HashMap, HashSet};

/// Macros of the standard library that tests judge by. Code calls them, and has no other use for their names.
const ASSERTIONS: [&str; 6] =
    ["assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne"];

/// What the names of a project's own macros hold that check something.
const CHECKING: [&str; 5] = ["assert", "check", "expect", "test", "verify"];

/// What is true of the build that tests run in.
const CONDITIONS: [&str; 6] = ["test", "doctest", "debug_assertions", "overflow_checks", "miri", "panic"];

/// Attributes that a new test may have besides the one that makes it a test.
const HARMLESS: [&str; 4] = ["should_panic", "allow", "expect", "doc"];

/// What reaches out of a new test into the code that it tests, or past what collects its output.
const REACHING_OUT: [&str; 10] = [
    "impl",
    "macro_rules",
    "unsafe",
    "no_mangle",
    "export_name",
    "link_section",
    "ctor",
    "stdout",
    "stderr",
    "libc",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// A function with `#[test]`, or the like.
    Test,
    /// A private import of the tests.
    Import,
    /// The beginning of a module of tests.
    Module,
    /// A function, constant or type that tests share.
    Helper,
    /// Anything else that exists for tests only.
    Other,
    /// A module that lies in a file of its own.
    Declaration,
    /// What asks whether it is being tested, redefines what tests check with, or brings in what is not read here.
    Switch,
    /// An example in the documentation, which is a test.
    Example,
}

pub(super) struct Part {
    /// The modules, functions and other braces that it is in: a copy that is never compiled is in another place.
    pub(super) place: usize,
    pub(super) kind: Kind,
    pub(super) text: String,
    /// Of a new test or module, which may hide what had this name.
    pub(super) name: String,
    /// Whether what is around it exists for tests only.
    pub(super) in_tests: bool,
}

/// Numbers for places, the same for both versions of a file.
#[derive(Default)]
pub(super) struct Places(HashMap<(usize, String), usize>);

impl Places {
    fn of(&mut self, outer: usize, head: String) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry((outer, head)).or_insert(next)
    }
}

/// What was read of a file.
#[derive(Default)]
pub(super) struct Source {
    pub(super) parts: Vec<Part>,
    /// The places that are modules, or the file itself.
    pub(super) modules: HashSet<usize>,
    /// The names in its code.
    pub(super) code: HashSet<String>,
    /// The names in its tests, and in macros that those may call.
    pub(super) tests: HashSet<String>,
}

impl Source {
    /// Reads a file, unless it cannot be read.
    pub(super) fn read(text: &str, places: &mut Places) -> Option<Self> {
        let tokens = super::tokens(text)?;
        let conditions: Vec<Attribute> =
            Attribute::of_contents(&tokens).into_iter().filter(|one| one.name().starts_with("cfg")).collect();
        let root = places.of(0, Attribute::texts(&conditions));
        let mut source = Self::default();
        source.modules.insert(root);
        source.contents(tokens, root, false, places);
        Some(source)
    }

    fn contents(&mut self, tokens: TokenStream, place: usize, in_tests: bool, places: &mut Places) {
        let inner = Attribute::of_contents(&tokens);
        let in_tests = in_tests || inner.iter().any(Attribute::is_for_tests);
        if !in_tests {
            self.examples(&inner, place);
        }
        for item in items(tokens) {
            if Attribute::inner(&item).is_some_and(|(attribute, _)| attribute.is_remark()) {
                continue;
            }
            let (attributes, rest) = Attribute::split(&item);
            let for_tests =
                in_tests || attributes.iter().any(Attribute::is_for_tests) || is_macro_with_tests(rest);
            if let Some((name, contents)) = module(rest) {
                let inner = Attribute::texts(&Attribute::of_contents(&contents));
                let head = format!("{}{} {inner}", Attribute::texts(&attributes), text(head(rest)));
                if for_tests {
                    self.push(place, Kind::Module, head.clone(), name, in_tests);
                } else {
                    self.code.insert(name);
                    self.switched(&attributes, place, &head);
                    self.examples(&attributes, place);
                }
                let place = places.of(place, head);
                self.modules.insert(place);
                self.contents(contents, place, for_tests, places);
            } else if for_tests {
                let (kind, name) = kind(&attributes, rest);
                self.push(place, kind, text(&item), name, in_tests);
                names(&item, &mut self.tests);
            } else {
                self.code(&item, place, places);
            }
        }
    }

    /// Reads an item or a statement that is there without tests, too.
    fn code(&mut self, item: &[TokenTree], place: usize, places: &mut Places) {
        let (attributes, rest) = Attribute::split(item);
        let head = format!("{}{}", Attribute::texts(&attributes), text(named(head(rest))));
        self.examples(&attributes, place);
        self.switched(&attributes, place, &head);
        let defined = match rest {
            [TokenTree::Ident(keyword), mark, TokenTree::Ident(name), ..]
                if word(keyword) == "macro_rules" && is_mark(Some(mark), '!') =>
            {
                Some(word(name))
            }
            _ => None,
        };
        if declared(rest).is_some() {
            return self.code_part(place, Kind::Declaration, head);
        }
        let is_whole = match &defined {
            Some(name) => CHECKING.iter().any(|part| name.contains(part)) || makes_checks(rest),
            None => is_switch(rest, false),
        };
        if is_whole {
            names(rest, &mut self.code);
            return self.code_part(place, Kind::Switch, text(item));
        }
        if defined.is_some() {
            names(rest, &mut self.tests);
            self.code_part(place, Kind::Switch, head.clone());
        }
        self.documented_within(rest, place);
        names_outside_braces(rest, &mut self.code);
        let braces = braces(rest);
        if !braces.is_empty() {
            let place = places.of(place, head);
            for group in braces {
                self.contents(group.stream(), place, false, places);
            }
        }
    }

    fn push(&mut self, place: usize, kind: Kind, text: String, name: String, in_tests: bool) {
        self.parts.push(Part { place, kind, text, name, in_tests });
    }

    fn code_part(&mut self, place: usize, kind: Kind, text: String) {
        self.push(place, kind, text, String::new(), false);
    }

    /// Notes attributes that ask whether this is a test.
    fn switched(&mut self, attributes: &[Attribute], place: usize, head: &str) {
        if attributes.iter().any(|attribute| is_switch(&attribute.0, true)) {
            self.code_part(place, Kind::Switch, head.to_owned());
        }
    }

    /// Notes the examples in the documentation that attributes are.
    fn examples(&mut self, attributes: &[Attribute], place: usize) {
        let documentation = attributes.iter().filter(|attribute| attribute.name() == "doc");
        let (mut lines, mut whole, mut is_read) = (Vec::new(), String::new(), true);
        for attribute in documentation {
            match attribute.value() {
                Some(value) => lines.push(value),
                // `#[doc = include_str!(…)]`, whose file is not read here.
                None => is_read = false,
            }
            whole.push_str(&text(&attribute.0));
        }
        let compiled = Attribute::texts(attributes);
        if !is_read {
            return self.code_part(place, Kind::Example, format!("{compiled}{whole}"));
        }
        let examples::InComments { examples, is_open } = examples::rust(&lines);
        for example in examples {
            self.code_part(place, Kind::Example, format!("{compiled}{example}"));
        }
        // What follows, perhaps in another file, would be read as part of it.
        if is_open {
            self.code_part(place, Kind::Switch, format!("{compiled}{whole}"));
        }
    }

    /// Notes the examples on the fields and variants within an item, which are no items.
    fn documented_within(&mut self, mut rest: &[TokenTree], place: usize) {
        while let Some((_, after)) = rest.split_first() {
            let (attributes, behind) = Attribute::split(rest);
            if !attributes.is_empty() {
                self.examples(&attributes, place);
            }
            if let (true, [TokenTree::Group(group), ..]) = (attributes.is_empty(), rest)
                && group.delimiter() == Delimiter::Parenthesis
            {
                self.documented_within(&group.stream().into_iter().collect::<Vec<_>>(), place);
            }
            rest = if attributes.is_empty() { after } else { behind };
        }
    }
}

/// What a part of the tests is, and its name.
fn kind(attributes: &[Attribute], rest: &[TokenTree]) -> (Kind, String) {
    let after_async = match rest {
        [TokenTree::Ident(first), rest @ ..] if word(first) == "async" => rest,
        _ => rest,
    };
    if let Some(name) = declared(rest)
        && attributes.iter().all(|attribute| attribute.name() == "cfg")
    {
        return (Kind::Module, name);
    }
    let mut names_within = HashSet::new();
    names(rest, &mut names_within);
    let stays_inside = REACHING_OUT.iter().all(|name| !names_within.contains(*name));
    match after_async {
        [TokenTree::Ident(keyword), ..] if word(keyword) == "use" && attributes.is_empty() => {
            (Kind::Import, String::new())
        }
        [TokenTree::Ident(keyword), ..]
            if matches!(&*word(keyword), "fn" | "const" | "static" | "struct" | "enum" | "type")
                && attributes.is_empty()
                && stays_inside =>
        {
            (Kind::Helper, String::new())
        }
        [TokenTree::Ident(keyword), TokenTree::Ident(name), TokenTree::Group(parameters), ..]
            if word(keyword) == "fn" && parameters.stream().is_empty() =>
        {
            let is_test = |attribute: &Attribute| matches!(&*attribute.name(), "test" | "rstest");
            let may_stand =
                |attribute: &Attribute| is_test(attribute) || HARMLESS.contains(&&*attribute.name());
            let is_one = attributes.iter().any(is_test) && attributes.iter().all(may_stand) && stays_inside;
            (if is_one { Kind::Test } else { Kind::Other }, word(name))
        }
        _ => (Kind::Other, String::new()),
    }
}

/// Whether a macro's rules make tests, or check something.
fn makes_checks(rest: &[TokenTree]) -> bool {
    let mut found = HashSet::new();
    names(rest, &mut found);
    found.contains("test") || ASSERTIONS.iter().any(|name| found.contains(*name))
}

/// Collects the names in tokens, at any depth.
fn names(tokens: &[TokenTree], into: &mut HashSet<String>) {
    names_outside_braces(tokens, into);
    for group in braces(tokens) {
        names(&group.stream().into_iter().collect::<Vec<_>>(), into);
    }
}

fn names_outside_braces(tokens: &[TokenTree], into: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => drop(into.insert(word(name))),
            TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
                names_outside_braces(&group.stream().into_iter().collect::<Vec<_>>(), into);
            }
            _ => {}
        }
    }
}

/// Whether a macro that is called as an item makes tests of what it is given, as `proptest!` does.
fn is_macro_with_tests(rest: &[TokenTree]) -> bool {
    let mut tokens = rest.iter().skip_while(|token| match token {
        TokenTree::Ident(name) => word(name) != "macro_rules",
        token => is_mark(Some(token), ':'),
    });
    is_mark(tokens.next(), '!')
        && tokens.any(|token| matches!(token, TokenTree::Group(group) if holds_tests(group.stream())))
}

fn holds_tests(stream: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    (0..tokens.len()).any(|at| {
        let (attributes, _) = Attribute::split(&tokens[at..tokens.len().min(at + 2)]);
        attributes.iter().any(Attribute::is_for_tests)
            || matches!(&tokens[at], TokenTree::Group(group) if holds_tests(group.stream()))
    })
}

/// Whether tokens, without what is in their braces, ask whether they are being tested, redefine what tests check with, or
/// bring in what is not read here.
fn is_switch(tokens: &[TokenTree], in_attribute: bool) -> bool {
    (0..tokens.len()).any(|at| match &tokens[at..] {
        [TokenTree::Ident(name), rest @ ..] => {
            let is_called = is_mark(rest.first(), '!');
            match &*word(name) {
                "cfg" | "cfg_attr" | "doc" => {
                    let arguments = rest.get(usize::from(is_called));
                    is_word(rest.first(), "as")
                        || (is_called || in_attribute)
                        && matches!(arguments, Some(TokenTree::Group(group)) if names_condition(group.stream()))
                }
                "include" => is_called || is_word(rest.first(), "as"),
                "macro_rules" | "cfg_select" => true,
                // Another name for this crate may be that of one that tests check with.
                "extern" => is_word(rest.first(), "crate"),
                name if is_called && name.starts_with("debug_assert") => {
                    matches!(rest.get(1), Some(TokenTree::Group(group)) if changes_something(group.stream()))
                }
                "path" => in_attribute && is_mark(rest.first(), '='),
                "macro_use" => in_attribute,
                name => ASSERTIONS.contains(&name) && !is_called,
            }
        }
        [TokenTree::Group(group), ..] if group.delimiter() != Delimiter::Brace => {
            let before = |back: usize, mark: char| is_mark(at.checked_sub(back).map(|at| &tokens[at]), mark);
            let is_attribute = group.delimiter() == Delimiter::Bracket
                && (before(1, '#') || before(1, '!') && before(2, '#'));
            is_switch(&group.stream().into_iter().collect::<Vec<_>>(), in_attribute || is_attribute)
        }
        _ => false,
    })
}

/// Whether what an assertion is given may do more than compare: then it is left out of a release for more than its check.
fn changes_something(stream: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    (0..tokens.len()).any(|at| match &tokens[at] {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace || changes_something(group.stream()),
        TokenTree::Punct(mark) => {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let compares = ['=', '!', '<', '>'].into_iter().any(|mark| is_mark(before, mark));
            mark.as_char() == '=' && mark.spacing() == Spacing::Alone && !compares
        }
        _ => false,
    })
}

fn is_word(token: Option<&TokenTree>, expected: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(name)) if word(name) == expected)
}

fn names_condition(stream: TokenStream) -> bool {
    let mut found = HashSet::new();
    names(&stream.into_iter().collect::<Vec<_>>(), &mut found);
    CONDITIONS.iter().any(|name| found.contains(*name))
}
