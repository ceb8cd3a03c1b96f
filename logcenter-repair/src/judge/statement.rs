//! The statements of a file that holds tests beside the code: which of them are tests or belong to them, and whether a change
//! leaves these what they were and what they mean.

use std::collections::{HashMap, HashSet};

/// What is between the tests and the code in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A test, or what runs with them.
    Test,
    /// Values, or code that asserts. It belongs to the tests if they alone mention it.
    Aid,
    /// Anything else.
    Code,
}

/// A statement outside of any other.
#[derive(Debug)]
pub(super) struct Statement<'t> {
    pub(super) text: &'t str,
    pub(super) role: Role,
    /// The names in it, but for those after a dot, and how often.
    pub(super) mentions: HashMap<&'t str, usize>,
    /// The names that the file gets from it, each time; `*` for those that cannot be known.
    pub(super) binds: Vec<&'t str>,
    /// Those of them that come from elsewhere, with the place.
    pub(super) imports: Vec<(&'t str, String)>,
    /// The names that it gives something to from within, or to a part of what they stand for: `a` of `a.b = 1`.
    pub(super) alters: Vec<&'t str>,
}

/// A file as its statements.
pub(super) struct File<'t> {
    pub(super) statements: Vec<Statement<'t>>,
    /// Whether all of it could be read, and is read as the language itself does.
    pub(super) is_whole: bool,
}

/// What a language has for tests.
pub(super) struct Rules {
    /// Names that a runner of tests looks for in a file.
    pub(super) looked_for: &'static [&'static str],
    /// Names with which code reaches any other name.
    pub(super) reaching: &'static [&'static str],
}

/// Why the tests of a file are no longer what they were. New ones are welcome.
pub(super) fn changed(before: &File<'_>, after: &File<'_>, rules: &Rules) -> Option<&'static str> {
    if before.statements.iter().all(|statement| statement.role != Role::Test) {
        return None;
    }
    if !before.is_whole || !after.is_whole {
        return Some("holds tests and cannot be read");
    }
    let tests = belonging(&before.statements);
    let mut missing = counted(tests.iter().map(|test| test.text));
    let is_new =
        |statement: &&Statement<'_>| match missing.get_mut(statement.text).filter(|count| **count > 0) {
            Some(count) => {
                *count -= 1;
                false
            }
            None => true,
        };
    let others: Vec<&Statement<'_>> = after.statements.iter().filter(is_new).collect();
    if missing.values().any(|count| *count > 0) {
        return Some("changes or removes tests");
    }
    let mut names: HashSet<&str> = tests.iter().flat_map(|test| test.mentions.keys()).copied().collect();
    names.extend(tests.iter().flat_map(|test| &test.binds));
    names.extend(rules.looked_for.iter().chain(&["*"]));
    let is_changed = bound_otherwise(&names, before, after)
        || reached(&tests, before, after, &others)
        || rules
            .reaching
            .iter()
            .any(|name| mentioned(&after.statements, name) > mentioned(&before.statements, name));
    is_changed.then_some("behaves differently in tests, or changes what they check")
}

/// The tests, and what only they mention.
fn belonging<'f, 't>(statements: &'f [Statement<'t>]) -> Vec<&'f Statement<'t>> {
    let (mut tests, mut rest): (Vec<_>, Vec<_>) =
        statements.iter().partition(|statement| statement.role == Role::Test);
    loop {
        let by_tests: HashSet<&str> = tests.iter().flat_map(|test| test.mentions.keys()).copied().collect();
        let mut by_others: HashMap<&str, usize> = HashMap::new();
        for name in rest.iter().flat_map(|statement| statement.mentions.keys()) {
            *by_others.entry(name).or_default() += 1;
        }
        let (found, left): (Vec<_>, Vec<_>) = rest.into_iter().partition(|statement| {
            let mut binds = statement.binds.iter();
            let is_others = |name: &&str| {
                by_others.get(*name).copied().unwrap_or(0)
                    > usize::from(statement.mentions.contains_key(*name))
            };
            statement.role == Role::Aid
                && binds.clone().any(|name| by_tests.contains(name))
                && !binds.any(is_others)
        });
        rest = left;
        if found.is_empty() {
            return tests;
        }
        tests.extend(found);
    }
}

/// Whether one of the names is bound more or less often, or no longer comes from where it came. Names that no test could be
/// read to mention, since the language takes others for the same, may not be added at all.
fn bound_otherwise(names: &HashSet<&str>, before: &File<'_>, after: &File<'_>) -> bool {
    let bound = |file: &'_ File<'_>| {
        let all = file.statements.iter().flat_map(|statement| &statement.binds);
        counted(all.map(|name| (*name).to_owned()))
    };
    let imports = |file: &File<'_>| -> HashSet<(String, String)> {
        let all = file.statements.iter().flat_map(|statement| &statement.imports);
        let of_tests = all.filter(|(name, _)| names.contains(name));
        of_tests.map(|(name, from)| ((*name).to_owned(), from.clone())).collect()
    };
    let (was, is) = (bound(before), bound(after));
    let is_plain =
        |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_$".contains(letter));
    names.iter().any(|name| was.get(*name) != is.get(*name))
        || is.keys().any(|name| name != "*" && !is_plain(name) && !was.contains_key(name))
        || !imports(before).is_subset(&imports(after))
}

/// Whether code does more with what the tests have for themselves: mentions it, or gives something to a part of it.
fn reached(tests: &[&Statement<'_>], before: &File<'_>, after: &File<'_>, others: &[&Statement<'_>]) -> bool {
    let mentioned: HashSet<&str> = tests.iter().flat_map(|test| test.mentions.keys()).copied().collect();
    let imports = before.statements.iter().flat_map(|statement| &statement.imports);
    let imported = imports.map(|(name, _)| *name).filter(|name| mentioned.contains(name));
    let own: HashSet<&str> = tests.iter().flat_map(|test| &test.binds).copied().chain(imported).collect();
    let of_code = before.statements.iter().filter(|one| !tests.iter().any(|test| std::ptr::eq(*test, *one)));
    let by_code: HashSet<&str> = of_code.flat_map(|statement| statement.mentions.keys()).copied().collect();
    let mut new_code = others.iter().filter(|statement| statement.role != Role::Test);
    let alters = |file: &'_ File<'_>| {
        counted(file.statements.iter().flat_map(|statement| &statement.alters).map(|name| (*name).to_owned()))
    };
    let was = alters(before);
    let is_more =
        |(name, count): (String, usize)| own.contains(&*name) && count > was.get(&name).copied().unwrap_or(0);
    alters(after).into_iter().any(is_more)
        || new_code.any(|one| one.mentions.keys().any(|name| own.contains(name) && !by_code.contains(name)))
}

/// How often a name is mentioned.
fn mentioned(statements: &[Statement<'_>], name: &str) -> usize {
    statements.iter().filter_map(|statement| statement.mentions.get(name)).sum()
}

fn counted<T: std::hash::Hash + Eq>(all: impl Iterator<Item = T>) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}
