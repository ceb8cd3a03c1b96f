//! Files that are tests because of how they are declared, whatever their names.

use super::rust::{self, Declared};

/// The files that may declare a file as a module, or one of the modules that it is in.
pub(crate) fn declarers(path: &str) -> Vec<String> {
    if !path.ends_with(".rs") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut folder = path;
    while let Some((outer, _)) = folder.rsplit_once('/') {
        found.extend(["lib.rs", "main.rs", "mod.rs"].map(|name| format!("{outer}/{name}")));
        found.push(format!("{outer}.rs"));
        folder = outer;
    }
    found.retain(|file| file != path);
    found
}

/// Whether a file declares another one, or a module that the other one is in, for its tests only.
pub(crate) fn declares_for_tests(declarer: &str, text: &str, path: &str) -> bool {
    let (folder, file) = declarer.rsplit_once('/').unwrap_or(("", declarer));
    let modules = match file {
        "lib.rs" | "main.rs" | "mod.rs" => folder,
        _ => declarer.trim_end_matches(".rs"),
    };
    rust::for_tests(text).into_iter().any(|Declared { names, path: own }| match own {
        Some(own) => format!("{folder}/{own}") == path,
        None => {
            let module = format!("{modules}/{}", names.join("/"));
            path.strip_prefix(&module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        }
    })
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
            ("src/lib.rs", "src/code.rs", false),
            ("src/lib.rs", "src/checksum.rs", false),
            ("src/shop.rs", "src/checks.rs", false),
        ] {
            assert!(declarers(path).contains(&declarer.to_owned()) || !expected, "{declarer} {path}");
            assert_eq!(declares_for_tests(declarer, text, path), expected, "{declarer} {path}");
        }
        assert!(declares_for_tests("src/lib.rs", "#[cfg(test)] #[path = \"x/y.rs\"] mod z;", "src/x/y.rs"));
        assert!(declarers("a.py").is_empty());
    }
}
