//! Rules for the source tree.

use crate::harness::program::{files, root};
use logcenter_core::repair::{ArtifactKind, Stage, Verdict};
use logcenter_server::domain::query::Is;
use std::path::PathBuf;
use std::process::Command;

/// Every source file below a folder.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    files(&root().join(folder), "rs")
}

/// Checks that no file in the folder contains any of the words.
fn never(folder: &str, words: &[&str]) {
    for (path, text) in sources(folder) {
        for word in words {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

#[test]
fn crates_depend_on_each_other_one_way() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let allowed = [
        ("logcenter-core", vec![]),
        ("logcenter-client", vec!["logcenter-core"]),
        ("logcenter-macros", vec![]),
        ("logcenter-tower", vec!["logcenter-client", "logcenter-macros", "logcenter-measure"]),
        ("logcenter-panic", vec!["logcenter-client", "logcenter-measure"]),
        ("logcenter-measure", vec![]),
        ("logcenter-server", vec!["logcenter-core", "logcenter-secrets"]),
        ("logcenter-size", vec!["logcenter-client", "logcenter-panic", "logcenter-tower"]),
        ("logcenter-probe", vec!["logcenter-client", "logcenter-panic", "logcenter-tower"]),
        ("logcenter-secrets", vec![]),
        ("logcenter-repair", vec!["logcenter-client", "logcenter-core", "logcenter-secrets"]),
        (
            "logcenter-cli",
            vec![
                "logcenter-client",
                "logcenter-core",
                "logcenter-repair",
                "logcenter-secrets",
                "logcenter-server",
            ],
        ),
        (
            "logcenter-tests",
            vec![
                "logcenter-client",
                "logcenter-core",
                "logcenter-panic",
                "logcenter-server",
                "logcenter-tower",
            ],
        ),
    ];
    let packages = metadata["packages"].as_array().unwrap();
    let is_example =
        |package: &&serde_json::Value| package["manifest_path"].as_str().unwrap().contains("/examples/");
    let (examples, packages): (Vec<_>, Vec<_>) = packages.iter().partition(is_example);
    assert_eq!(packages.len(), allowed.len(), "a new crate needs its line here");
    for example in examples {
        let main = example["targets"][0]["src_path"].as_str().unwrap();
        assert!(
            std::fs::read_to_string(main).unwrap().lines().count() < 100,
            "{main} is too long to be copied"
        );
    }
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let allowed = &allowed.iter().find(|(crate_name, _)| *crate_name == name).unwrap().1;
        for dependency in package["dependencies"].as_array().unwrap() {
            let dependency = dependency["name"].as_str().unwrap();
            assert!(
                !dependency.starts_with("logcenter-") || allowed.contains(&dependency),
                "{name} → {dependency}"
            );
        }
    }
}

#[test]
fn reporting_panics_brings_no_server_along() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "-p", "logcenter-panic", "-e", "normal", "--prefix", "none"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(tree.contains("logcenter-client "), "{tree}");
    for server in ["axum", "logcenter-server", "actix", "tonic", "rusqlite", "openssl-sys", "aws-lc"] {
        assert!(!tree.contains(server), "{tree}");
    }
}

#[test]
fn core_needs_no_standard_library() {
    let lib = std::fs::read_to_string(root().join("logcenter-core/src/lib.rs")).unwrap();
    assert!(lib.contains("#![no_std]"));
    never("logcenter-core/src", &["std::io", "std::time", "extern crate std"]);
}

#[test]
fn nothing_is_unsafe_but_the_walk_of_a_stack() {
    let crates = ["core", "client", "tower", "panic", "server", "secrets", "repair", "cli"]
        .map(|name| format!("logcenter-{name}/src"));
    for (path, text) in crates.iter().flat_map(|folder| sources(folder)) {
        let blocks = text.matches("unsafe {").count();
        assert_eq!(
            blocks,
            usize::from(path.ends_with("logcenter-client/src/stack.rs")),
            "{}",
            path.display()
        );
    }
}

#[test]
fn sql_stays_in_the_store_and_http_out_of_it() {
    let server = "logcenter-server/src";
    for folder in ["api", "dashboard", "domain", "ingest"] {
        never(&format!("{server}/{folder}"), &["rusqlite", "SELECT ", "INSERT INTO", "UPDATE issues"]);
    }
    for folder in ["store", "ingest", "domain"] {
        never(&format!("{server}/{folder}"), &["axum::", "hyper::", "http::"]);
    }
    for (path, text) in sources(&format!("{server}/dashboard")) {
        // Both use the same JSON.
        let text = text.replace("crate::api::view", "");
        assert!(!text.contains("crate::api"), "{} knows the API", path.display());
    }
    never(&format!("{server}/service"), &["axum", "crate::api", "crate::dashboard"]);
    never(&format!("{server}/domain"), &["serde", "utoipa", "tokio", "axum", "crate::store", "std::fs"]);
    never(&format!("{server}/api"), &["crate::dashboard", "store::sqlite"]);
}

#[test]
fn the_server_s_root_holds_the_assembly_the_state_and_the_rooms() {
    let root = root().join("logcenter-server/src");
    let files = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<String> = files
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["lib.rs", "log_center.rs", "state.rs"]);
}

