//! Canonical spelling of source file paths, wherever and however the program was built.
//!
//! For clients: `file_path` goes into the fingerprint exactly as sent, so the same line must have the same path in
//! every build. The server never rewrites a path.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Version of the rules below. Clients send it along (`context.path_rules`), so that a later change of the rules can
/// be told apart from a moved file.
pub const PATH_RULES: u32 = 2;

/// Longest canonical path, in bytes. The tail is kept, because it contains the file name.
pub const MAX_BYTES: usize = 512;

/// A path in its canonical spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalPath {
    /// The path: `src/main.rs`, `dep:serde/src/lib.rs`, `std:core/src/option.rs`.
    pub text: String,
    /// Whether the file belongs to the application itself.
    pub in_app: bool,
}

/// Returns the canonical spelling of `path`. `root` is the absolute path of the workspace that was built, if known.
///
/// ```
/// use logcenter_core::path::canonical;
/// let path = canonical("/home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/serde-1.0.0/src/lib.rs", None);
/// assert_eq!((path.text.as_str(), path.in_app), ("dep:serde/src/lib.rs", false));
/// assert!(canonical("./app/../app/src/main.rs", None).in_app);
/// ```
#[must_use]
pub fn canonical(path: &str, root: Option<&str>) -> CanonicalPath {
    let path = lexical(path);
    let rootless = root.and_then(|root| {
        let root = lexical(root);
        path.strip_prefix(root.as_str())?.strip_prefix('/').map(str::to_owned)
    });
    if let Some(inside) = rootless {
        let vendored = vendored(&inside);
        return finish(vendored.as_deref().unwrap_or(&inside), vendored.is_none());
    }
    for rule in [standard_library, registry, git_checkout, vendored] {
        if let Some(text) = rule(&path) {
            return finish(&text, false);
        }
    }
    if let Some(text) = root.and_then(|root| beside(&path, &lexical(root))) {
        return finish(&text, true);
    }
    finish(&path, !is_absolute(&path))
}

/// How far above the workspace its own sources may lie.
const LEVELS: usize = 3;

/// The sources of a path dependency outside the workspace, relative to it: `/w/lib/src/x.rs` below the root `/w/app` is
/// `../lib/src/x.rs`.
fn beside(path: &str, root: &str) -> Option<String> {
    if !is_absolute(path) || !path.ends_with(".rs") {
        return None;
    }
    let (mut rest, mut shared) = (path.trim_start_matches('/'), root.trim_start_matches('/'));
    while let (Some((one, after)), Some((other, below))) =
        (rest.split_once('/'), shared.split_once('/').or(Some((shared, ""))))
    {
        if one != other {
            break;
        }
        (rest, shared) = (after, below);
    }
    let levels = shared.split('/').filter(|part| !part.is_empty()).count();
    (1..=LEVELS).contains(&levels).then(|| format!("{}{rest}", "../".repeat(levels)))
}

/// Replaces `\` with `/`, and removes `.` and, where the parent is known, `..`.
fn lexical(path: &str) -> String {
    let slashed: Cow<'_, str> =
        if path.contains('\\') { path.replace('\\', "/").into() } else { path.into() };
    let mut parts: Vec<&str> = Vec::new();
    for part in slashed.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if slashed.starts_with('/') { format!("/{joined}") } else { joined }
}

fn is_absolute(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    path.starts_with('/') || drive
}

/// `/rustc/<hash>/library/rest` and `…/lib/rustlib/src/rust/library/rest` → `std:rest`. The first may lack its leading
/// slash, because a backtrace printed with `/` as the current directory shows it as relative.
fn standard_library(path: &str) -> Option<String> {
    let built = || {
        let rest = path.strip_prefix('/').unwrap_or(path).strip_prefix("rustc/")?;
        let (hash, rest) = rest.split_once('/')?;
        is_hex(hash, 40).then_some(())?;
        rest.strip_prefix("library/")
    };
    let installed = || Some(path.split_once("lib/rustlib/src/rust/library/")?.1);
    built().or_else(installed).map(|rest| format!("std:{rest}"))
}

