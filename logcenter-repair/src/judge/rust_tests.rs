//! The tests in a Rust source file, read as tokens: what a change does to them, and what elsewhere in the file makes them
//! mean something else.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::HashMap;

/// Deeper than people nest. It bounds the recursion over a text that a fixer wrote.
const DEEPEST: usize = 100;

/// Macros of the standard library that tests judge by. Code calls them, and has no other use for their names.
const ASSERTIONS: [&str; 6] =
    ["assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne"];

/// Attributes that a new test may have besides the one that makes it a test.
const HARMLESS: [&str; 4] = ["should_panic", "allow", "expect", "doc"];

/// What reaches out of a new test into the code that it tests.
const REACHING_OUT: [&str; 5] = ["impl", "macro_rules", "unsafe", "no_mangle", "export_name"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A function with `#[test]`, or the like.
    Test,
    /// A private import.
    Import,
    /// The beginning of a module.
    Module,
    Other,
}

/// The part of a file that exists for its tests.
#[derive(Default)]
struct Tests {
    /// Items, each with the module that it is in.
    items: Vec<(String, String, Kind)>,
    /// How often the rest asks whether it is being tested, or changes what the tests say.
    switches: usize,
}

/// Why the tests of a file are no longer what they were. New tests are welcome.
pub(super) fn changed(base: &str, changed: &str) -> Option<&'static str> {
    let (Some(before), Some(after)) = (read(base), read(changed)) else {
        return Some("cannot be read as Rust");
    };
    let mut unmatched: HashMap<(&str, &str), usize> = HashMap::new();
    for (module, text, _) in &before.items {
        *unmatched.entry((module, text)).or_default() += 1;
    }
    let mut new = Vec::new();
    for (module, text, kind) in &after.items {
        match unmatched.get_mut(&(&**module, &**text)).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => new.push((module, *kind)),
        }
    }
    if unmatched.values().any(|count| *count > 0) {
        return Some("changes or removes tests");
    }
    let is_old = |module: &String| before.items.iter().any(|(known, _, _)| known == module);
    let is_welcome = |(module, kind): &(&String, Kind)| match kind {
        Kind::Test | Kind::Module => true,
        // In a module that was there, it could hide what the tests there mean.
        Kind::Import => !is_old(module),
        Kind::Other => false,
    };
    if !new.iter().all(is_welcome) {
        return Some("adds to its tests something other than a test");
    }
    (after.switches > before.switches).then_some("behaves otherwise in tests, or changes what they check")
}

fn read(text: &str) -> Option<Tests> {
    let tokens: TokenStream = text.parse().ok()?;
    if !is_shallow(&tokens) {
        return None;
    }
    let mut tests = Tests::default();
    walk(tokens, "", false, &mut tests);
    Some(tests)
}

fn is_shallow(tokens: &TokenStream) -> bool {
    let mut open = vec![tokens.clone().into_iter()];
    while let Some(innermost) = open.last_mut() {
        match innermost.next() {
            Some(TokenTree::Group(group)) if open.len() < DEEPEST => open.push(group.stream().into_iter()),
            Some(TokenTree::Group(_)) => return false,
            Some(_) => {}
            None => drop(open.pop()),
        }
    }
    true
}

fn walk(tokens: TokenStream, module: &str, in_tests: bool, tests: &mut Tests) {
    let items = items(tokens);
    let in_tests = in_tests || items.iter().any(|item| is_inner(item) && names_test(item));
    for item in items {
        let (attributes, rest) = split(&item);
        if !in_tests && !attributes.iter().any(|attribute| names_test(attribute)) {
            match contents_of_module(rest) {
                Some((name, contents)) => walk(contents, &format!("{module}::{name}"), false, tests),
                None => tests.switches += switches(&item),
            }
            continue;
        }
        match contents_of_module(rest) {
            Some((name, contents)) => {
                let head = item[..item.len() - 1].iter().cloned().collect::<TokenStream>();
                tests.items.push((module.into(), head.to_string(), Kind::Module));
                walk(contents, &format!("{module}::{name}"), true, tests);
            }
            None => {
                let text = item.iter().cloned().collect::<TokenStream>().to_string();
                tests.items.push((module.into(), text, kind(&attributes, rest)));
            }
        }
    }
}

