//! What a build knows about its program.

use crate::stack::Stack;

/// Name, version, workspace and commit of a program; created by [`app_info!`](crate::app_info).
///
/// ```
/// use logcenter_client::{AppInfo, app_info};
///
/// let app = AppInfo { name: "shop-worker".into(), ..app_info!() };
/// ```
#[derive(Debug, Clone, Default)]
pub struct AppInfo {
    /// The package's name, which is the project ID unless one is set.
    pub name: String,
    /// The package's version.
    pub version: String,
    /// The absolute path of the workspace it was built in. Paths of its files are reported relative to it.
    pub root: Option<String>,
    /// The commit it was built from.
    pub commit: Option<String>,
    /// The source file that `app_info!` was called in, and the stack of that call. They tell how stack traces spell the
    /// workspace's path, which `--remap-path-prefix` changes.
    pub source: Option<(String, Stack)>,
}

impl AppInfo {
    /// Creates it from what the compiler knows. `file` is a source file of the package, as the compiler names it.
    #[must_use]
    #[inline(never)]
    pub fn from_build(
        name: &str,
        version: &str,
        manifest_folder: &str,
        file: &str,
        commits: &[Option<&str>],
    ) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            root: root(manifest_folder, file),
            source: Some((file.replace('\\', "/"), Stack::here())),
            commit: commits.iter().flatten().find(|commit| !commit.is_empty()).map(|&commit| commit.into()),
        }
    }
}

/// The folder that `file` is relative to, which is the workspace's. It is found where the end of the package's folder
/// matches the start of the file's path.
fn root(manifest_folder: &str, file: &str) -> Option<String> {
    let (folder, file) = (manifest_folder.replace('\\', "/"), file.replace('\\', "/"));
    if file.starts_with('/') {
        return Some(folder);
    }
    let ends = file.match_indices('/').map(|(at, _)| at).collect::<Vec<_>>();
    let shared = ends.iter().rev().find_map(|&at| folder.strip_suffix(&format!("/{}", &file[..at])));
    Some(shared.unwrap_or(&folder).into())
}

/// Name, version, workspace root and commit of the calling package.
///
/// The commit is taken from the environment variable `LOG_CENTER_COMMIT`, `GIT_COMMIT`, `VERGEN_GIT_SHA`, `GITHUB_SHA`
/// or `CI_COMMIT_SHA` when the package is compiled.
///
/// ```
/// let app = logcenter_client::app_info!();
/// assert_eq!(app.name, env!("CARGO_PKG_NAME"));
/// ```
#[macro_export]
macro_rules! app_info {
    () => {
        $crate::AppInfo::from_build(
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
            env!("CARGO_MANIFEST_DIR"),
            file!(),
            &[
                option_env!("LOG_CENTER_COMMIT"),
                option_env!("GIT_COMMIT"),
                option_env!("VERGEN_GIT_SHA"),
                option_env!("GITHUB_SHA"),
                option_env!("CI_COMMIT_SHA"),
            ],
        )
    };
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn the_root_is_what_file_is_relative_to() {
        for (folder, file, expected) in [
            ("/w/app", "src/main.rs", "/w/app"),
            ("/w/app", "app/src/main.rs", "/w"),
            ("/w/crates/app", "crates/app/src/bin/x.rs", "/w"),
            ("C:\\w\\app", "app\\src\\main.rs", "C:/w"),
            ("/w/ext", "/w/ext/src/lib.rs", "/w/ext"),
        ] {
            assert_eq!(root(folder, file).as_deref(), Some(expected), "{folder} {file}");
        }
    }
}
