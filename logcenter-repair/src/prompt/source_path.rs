//! Where a file of a report is in the repository.

use std::collections::BTreeSet;

/// Folders below which no file is the project's own.
const FOREIGN: &[&str] = &[
    "site-packages",
    "dist-packages",
    "node_modules",
    ".cargo",
    ".rustup",
    "registry",
    "rustc",
    "lib-python",
];

/// The path in the repository that a report means: the one that shares the longest ending with it, if there is only one
/// such. A report's path is as its machine had it: in a container, absolute, with a crate's name first, from Windows, a URL.
pub(crate) fn in_repository(reported: &str, paths: &BTreeSet<String>) -> Option<String> {
    let reported = reported.replace('\\', "/");
    // `webpack:///./src/a.ts?1a2b`, `file:///app/a.py`, `https://host/assets/a.js`
    let (is_url, path) =
        reported.split_once("://").map_or((false, reported.as_str()), |(_, rest)| (true, rest));
    let path = if is_url { path.split(['?', '#']).next().unwrap_or_default() } else { path };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    if parts.iter().any(|part| FOREIGN.contains(part)) {
        return None;
    }
    (0..parts.len()).find_map(|from| {
        let ending = parts[from..].join("/");
        if paths.contains(&ending) {
            return Some(Some(ending));
        }
        let below = format!("/{ending}");
        let mut found = paths.iter().filter(|path| path.ends_with(&below));
        match (found.next(), found.next()) {
            (Some(only), None) => Some(Some(only.clone())),
            // Several are as good; a shorter ending would only find more.
            (Some(_), Some(_)) => Some(None),
            (None, _) => None,
        }
    })?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paths(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|&path| path.to_owned()).collect()
    }

    #[test]
    fn paths_of_other_machines_are_found() {
        let all = paths(&[
            "src/lib.rs",
            "apps/users/views.py",
            "apps/shop/views.py",
            "web/src/cart.ts",
            "crates/pay/src/lib.rs",
        ]);
        let rows = [
            ("src/lib.rs", Some("src/lib.rs")),
            ("./src/lib.rs", Some("src/lib.rs")),
            ("/usr/src/app/apps/users/views.py", Some("apps/users/views.py")),
            ("/app/users/views.py", Some("apps/users/views.py")),
            ("C:\\work\\apps\\shop\\views.py", Some("apps/shop/views.py")),
            ("webpack:///./src/cart.ts?a1b2", Some("web/src/cart.ts")),
            ("https://shop.example.com/src/cart.ts", Some("web/src/cart.ts")),
            ("pay/src/lib.rs", Some("crates/pay/src/lib.rs")),
            ("views.py", None),
            ("/srv/other/views.py", None),
            ("/usr/lib/python3.11/site-packages/apps/users/views.py", None),
            ("/root/.cargo/registry/src/x/src/lib.rs", None),
            ("../../etc/passwd", None),
            ("apps/../src/lib.rs", Some("src/lib.rs")),
            ("", None),
            ("/", None),
        ];
        for (reported, expected) in rows {
            assert_eq!(in_repository(reported, &all).as_deref(), expected, "{reported}");
        }
    }

    proptest! {
        #[test]
        fn it_is_always_a_file_of_the_repository(reported in "(?s).{0,60}") {
            let all = paths(&["src/lib.rs", "a/b.py", "c/b.py"]);
            if let Some(found) = in_repository(&reported, &all) {
                prop_assert!(all.contains(&found));
            }
        }

        #[test]
        fn a_prefix_does_not_hide_a_file(prefix in "(/[a-z]{1,8}){0,4}") {
            let all = paths(&["apps/users/views.py", "apps/shop/views.py"]);
            let reported = format!("{prefix}/apps/users/views.py");
            let found = in_repository(&reported, &all);
            prop_assert_eq!(found.as_deref(), Some("apps/users/views.py"));
        }
    }
}