/// `…/registry/src/<index>-<16 hex>/<crate>-<version>/rest` → `dep:<crate>/rest`
fn registry(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("registry/src/")?;
    let (index, rest) = rest.split_once('/')?;
    let (_, hash) = index.rsplit_once('-')?;
    is_hex(hash, 16).then_some(())?;
    let (package, rest) = rest.split_once('/')?;
    Some(format!("dep:{}/{rest}", without_version(package)))
}

/// `…/git/checkouts/<repo>-<16 hex>/<revision>/rest` → `dep:<repo>/rest`
fn git_checkout(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("git/checkouts/")?;
    let (checkout, rest) = rest.split_once('/')?;
    let (repository, hash) = checkout.rsplit_once('-')?;
    is_hex(hash, 16).then_some(())?;
    let (_revision, rest) = rest.split_once('/')?;
    Some(format!("dep:{repository}/{rest}"))
}

/// `…/vendor/<crate>/rest` → `dep:<crate>/rest`
fn vendored(path: &str) -> Option<String> {
    let rest = path.strip_prefix("vendor/").or_else(|| Some(path.split_once("/vendor/")?.1))?;
    let (package, rest) = rest.split_once('/')?;
    Some(format!("dep:{}/{rest}", without_version(package)))
}

/// `tokio-util-0.7.1-rc.1` → `tokio-util`
fn without_version(package: &str) -> &str {
    let version = package.match_indices('-').find(|(at, _)| {
        package[at + 1..].starts_with(|c: char| c.is_ascii_digit()) && package[at + 1..].contains('.')
    });
    version.map_or(package, |(at, _)| &package[..at])
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn finish(text: &str, in_app: bool) -> CanonicalPath {
    let start = text.len().saturating_sub(MAX_BYTES);
    let start = (start..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    CanonicalPath { text: text[start..].into(), in_app }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule() {
        const HASH: &str = "0123456789abcdef0123456789abcdef01234567";
        let std = format!("/rustc/{HASH}/library/core/src/option.rs");
        let std_relative = format!("./rustc/{HASH}/library/core/src/option.rs");
        let root = Some("/build/ws");
        let rows = [
            ("app/src/main.rs", None, "app/src/main.rs", true),
            (".\\app\\src\\main.rs", None, "app/src/main.rs", true),
            ("./app/./src/../src/main.rs", None, "app/src/main.rs", true),
            ("../other/src/lib.rs", None, "../other/src/lib.rs", true),
            ("/build/ws/app/src/main.rs", root, "app/src/main.rs", true),
            ("/build/ws2/app/src/main.rs", root, "../ws2/app/src/main.rs", true),
            ("/other/lib/src/x.rs", Some("/build/ws"), "../../other/lib/src/x.rs", true),
            ("/other/lib/src/x.rs", Some("/a/b/c/d"), "/other/lib/src/x.rs", false),
            ("/other/lib/src/x.c", root, "/other/lib/src/x.c", false),
            ("/build/ws/vendor/serde/src/lib.rs", root, "dep:serde/src/lib.rs", false),
            ("vendor/serde-1.0.2/src/lib.rs", None, "dep:serde/src/lib.rs", false),
            (
                "/h/.cargo/registry/src/i-0123456789abcdef/a-b-0.7.1-rc.1/src/x.rs",
                None,
                "dep:a-b/src/x.rs",
                false,
            ),
            (
                "/h/.cargo/git/checkouts/my-repo-0123456789abcdef/1a2b3c4/src/x.rs",
                None,
                "dep:my-repo/src/x.rs",
                false,
            ),
            (std.as_str(), None, "std:core/src/option.rs", false),
            (std_relative.as_str(), None, "std:core/src/option.rs", false),
            ("/t/lib/rustlib/src/rust/library/std/src/io.rs", None, "std:std/src/io.rs", false),
            ("C:\\work\\src\\main.rs", None, "C:/work/src/main.rs", false),
            ("Src/Main.rs", None, "Src/Main.rs", true),
        ];
        for (path, root, text, in_app) in rows {
            assert_eq!(canonical(path, root), CanonicalPath { text: text.into(), in_app }, "{path}");
        }
    }

    #[test]
    fn long_paths_keep_their_tail() {
        let path = format!("{}/最后.rs", "目录/".repeat(300));
        let short = canonical(&path, None).text;
        assert!(short.len() <= MAX_BYTES && short.ends_with("最后.rs"));
    }
}
