//! Which files and functions belong to libraries or to a language.

use crate::path::canonical;
use alloc::string::String;

/// Beginnings of files of libraries and languages.
const BEGINNINGS: &[&str] = &[
    "std:",
    "dep:",
    "node:",
    "internal/",
    "dart:",
    "package:flutter/",
    "packages/flutter/",
    "org-dartlang-",
    "<frozen",
    "<internal:",
    "<anonymous>",
    "[native code]",
    "/usr/lib/",
    "/_/src/",
    "chrome-extension://",
    "moz-extension://",
    "safari-web-extension://",
    "webpack/",
];

/// Parts of paths of libraries and languages.
const PARTS: &[&str] = &[
    "/usr/local/go/src/",
    "/program files/go/src/",
    "/pkg/mod/",
    "site-packages/",
    "dist-packages/",
    "node_modules/",
    "/lib/python3",
    "/.pub-cache/",
    "/vendor/",
    "/gems/",
    "/lib/ruby/",
    "/dart-sdk/",
];

/// Hosts that serve libraries to browsers.
const HOSTS: &[&str] = &[
    "unpkg.com",
    "esm.sh",
    "esm.run",
    "cdnjs.cloudflare.com",
    "ajax.googleapis.com",
    "code.jquery.com",
    "cdn.",
];

/// Packages of languages and of well-known frameworks whose frames name no folder.
const PACKAGES: &[&str] = &[
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "dalvik.",
    "android.",
    "androidx.",
    "com.android.",
    "kotlin.",
    "kotlinx.",
    "org.springframework.",
    "org.apache.",
    "io.netty.",
    "System.",
    "Microsoft.",
];

/// Whether a file belongs to a library or to the language itself.
///
/// ```
/// use logcenter_core::stack::is_library_file;
///
/// assert!(is_library_file("/root/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go"));
/// assert!(!is_library_file("/srv/shop/pay.go"));
/// ```
#[must_use]
pub fn is_library_file(file: &str) -> bool {
    let file: String = file.replace('\\', "/");
    let lower = file.to_ascii_lowercase();
    BEGINNINGS.iter().any(|begin| lower.starts_with(begin))
        || PARTS.iter().any(|part| lower.contains(part))
        || lower.contains("/python3") && lower.contains("/lib/")
        || is_served_library(&lower)
        || file.split('/').any(is_versioned)
        || ["std:", "dep:"].iter().any(|begin| canonical(&file, None).text.starts_with(begin))
}

/// Whether a URL is that of a library's own server.
fn is_served_library(file: &str) -> bool {
    let Some((_, rest)) = file.split_once("://") else { return false };
    HOSTS.iter().any(|host| rest.starts_with(host))
}

/// `gin@v1.9.1`, `vue@3`
fn is_versioned(part: &str) -> bool {
    part.rsplit_once('@').is_some_and(|(name, version)| {
        let version = version.trim_start_matches('v');
        !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// Whether a frame calls a function of a language or of a well-known framework, in languages whose frames name no folder:
/// `at kotlinx.coroutines.DispatchedTask.run(DispatchedTask.kt:106)`.
///
/// ```
/// use logcenter_core::stack::is_library_function;
///
/// assert!(is_library_function("   at System.Linq.Enumerable.First[T](IEnumerable`1 source)"));
/// assert!(!is_library_function("\tat com.shop.Cart.total(Cart.java:12)"));
/// ```
#[must_use]
pub fn is_library_function(line: &str) -> bool {
    let Some(frame) = line.trim_start().strip_prefix("at ") else { return false };
    let call = frame.split(['(', ' ']).next().unwrap_or(frame);
    // `java.base/java.lang.Thread.run`
    let call = call.rsplit_once('/').map_or(call, |(_, call)| call);
    PACKAGES.iter().any(|package| call.starts_with(package))
}
