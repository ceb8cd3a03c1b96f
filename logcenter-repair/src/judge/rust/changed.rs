//! What a change does to the tests in a Rust source file, and what elsewhere in the file makes them mean something else.

use super::parts::{Kind, Part, Places, Source};
use std::collections::HashMap;

/// Why the tests of a file are no longer what they were. New tests are welcome.
pub(in super::super) fn changed(base: &str, changed: &str) -> Option<&'static str> {
    let mut places = Places::default();
    let mut read = |text| Source::read(text, &mut places);
    let (Some(before), Some(after)) = (read(base), read(changed)) else {
        return Some("cannot be read as Rust");
    };
    let mut gone: HashMap<(usize, Kind, &str), usize> = HashMap::new();
    for part in &before.parts {
        *gone.entry(key(part)).or_default() += 1;
    }
    let mut new = Vec::new();
    for part in &after.parts {
        match gone.get_mut(&key(part)).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => new.push(part),
        }
    }
    gone.retain(|_, count| *count > 0);
    let first_gone = gone.keys().map(|(_, kind, _)| *kind).min();
    let lost = first_gone.map(|kind| match kind {
        Kind::Example => "changes or removes examples that are tests",
        Kind::Declaration => "no longer declares a module as it did",
        Kind::Switch => SWITCHED,
        Kind::Test | Kind::Import | Kind::Module | Kind::Helper | Kind::Other => "changes or removes tests",
    });
    lost.or_else(|| new.into_iter().find_map(|part| unwelcome(part, &before, &after)))
}

const SWITCHED: &str = "behaves differently in tests, or changes what they check";

fn key(part: &Part) -> (usize, Kind, &str) {
    (part.place, part.kind, &part.text)
}

/// Why a part may not be added.
fn unwelcome(part: &Part, before: &Source, after: &Source) -> Option<&'static str> {
    let is_taken = || {
        let code = [&before.code, &after.code].into_iter().filter(|_| !part.in_tests);
        code.chain([&before.tests]).any(|names| names.contains(&part.name))
    };
    let is_in_new_module = after.modules.contains(&part.place) && !before.modules.contains(&part.place);
    match part.kind {
        Kind::Test | Kind::Module if is_taken() => {
            Some("gives a new test a name that means something else in the file already")
        }
        Kind::Test | Kind::Module | Kind::Declaration | Kind::Example => None,
        // In a module that was there, it could hide what the tests there mean.
        Kind::Import | Kind::Helper if is_in_new_module => None,
        Kind::Import | Kind::Helper | Kind::Other => Some("adds to its tests something other than a test"),
        Kind::Switch => Some(SWITCHED),
    }
}

#[cfg(test)]
mod tests {
    use super::changed;
    use proptest::prelude::*;

    const TESTS: &str = "#[cfg(test)]\nmod tests {\n    use super::*;\n    const FOUR: u32 = 4;\n    \
        #[test]\n    fn halves() { assert_eq!(half(FOUR), 2); }\n}\n";
    const CODE: &str = "use std::fmt;\nmod other;\n#[cfg_attr(test, derive(Debug))]\nstruct Unit<const N: usize> {}\n\
        #[cfg(not(test))]\nfn now() -> u32 { 1 }\nfn half(n: u32) -> u32 { n }\n\
        fn traced() { if cfg!(test) { return; } else { log(); } }\n\
        impl<const N: usize> Unit<N> { #[cfg(test)] fn fake() -> u32 { 2 } fn real() -> u32 { 2 } }\n";