/// A store's files are named after the traits that they implement.
#[test]
fn stores_mirror_the_traits() {
    let store = root().join("logcenter-server/src/store");
    let module = std::fs::read_to_string(store.join("mod.rs")).unwrap();
    let sum = module.split("pub trait Store:").nth(1).unwrap().split('{').next().unwrap();
    let traits: Vec<&str> =
        sum.split('+').map(str::trim).filter(|name| !["Send", "Sync", "'static"].contains(name)).collect();
    assert!(traits.len() >= 8, "{traits:?}");
    for name in traits {
        let file = format!("{}.rs", name.to_lowercase());
        for folder in ["", "sqlite", "conformance"] {
            let text = std::fs::read_to_string(store.join(folder).join(&file)).unwrap_or_default();
            let expected = match folder {
                "" => format!("pub trait {name}"),
                "sqlite" => format!("impl {name} for Sqlite"),
                _ => "pub async fn".to_owned(),
            };
            assert!(text.contains(&expected), "store/{folder}/{file} lacks {expected:?}");
        }
    }
}

#[test]
fn what_is_shipped_is_optimised() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let levels = |profile: &str| -> Vec<String> {
        let begin = format!("[profile.{profile}.package]\n");
        let list = manifest.split(&begin).nth(1).unwrap().split("\n\n").next().unwrap();
        list.lines().map(|line| line.split(".opt-level = ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(
        levels("release"),
        levels("dist"),
        "a profile inherits the levels of packages that it does not name"
    );
    let shipped = manifest.split("[profile.dist.package]\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(shipped.lines().all(|line| line.ends_with("= 3")), "{shipped}");
}

#[test]
fn pages_hold_no_text_and_no_way_around_the_escaper() {
    let server = root().join("logcenter-server");
    let mut said = String::new();
    for (path, template) in files(&server.join("templates"), "html") {
        let long = template.lines().find(|line| line.chars().count() > 160);
        assert_eq!(long, None, "{} has a line of more than 160 characters", path.display());
        for word in ["|safe", "| safe", " style=", "<style", "onclick", "escape none"] {
            assert!(!template.contains(word), "{} holds {word}", path.display());
        }
        // Without tags and expressions, only words of the API, names, and keyboard keys remain.
        let mut text = template.clone();
        for (begin, end) in [("{{", "}}"), ("{%", "%}"), ("<", ">")] {
            while let Some(at) = text.find(begin) {
                let length = text[at..].find(end).unwrap() + end.len();
                text.replace_range(at..at + length, " ");
            }
        }
        let known = [
            "API",
            "Center",
            "Enter",
            "JSON",
            "Log",
            "Markdown",
            "cicd",
            "curl",
            "deployment",
            "j",
            "k",
            "runtime",
            "x",
        ];
        let text = text.replace("aria-current=\"page\"", "");
        for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
            assert!(known.contains(&word), "{}: {word:?} belongs into the catalogues", path.display());
        }
        said.push_str(&template);
    }
    for (path, text) in sources("logcenter-server/src/dashboard") {
        let may = ["page_context.rs", "chart.rs"].iter().any(|file| path.ends_with(file));
        assert!(may || !text.contains("Safe("), "{} marks text as safe", path.display());
        said.push_str(&text);
    }
    let catalogue = std::fs::read_to_string(server.join("locales/en.json")).unwrap();
    let catalogue: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&catalogue).unwrap();
    let words = [
        ("stage", Stage::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>()),
        ("verdict", Verdict::ALL.iter().map(|word| word.as_str()).collect()),
        ("artifact", ArtifactKind::ALL.iter().map(|word| word.as_str()).collect()),
        ("is", Is::ALL.iter().map(|word| word.as_str()).chain(["all", "label"]).collect()),
    ];
    for (group, words) in &words {
        for word in words {
            assert!(catalogue.contains_key(&format!("{group}.{word}")), "{group}.{word} is in no catalogue");
        }
    }
    for key in catalogue.keys() {
        let (group, word) = key.split_once('.').unwrap();
        let of_core = words.iter().any(|(name, words)| *name == group && words.contains(&word));
        let by_word = of_core || ["status", "verb", "source", "sort", "rule", "kind"].contains(&group);
        assert!(by_word || said.contains(&format!("\"{key}\"")), "{key} is said nowhere");
    }
    for begin in [".t(\"", ".with(\""] {
        for rest in said.split(begin).skip(1) {
            let key = rest.split('"').next().unwrap();
            assert!(catalogue.contains_key(key), "{key} is in no catalogue");
        }
    }
}

#[test]
fn no_match_on_a_status_has_a_catch_all() {
    for (path, text) in sources("logcenter-server/src").into_iter().chain(sources("logcenter-core/src")) {
        for block in text.split("match ").skip(1) {
            let head = block.split('{').next().unwrap();
            if head.contains("status") && !head.contains("as_str") && head.len() < 60 {
                let body = block.split("\n    }").next().unwrap();
                assert!(!body.contains("_ =>"), "{}: match {head}", path.display());
            }
        }
    }
}

#[test]
fn files_are_named_for_what_is_in_them_and_can_be_read_in_one_sitting() {
    let crates = ["core", "client", "tower", "panic", "server", "secrets", "repair", "cli"]
        .map(|name| format!("logcenter-{name}"));
    for folder in crates.iter().map(String::as_str).chain(["examples", "tests"]) {
        for (path, text) in sources(folder) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                !["util", "utils", "helper", "helpers", "common", "misc", "manager"].contains(&name),
                "{name}"
            );
            let lines = text.split("#[cfg(test)]").next().unwrap().lines().count();
            assert!(lines <= 420, "{} has {lines} lines", path.display());
        }
    }
}
