//! The files of a crate have no cyclic dependencies. A file depends on the items it names, with `use` or by path.

use crate::harness::program::files;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A crate's modules by path (`store::sqlite`), each with its source up to the tests.
fn modules(source: &Path) -> BTreeMap<String, String> {
    let mut modules = BTreeMap::new();
    for (path, text) in files(source, "rs") {
        let inner = path.strip_prefix(source).unwrap().with_extension("");
        let mut parts: Vec<String> = inner.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        match parts.last().map(String::as_str) {
            Some("tests") => continue,
            Some("mod" | "lib" | "main") => drop(parts.pop()),
            _ => {}
        }
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        modules.insert(parts.join("::"), code.join("\n"));
    }
    modules
}

/// Every path in a tree such as `a::{b, c::{d, e as f}}`; returns where the tree ends.
fn tree(prefix: &str, text: &str, paths: &mut Vec<String>) -> usize {
    let mut at = 0;
    let mut name = prefix.to_owned();
    while at < text.len() {
        let rest = &text[at..];
        let first = rest.chars().next().unwrap();
        if rest.starts_with("::") {
            name.push_str("::");
            at += 2;
        } else if first == '{' && (name.is_empty() || name.ends_with("::")) {
            at += 1;
            loop {
                at += text[at..].len() - text[at..].trim_start().len();
                at += tree(&name, &text[at..], paths);
                at += text[at..].len() - text[at..].trim_start().len();
                match text[at..].chars().next() {
                    Some(',') => at += 1,
                    Some('}') => return at + 1,
                    _ => return at,
                }
            }
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            name.push_str(&rest[..length]);
            at += length;
            if rest[length..].starts_with(" as ") {
                let alias = &rest[length + 4..];
                at += 4 + alias.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(alias.len());
            }
        } else if first == '*' && (name.is_empty() || name.ends_with("::")) {
            at += 1;
        } else {
            break;
        }
    }
    if name != prefix {
        paths.push(name.trim_end_matches("::").to_owned());
    }
    at.max(1)
}

/// The crate paths that a module names, from the crate's root.
fn named(module: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, base) in [("crate::", Some("")), ("super::", None), ("self::", Some(module))] {
        let mut from = 0;
        while let Some(at) = text[from..].find(start).map(|at| at + from) {
            from = at + start.len();
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let (mut rest, mut up) = (&text[from..], 1);
            while base.is_none() && rest.starts_with("super::") {
                rest = &rest["super::".len()..];
                up += 1;
            }
            let base = base.map_or_else(
                || {
                    let parts: Vec<&str> = module.split("::").collect();
                    parts[..parts.len().saturating_sub(up)].join("::")
                },
                str::to_owned,
            );
            let mut paths = Vec::new();
            let prefix = if base.is_empty() { String::new() } else { format!("{base}::") };
            tree(&prefix, rest, &mut paths);
            found.extend(paths);
        }
    }
    found
}

/// The children that a module re-exports: name → path.
fn passed_on(module: &str, text: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for start in ["pub use ", "pub(crate) use ", "pub(super) use "] {
        for statement in text.split(start).skip(1) {
            let statement = statement.split(';').next().unwrap();
            let (base, statement) = match statement.strip_prefix("crate::") {
                Some(rest) => ("", rest),
                None => (module, statement.trim_start_matches("self::")),
            };
            let prefix = if base.is_empty() { String::new() } else { format!("{base}::") };
            let mut paths = Vec::new();
            tree(&prefix, statement, &mut paths);
            for path in paths {
                names.insert(path.rsplit("::").next().unwrap().to_owned(), path);
            }
        }
    }
    names
}

/// The file that defines the item at a path, re-exported or not.
fn file_of(path: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    let mut path = path.to_owned();
    for _ in 0..8 {
        let parts: Vec<&str> = path.split("::").collect();
        let depth = (0..=parts.len()).rev().find(|&n| modules.contains_key(&parts[..n].join("::")))?;
        let module = parts[..depth].join("::");
        let Some(next) = parts.get(depth) else { return Some(module) };
        let Some(elsewhere) = passed_on(&module, &modules[&module]).get(*next).cloned() else {
            return Some(module);
        };
        path = [vec![elsewhere.as_str()], parts[depth + 1..].to_vec()].concat().join("::");
    }
    None
}

/// The files of a dependency cycle, if there is one.
fn circle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn visit(
        at: &str,
        edges: &BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(begin) = way.iter().position(|one| one == at) {
            return Some(way[begin..].to_vec());
        }
        if done.contains(at) {
            return None;
        }
        way.push(at.to_owned());
        for next in edges.get(at).into_iter().flatten() {
            if let Some(found) = visit(next, edges, way, done) {
                return Some(found);
            }
        }
        way.pop();
        done.insert(at.to_owned());
        None
    }
    let mut done = BTreeSet::new();
    edges.keys().find_map(|at| visit(at, edges, &mut Vec::new(), &mut done))
}

fn edges(modules: &BTreeMap<String, String>) -> BTreeMap<String, BTreeSet<String>> {
    let mut edges = BTreeMap::new();
    for (module, text) in modules {
        // A re-export counts as a dependency of the modules that use it.
        let is_statement = |line: &str| line.starts_with("pub use ") || line.starts_with("pub(crate) use ");
        let own: Vec<&str> =
            text.split_inclusive(';').filter(|part| !is_statement(part.trim_start())).collect();
        let named = named(module, &own.concat());
        let files = named.iter().filter_map(|path| file_of(path, modules)).filter(|file| file != module);
        edges.insert(module.clone(), files.collect());
    }
    edges
}

#[test]
fn a_circle_is_found() {
    let modules = |files: &[(&str, &str)]| {
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>()
    };
    let direct = modules(&[("", ""), ("a", "use crate::b::B;"), ("b", "use super::{a::{self, A}};")]);
    assert!(circle(&edges(&direct)).is_some());
    let passed = modules(&[
        ("", ""),
        ("room", "mod a;\nmod b;\npub(crate) use a::A;"),
        ("room::a", "use super::b::B;"),
        ("room::b", "fn f() -> crate::room::A {}"),
    ]);
    assert!(circle(&edges(&passed)).is_some());
    let below = modules(&[
        ("", "mod room;\nuse room::A;"),
        ("room", "mod a;\nmod b;\npub(crate) use a::A;"),
        ("room::a", "use super::b::B;"),
        ("room::b", "struct B;"),
    ]);
    assert_eq!(edges(&below)["room::a"], BTreeSet::from(["room::b".to_owned()]));
    assert!(circle(&edges(&below)).is_none());
}

#[test]
fn no_crate_has_a_circle_of_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for name in ["core", "client", "tower", "panic", "server", "repair", "cli"] {
        let modules = modules(&root.join(format!("logcenter-{name}/src")));
        assert!(modules.len() > 2, "{name}");
        if let Some(circle) = circle(&edges(&modules)) {
            found.push(format!("{name}: {}", circle.join(" → ")));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