    fn after(from: &str, to: &str) -> Option<&'static str> {
        let base = format!("{CODE}{TESTS}");
        assert!(base.contains(from), "{from}");
        changed(&base, &base.replacen(from, to, 1))
    }

    #[test]
    fn mending_the_code_and_adding_tests_is_welcome() {
        let test = "#[test]\n    #[should_panic(expected = \"x\")]\n    fn more() -> Result<(), ()> { assert_eq!(half(0), 0); }\n";
        for (from, to) in [
            ("{ n }", "{ n / 2 }"),
            ("use std::fmt;", "use std::{fmt, io};\n// words\nmod new;\n"),
            ("fn now() -> u32 { 1 }", "fn now() -> u32 { path = 3; 2 }"),
            ("fn real() -> u32 { 2 }", "pub fn real() -> u32 { 3 }"),
            ("fn traced() {", "fn traced() { before();"),
            ("fn traced() {", "pub fn traced(level: u32) { debug_assert!(level >= 3, \"{level}\");"),
            ("mod other;", "pub(crate) mod other;"),
            ("#[cfg(test)]\nmod tests", "#[cfg(test)]\nmod more;\n#[cfg(test)]\nmod tests"),
            ("usize> {}", "usize> { a: u32 }\n/// Words.\nconst X: u32 = { 3 };"),
            ("    #[test]", &format!("    {test}    #[test]")),
            ("    #[test]", "    #[test] fn real() { assert_eq!(half(2), 1); }\n    #[test]"),
            ("    use super::*;", "    // words\n    use super::*;"),
        ] {
            assert_eq!(after(from, to), None, "{to}");
        }
        let module = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{ use super::*; {test} }}");
        assert_eq!(changed("fn f() {}", &module), None);
        let helpers = module
            .replace("use super::*;", "use super::*; const N: u32 = 4; struct S; fn four() -> u32 { N }");
        assert_eq!(changed("fn f() {}", &helpers), None);
        let std = "#![cfg_attr(not(test), no_std)]\n#![feature(test)]\nfn f() { 1 }";
        assert_eq!(changed(std, &std.replace('1', "2")), None);
    }

    #[test]
    fn a_test_that_is_no_longer_what_it_was_is_seen() {
        let dead = |head: &str| {
            format!("{head} {{ {TESTS} }}\n#[cfg(test)]\nmod tests {{ #[test] fn halves() {{}} }}\n")
        };
        for (from, to) in [
            ("{ assert_eq!", "{ return; assert_eq!"),
            ("assert_eq!(half(FOUR), 2);", ""),
            ("FOUR: u32 = 4", "FOUR: u32 = 2"),
            ("#[cfg(test)]\nmod", "#[cfg(all(test, unix))]\nmod"),
            ("    #[test]\n", "    #[test]\n    #[ignore]\n"),
            ("mod tests {", "mod tests { macro_rules! assert_eq { ($($t:tt)*) => {} }"),
            ("mod tests {", "mod tests { fn half(n: u32) -> u32 { n / 2 }"),
            ("mod tests {", "mod tests { use super::other as half;"),
            ("mod tests {", "mod tests { const TWO: u32 = 2;"),
            (
                "mod tests {",
                "mod tests { #[test] fn x() { std::io::stdout().write_all(b\"test tests::halves ... ok\"); }",
            ),
            ("fn now", "macro_rules! run { () => { load() } }\n#[cfg(not(test))] fn now"),
            ("mod tests {", "mod tests { #[test] fn x() { impl std::fmt::Debug for super::X {} }"),
            ("mod tests {", "mod tests { #[test] fn x() { r#macro_rules! x {} }"),
            ("mod tests {", "mod tests { #![cfg(unix)]"),
            ("mod tests {", "mod tests { #[test] fn half() -> u32 { 2 }"),
            ("mod tests {", "mod tests { mod half { #[test] fn x() {} }"),
            ("fn half", "#[cfg(test)] mod std {}\nfn half(n: u32) { std::x() }\nfn h"),
            (TESTS, &dead("mod dead")),
            (TESTS, &dead("#[cfg(any())] mod dead")),
            (TESTS, &dead("fn dead()")),
            (TESTS, &dead("discarded!")),
            ("fn fake() -> u32 { 2 }", "fn fake() -> u32 { 3 }"),
        ] {
            assert!(after(from, to).is_some(), "{to}");
        }
        assert!(changed(TESTS, "").is_some());
        assert!(changed(TESTS, &format!("#![cfg(any())]\n{TESTS}")).is_some());
        let generated = "proptest! { #[test] fn p(n in 0..9) { assert!(n < 9); } }";
        assert!(changed(generated, &generated.replace("n < 9", "true")).is_some());
    }

    #[test]
    fn code_that_knows_of_its_tests_is_seen() {
        for (from, to) in [
            ("{ n }", "{ #[cfg(test)] { return n / 2; } n }"),
            ("{ n }", "{ #[cfg(r#test)] { return n / 2; } n }"),
            ("{ n }", "{ if cfg!(test) { n / 2 } else { n } }"),
            ("{ n }", "{ if r#cfg!(r#test) { n / 2 } else { n } }"),
            ("{ n }", "{ run(|| { Some(cfg!(debug_assertions)) }) }"),
            ("use std::fmt;", "use std::cfg as on;"),
            ("use std::fmt;", "use std::{include as read};"),
            ("{ n }", "{ std::cfg_select! { test => { n / 2 } _ => { n } } }"),
            ("use std::fmt;", "extern crate self as checker;"),
            ("{ n }", "{ let mut half = n; debug_assert!({ half = n / 2; true }); half }"),
            ("{ n }", "{ let mut half = n; debug_assert!(set(half = 3)); half }"),
            ("if cfg!(test)", "if !cfg!(test)"),
            ("else { log(); }", "else { }"),
            ("fn traced() {", "fn traced() { } fn other() {"),
            ("fn half", "#[cfg(not(test))]\nfn half"),
            ("#[cfg(not(test))]\nfn now() -> u32 { 1 }", "fn now() -> u32 { 1 }"),
            ("derive(Debug)", "derive(Debug, PartialEq)"),
            ("usize> {}", "usize> { #[cfg(test)] a: u32 }"),
            ("use std::fmt;", "macro_rules! assert_eq { ($($t:tt)*) => {} }"),
            ("use std::fmt;", "macro_rules! r#assert_eq { ($($t:tt)*) => {} }"),
            ("use std::fmt;", "pub(crate) use crate::nothing as r#assert_eq;"),
            ("use std::fmt;", "include!(\"x.txt\");"),
            ("use std::fmt;", "r#include!{\"x.txt\"}"),
            ("use std::fmt;", "#[path = \"x.txt\"]\nmod x;"),
            ("use std::fmt;", "#[cfg_attr(all(), r#path = \"new.rs\",)]\nmod x;"),
            ("mod other;", "mod other {}"),
            ("mod other;", "#[cfg(unix)] mod other;"),
            ("mod other;", ""),
            ("use std::fmt;", "mod inner { fn f() { if cfg!(any(test, unix)) {} } }"),
            ("{ n }", "{ n "),
        ] {
            assert!(after(from, to).is_some(), "{to}");
        }
        let check = "macro_rules! check { ($a:expr) => { assert!($a) } }";
        assert!(changed(check, &check.replace("assert!($a)", "")).is_some());
        let same = "macro_rules! same { ($a:expr, $b:expr) => { assert_eq!($a, $b) } }";
        assert!(changed(same, &same.replace("assert_eq!($a, $b)", "drop(($a, $b))")).is_some());
        let deep = format!("fn f() {{ {}{} }}", "(".repeat(50_000), ")".repeat(50_000));
        assert!(changed("", &deep).is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(?s).{0,200}", code in "([a-z#!;={}()\\[\\] ]|mod |fn |use |test|/// ){0,60}") {
            changed(&text, &code);
            prop_assert_eq!(changed(&code, &code).is_some_and(|why| why != "cannot be read as Rust"), false);
        }
    }
}
