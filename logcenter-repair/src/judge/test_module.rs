//! Files that are tests because of how they are declared, whatever their names.

use super::rust::{self, Declared};
use std::collections::BTreeSet;

/// Folders in which each file is a program of its own, with its modules beside it.
const PROGRAMS: [&str; 4] = ["bin", "examples", "benches", "tests"];

/// Those of all files that may declare a file as a module, or one of the modules that it is in, without naming its path.
pub(crate) fn declarers<'a>(path: &str, all: &'a BTreeSet<String>) -> Vec<&'a String> {
    if !path.ends_with(".rs") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut inner = path;
    while let Some((folder, _)) = inner.rsplit_once('/') {
        found.extend(["lib.rs", "main.rs", "mod.rs"].map(|name| all.get(&format!("{folder}/{name}"))));
        found.push(all.get(&format!("{folder}.rs")));
        if is_of_programs(folder) {
            let within = format!("{folder}/");
            let beside = all.range(within.clone()..).take_while(|file| file.starts_with(&within));
            found.extend(beside.filter(|file| !file[within.len()..].contains('/')).map(Some));
        }
        inner = folder;
    }
    found.into_iter().flatten().filter(|file| *file != path && file.ends_with(".rs")).collect()
}

fn is_of_programs(folder: &str) -> bool {
    PROGRAMS.contains(&folder.rsplit('/').next().unwrap_or(folder))
}

/// Whether a file declares another one, or a module that the other one is in, for its tests only.
pub(crate) fn declares_for_tests(declarer: &str, text: &str, path: &str) -> bool {
    let (folder, file) = declarer.rsplit_once('/').unwrap_or(("", declarer));
    let own = declarer.trim_end_matches(".rs");
    let modules = match file {
        "lib.rs" | "main.rs" | "mod.rs" => folder,
        _ if is_of_programs(folder) => folder,
        _ => own,
    };
    rust::for_tests(text).into_iter().any(|Declared { names, path: named }| match named {
        // Within a module of the file, it starts from the folder that this module would have.
        Some(named) => {
            let within = &names[..names.len().saturating_sub(1)];
            let from = if within.is_empty() { folder.to_owned() } else { joined(modules, &within.join("/")) };
            joined(&from, &named) == path
        }
        None => {
            let module = joined(modules, &names.join("/"));
            path.strip_prefix(&module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        }
    })
}

/// A path from a folder, with `.` and `..` followed.
fn joined(folder: &str, path: &str) -> String {
    let mut parts = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_test_if_its_module_or_an_outer_one_is() {
        let text = "#[cfg(test)] mod checks; mod code; mod a { #[cfg(test)] mod b; }";
        for (declarer, path, expected) in [
            ("src/lib.rs", "src/checks.rs", true),
            ("src/lib.rs", "src/checks/mod.rs", true),
            ("src/lib.rs", "src/checks/deep/er.rs", true),
            ("src/lib.rs", "src/a/b.rs", true),
            ("src/shop.rs", "src/shop/checks.rs", true),
            ("src/bin/shop.rs", "src/bin/checks.rs", true),
            ("src/lib.rs", "src/code.rs", false),
            ("src/lib.rs", "src/checksum.rs", false),
            ("src/shop.rs", "src/checks.rs", false),
        ] {
            let all = [declarer, path, "src/other.txt", "src/x/lib.rs"].map(str::to_owned).into();
            assert!(declarers(path, &all).contains(&&declarer.to_owned()) || !expected, "{declarer} {path}");
            assert_eq!(declares_for_tests(declarer, text, path), expected, "{declarer} {path}");
        }
        assert!(declarers("a.py", &["lib.rs".to_owned()].into()).is_empty());
    }

    #[test]
    fn a_declaration_may_name_any_file() {
        for (declarer, text, path) in [
            ("src/lib.rs", "#[cfg(test)] #[path = \"x/y.rs\"] mod z;", "src/x/y.rs"),
            ("src/shop.rs", "#[cfg(test)] #[path = \"../checks/./z.rs\"] mod z;", "checks/z.rs"),
            ("src/shop.rs", "mod a { #[cfg(test)] #[path = \"z.rs\"] mod z; }", "src/shop/a/z.rs"),
        ] {
            assert!(declares_for_tests(declarer, text, path), "{path}");
        }
    }
}
