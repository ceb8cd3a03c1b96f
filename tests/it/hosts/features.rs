//! Cargo enables the features of a crate for all who use it: what our crates enable, a host gets, too.

use crate::harness::host;
use std::collections::{BTreeMap, BTreeSet};

/// Features that only add items to a crate's interface, and change nothing that a host already sees.
const ADDITIONS: &[(&str, &str)] = &[
    ("form_urlencoded", "default"),
    ("hyper", "server"),
    ("hyper-util", "server"),
    ("hyper-util", "service"),
    ("memchr", "default"),
    ("serde_core", "alloc"),
    ("serde_core", "default"),
    ("serde_core", "result"),
    ("serde_json", "alloc"),
    ("serde_json", "raw_value"),
    ("tower", "make"),
];

/// The features of each package that a host is built from.
fn features(host: &str, features: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut tree = host::cargo("tree");
    tree.args(["--package", host, "--edges", "normal", "--prefix", "none", "--format", "{p}|{f}"]);
    let output = tree.args(["--features", features]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let (package, features) = line.trim_end_matches(" (*)").split_once('|').unwrap();
        let features = features.split(',').filter(|feature| !feature.is_empty()).map(str::to_owned);
        packages.entry(package.to_owned()).or_default().extend(features);
    }
    packages
}

#[test]
fn a_host_sees_no_other_features_with_our_crates_than_without() {
    let (before, after) = (features("tls-host", ""), features("tls-host", "logcenter"));
    assert!(before.len() > 50 && after.len() > before.len(), "{} {}", before.len(), after.len());
    for (package, features) in before.iter().filter(|(package, _)| !package.starts_with("tls-host")) {
        let name = package.split(' ').next().unwrap();
        let now = after.get(package).unwrap_or_else(|| panic!("{package} has another version"));
        let added: Vec<_> =
            now.difference(features).filter(|feature| !ADDITIONS.contains(&(name, feature))).collect();
        assert!(added.is_empty(), "{package} gets {added:?}");
    }
}
