//! The modules of a file that exist for tests only, and lie in files of their own.

use super::attribute::Attribute;
use super::items::{declared, items, module};
use proc_macro2::TokenStream;

/// `mod name;` in a file, within modules of the file.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Declared {
    /// The modules that it is in, and its own name.
    pub(in super::super) names: Vec<String>,
    /// Its file, if the declaration says so.
    pub(in super::super) path: Option<String>,
}

/// What a file declares for its tests; nothing if it cannot be read.
pub(in super::super) fn for_tests(text: &str) -> Vec<Declared> {
    let mut found = Vec::new();
    if let Some(tokens) = super::tokens(text) {
        walk(tokens, &[], false, &mut found);
    }
    found
}

fn walk(contents: TokenStream, within: &[String], in_tests: bool, found: &mut Vec<Declared>) {
    let in_tests = in_tests || Attribute::of_contents(&contents).iter().any(Attribute::is_for_tests);
    for item in items(contents) {
        let (attributes, rest) = Attribute::split(&item);
        let in_tests = in_tests || attributes.iter().any(Attribute::is_for_tests);
        let names = |name| within.iter().cloned().chain([name]).collect::<Vec<_>>();
        if let Some((name, contents)) = module(rest) {
            walk(contents, &names(name), in_tests, found);
        } else if let Some(name) = declared(rest).filter(|_| in_tests) {
            let path =
                attributes.iter().find(|attribute| attribute.name() == "path").and_then(Attribute::value);
            found.push(Declared { names: names(name), path });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_for_tests_are_known_by_their_declaration() {
        let text = "mod code;\n#[cfg(test)] mod checks;\nmod a { #[cfg(all(test, unix))] #[path = \"x/y.rs\"] pub mod b; }\n\
                    #[cfg(not(test))] mod c;\n#[cfg(test)] mod d { mod e; }";
        let one = |names: &[&str], path: Option<&str>| Declared {
            names: names.iter().map(ToString::to_string).collect(),
            path: path.map(Into::into),
        };
        assert_eq!(
            for_tests(text),
            [one(&["checks"], None), one(&["a", "b"], Some("x/y.rs")), one(&["d", "e"], None)]
        );
    }
}