/// The items of a file or module: each ends with its braces or its semicolon.
fn items(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut items, mut item) = (Vec::new(), Vec::new());
    for token in tokens {
        let is_attribute = matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket)
            && is_inner(&item);
        let ends = match &token {
            TokenTree::Punct(mark) => mark.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !goes_on(&item),
            _ => false,
        };
        item.push(token);
        if ends || is_attribute {
            items.push(std::mem::take(&mut item));
        }
    }
    items.extend(Some(item).filter(|item| !item.is_empty()));
    items
}

/// `#!`, and what follows.
fn is_inner(item: &[TokenTree]) -> bool {
    let mark =
        |at: usize, mark: char| matches!(item.get(at), Some(TokenTree::Punct(one)) if one.as_char() == mark);
    mark(0, '#') && mark(1, '!')
}

/// Whether an item goes on after braces, to its semicolon.
fn goes_on(item: &[TokenTree]) -> bool {
    let words: Vec<String> = item.iter().map(ToString::to_string).collect();
    let has = |word: &str| words.iter().any(|one| one == word);
    has("use") || has("static") || (has("const") && !has("fn") && !has("impl"))
}

/// An item's attributes, and the rest of it.
fn split(item: &[TokenTree]) -> (Vec<&[TokenTree]>, &[TokenTree]) {
    let (mut attributes, mut rest) = (Vec::new(), item);
    while let [TokenTree::Punct(mark), TokenTree::Group(group), ..] = rest {
        if mark.as_char() != '#' || group.delimiter() != Delimiter::Bracket {
            break;
        }
        attributes.push(&rest[..2]);
        rest = &rest[2..];
    }
    (attributes, rest)
}

fn contents_of_module(rest: &[TokenTree]) -> Option<(String, TokenStream)> {
    match rest {
        [.., TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(contents)]
            if word == "mod" && contents.delimiter() == Delimiter::Brace =>
        {
            Some((name.to_string(), contents.stream()))
        }
        _ => None,
    }
}

/// Whether a name stands for a test, as in `#[test]`, `#[tokio::test]`, `#[cfg(test)]`, `#[rstest]`.
fn names_test(tokens: &[TokenTree]) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Group(group) => names_test(&group.stream().into_iter().collect::<Vec<_>>()),
        TokenTree::Ident(name) => {
            let name = name.to_string();
            matches!(&*name, "test" | "rstest" | "doctest")
                || name.ends_with("_test")
                || name.starts_with("test_case")
        }
        _ => false,
    })
}

fn kind(attributes: &[&[TokenTree]], rest: &[TokenTree]) -> Kind {
    let words: Vec<String> = rest.iter().map(ToString::to_string).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let names: Vec<String> = attributes.iter().filter_map(|attribute| name_of(attribute)).collect();
    let is_test = |name: &String| name == "test" || name == "rstest";
    let are_harmless = names.iter().all(|name| is_test(name) || HARMLESS.contains(&&**name));
    match words[..] {
        ["use", ..] if attributes.is_empty() => Kind::Import,
        ["fn", _, "()", ..] | ["async", "fn", _, "()", ..]
            if names.iter().any(is_test) && are_harmless && count(rest, &|at| reaches_out(at)) == 0 =>
        {
            Kind::Test
        }
        _ => Kind::Other,
    }
}

fn reaches_out(at: &[TokenTree]) -> bool {
    matches!(at, [TokenTree::Ident(name), ..] if REACHING_OUT.contains(&&*name.to_string()))
}

/// The last word of an attribute's path.
fn name_of(attribute: &[TokenTree]) -> Option<String> {
    let [_, TokenTree::Group(group)] = attribute else { return None };
    let path = group.stream().into_iter().take_while(|token| !matches!(token, TokenTree::Group(_)));
    path.filter(|token| matches!(token, TokenTree::Ident(_))).last().map(|name| name.to_string())
}

/// How often tokens ask whether they are being tested, redefine what tests check with, or bring in what is not read here.
fn switches(tokens: &[TokenTree]) -> usize {
    count(tokens, &|at| {
        let is = |at: Option<&TokenTree>, mark: char| matches!(at, Some(TokenTree::Punct(one)) if one.as_char() == mark);
        match at {
            [TokenTree::Ident(word), rest @ ..] => match &*word.to_string() {
                "cfg" | "cfg_attr" => names_test(&rest[..rest.len().min(2)]),
                "macro_rules" | "macro_use" => true,
                "include" => is(rest.first(), '!'),
                "path" => is(rest.first(), '=') && rest.len() == 2,
                word => ASSERTIONS.contains(&word) && !is(rest.first(), '!'),
            },
            _ => false,
        }
    })
}

/// At how many places of the tokens, at any depth, something holds of what begins there.
fn count(tokens: &[TokenTree], holds: &dyn Fn(&[TokenTree]) -> bool) -> usize {
    let here = (0..tokens.len()).filter(|at| holds(&tokens[*at..])).count();
    let groups = tokens.iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream().into_iter().collect::<Vec<_>>()),
        _ => None,
    });
    here + groups.map(|inner| count(&inner, holds)).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::changed;
    use proptest::prelude::*;

    const BASE: &str = "use std::fmt;\nfn half(n: u32) -> u32 { n }\n#[cfg(test)]\nmod tests {\n    use super::*;\n    \
        const FOUR: u32 = 4;\n    #[test]\n    fn halves() { assert_eq!(half(FOUR), 2); }\n}\n";

    fn after(from: &str, to: &str) -> Option<&'static str> {
        assert!(BASE.contains(from));
        changed(BASE, &BASE.replace(from, to))
    }

    #[test]
    fn mending_the_code_and_adding_tests_is_welcome() {
        assert_eq!(after("{ n }", "{ n / 2 }"), None);
        assert_eq!(after("use std::fmt;", "use std::{fmt, io};\n// words\n"), None);
        let test =
            "#[test]\n    #[should_panic(expected = \"x\")]\n    fn more() { assert_eq!(half(0), 0); }\n";
        assert_eq!(after("    #[test]", &format!("    {test}    #[test]")), None);
        assert_eq!(after("    use super::*;", "    // words\n    use super::*;"), None);
        let module = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{ use super::*; {test} }}");
        assert_eq!(changed("fn f() {}", &module), None);
    }

    #[test]
    fn a_test_that_is_no_longer_what_it_was_is_seen() {
        for (from, to) in [
            ("{ assert_eq!", "{ return; assert_eq!"),
            ("assert_eq!(half(FOUR), 2);", ""),
            ("FOUR: u32 = 4", "FOUR: u32 = 2"),
            ("#[cfg(test)]", "#[cfg(all(test, unix))]"),
            ("    #[test]\n", "    #[test]\n    #[ignore]\n"),
            ("mod tests {", "mod tests { macro_rules! assert_eq { ($($t:tt)*) => {} }"),
            ("mod tests {", "mod tests { fn half(n: u32) -> u32 { n / 2 }"),
            ("mod tests {", "mod tests { use super::other as half;"),
            ("mod tests {", "mod tests { #[test] fn x() { impl std::fmt::Debug for super::X {} }"),
            ("mod tests {", "mod tests { #![cfg(unix)]"),
        ] {
            assert!(after(from, to).is_some(), "{to}");
        }
        assert!(changed(BASE, "").is_some());
    }

    #[test]
    fn code_that_knows_of_its_tests_is_seen() {
        for (from, to) in [
            ("{ n }", "{ #[cfg(test)] { return n / 2; } n }"),
            ("{ n }", "{ if cfg!(test) { n / 2 } else { n } }"),
            ("fn half", "#[cfg(not(test))]\nfn half"),
            ("use std::fmt;", "macro_rules! assert_eq { ($($t:tt)*) => {} }"),
            ("use std::fmt;", "pub(crate) use crate::nothing as assert_eq;"),
            ("use std::fmt;", "include!(\"x.txt\");"),
            ("use std::fmt;", "#[path = \"x.txt\"]\nmod x;"),
            ("use std::fmt;", "mod inner { fn f() { if cfg!(any(test, unix)) {} } }"),
            ("{ n }", "{ n "),
        ] {
            assert!(after(from, to).is_some(), "{to}");
        }
        let deep = format!("fn f() {{ {}{} }}", "(".repeat(50_000), ")".repeat(50_000));
        assert!(changed("", &deep).is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(?s).{0,200}", code in "([a-z#!;={}()\\[\\] ]|mod |fn |use |test){0,60}") {
            changed(&text, &code);
            prop_assert_eq!(changed(&code, &code).is_some_and(|why| why != "cannot be read as Rust"), false);
        }
    }
}
