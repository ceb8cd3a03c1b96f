//! What a change must not touch, whatever the tests say.

use super::added_line;
use super::test_file::is_test;
use crate::config::Limits;
use crate::git::Changed;
use logcenter_secrets::Secrets;

/// What decides.
pub(crate) struct Rules<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) secrets: &'a Secrets,
    /// The words of the commands that judge: files among them are out of bounds.
    pub(crate) judges: &'a [&'a String],
}

/// Folders that decide what runs elsewhere: in pipelines, in editors, in git, in coding agents.
const FOLDERS: &[&str] = &[
    ".github",
    ".gitea",
    ".forgejo",
    ".gitlab",
    ".circleci",
    ".buildkite",
    ".woodpecker",
    ".drone",
    ".husky",
    ".githooks",
    ".git",
    ".cargo",
    ".claude",
    ".codex",
    ".cursor",
    ".aider",
    ".gemini",
    ".devcontainer",
    ".semaphore",
    ".config",
    ".vscode",
    ".idea",
    ".mvn",
    "node_modules",
    ".venv",
    "venv",
];

/// Files that do, with what builds and installs the project. A `*` stands for anything.
const FILES: &[&str] = &[
    ".gitlab-ci.yml",
    ".woodpecker.y*",
    ".drone.y*",
    ".travis.yml",
    "azure-pipelines*",
    "jenkinsfile*",
    "bitbucket-pipelines*",
    ".gitmodules",
    ".gitattributes",
    ".gitconfig",
    ".pre-commit-config*",
    "lefthook*",
    ".mcp.json",
    "claude*.md",
    "agents*.md",
    "gemini.md",
    ".cursorrules",
    ".aider*",
    "copilot-instructions.md",
    "skill.md",
    "dockerfile*",
    "containerfile*",
    "docker-compose*",
    "compose.y*",
    "makefile",
    "gnumakefile",
    "justfile",
    "taskfile*",
    "cmakelists.txt",
    "build.rs",
    "cargo.toml",
    "cargo.lock",
    "rust-toolchain*",
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    ".npmrc",
    ".yarnrc*",
    ".pnpmfile*",
    "binding.gyp",
    "jest.config*",
    "vitest.config*",
    "setup.py",
    "setup.cfg",
    "pyproject.toml",
    "tox.ini",
    "noxfile.py",
    "pytest.ini",
    ".coveragerc",
    "conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "unittest.py",
    "pytest.py",
    "_pytest*",
    "doctest.py",
    "*.pth",
    "requirements*.txt",
    "pipfile*",
    "poetry.lock",
    "uv.lock",
    "go.mod",
    "go.sum",
    "gemfile*",
    "rakefile",
    "build.gradle*",
    "settings.gradle*",
    "gradlew*",
    "gradle-wrapper*",
    "gradle.properties",
    "pom.xml",
    ".mocharc*",
    "babel.config*",
    ".babelrc*",
    "vite.config*",
    "webpack.config*",
    "rollup.config*",
    "karma.conf*",
    "playwright.config*",
    "cypress.config*",
    "eslint.config*",
    ".eslintrc*",
    "tsconfig*.json",
    "nextest.toml",
    "composer.*",
    "phpunit.xml*",
    "pubspec.*",
    "*.csproj",
    "*.fsproj",
    "*.sln",
    "directory.build.*",
    "nuget.config",
    "build.sbt",
    "mix.exs",
    "*.cmake",
    "meson.build",
    "build.bazel",
    "workspace.bazel",
    "*.bzl",
    "*.tf",
    "flake.nix",
    "deno.json*",
    "bunfig.toml",
    "appveyor.yml",
    "cloudbuild.y*",
    "codemagic.y*",
    ".envrc",
    ".env*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "id_rsa*",
    "id_ed25519*",
    ".netrc",
    ".pypirc",
    ".tool-versions",
    "mise.toml",
];

/// Every reason why a change is refused; none if it may be judged by the tests. `diff` is the whole change as text.
pub(crate) fn guard(changes: &[Changed], diff: &str, rules: &Rules<'_>) -> Vec<String> {
    let mut reasons: Vec<String> = changes.iter().filter_map(of_file).collect();
    let (files, lines) = (changes.len(), changes.iter().filter_map(|changed| changed.lines));
    let lines =
        lines.fold(0_usize, |sum, (added, removed)| sum.saturating_add(added).saturating_add(removed));
    if files > rules.limits.files {
        reasons.push(format!("it changes {files} files, and may change {}", rules.limits.files));
    }
    if lines > rules.limits.lines {
        reasons.push(format!("it changes {lines} lines, and may change {}", rules.limits.lines));
    }
    if rules.secrets.holds_one(diff) {
        reasons.push("it holds a secret".into());
    }
    let is_judge =
        |changed: &&Changed| rules.judges.iter().any(|word| word.trim_start_matches("./") == changed.path);
    let judges = changes.iter().filter(is_judge);
    reasons.extend(judges.map(|changed| format!("{} is part of the command that judges it", changed.path)));
    let (mut path, mut in_hunk) = ("", false);
    for line in diff.lines() {
        if line.starts_with("diff --git ") {
            in_hunk = false;
        } else if line.starts_with("@@ ") {
            in_hunk = true;
        } else if let Some(name) = line.strip_prefix("+++ ").filter(|_| !in_hunk) {
            // git ends a name that holds a blank with a tab.
            path = name.strip_prefix("b/").unwrap_or(name).trim_end_matches('\t');
        } else if let Some(added) = line.strip_prefix('+') {
            reasons.extend(added_line::refused(path, added));
        }
    }
    reasons
}

fn of_file(changed: &Changed) -> Option<String> {
    let (path, [before, after]) = (&changed.path, &changed.modes);
    if path.contains('\u{FFFD}') || path.chars().any(|character| character.is_control() || character == '\\')
    {
        return Some(format!("{path:?} is no name for a file"));
    }
    if [before, after].iter().any(|mode| matches!(mode.as_str(), "120000" | "160000")) {
        return Some(format!("{path} is a link or a submodule"));
    }
    if !changed.is_new() && !changed.is_deleted() && before != after {
        return Some(format!("{path} changes who may run it"));
    }
    if changed.is_new() && after == "100755" {
        return Some(format!("{path} would be a new program"));
    }
    if changed.lines.is_none() {
        return Some(format!("{path} is not a text"));
    }
    if changed.is_deleted() && is_test(path) {
        return Some(format!("it deletes the test {path}"));
    }
    decides(path).then(|| format!("{path} decides what runs elsewhere, or how the project is built"))
}

/// Whether a path is one of those above, however it is spelt.
fn decides(path: &str) -> bool {
    let path = path.to_lowercase();
    let mut parts: Vec<&str> = path.split('/').map(|part| part.trim_end_matches(['.', ' '])).collect();
    let file = parts.pop().unwrap_or_default();
    let is_named = |pattern: &&str| match pattern.split_once('*') {
        Some((beginning, ending)) => file.starts_with(beginning) && file.ends_with(ending),
        None => file == *pattern,
    };
    parts.iter().chain([&file]).any(|part| FOLDERS.contains(part)) || FILES.iter().any(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn changed(path: &str) -> Changed {
        Changed::of(path, ["100644", "100644"], Some((1, 1)))
    }

    fn reasons(changes: &[Changed], diff: &str) -> Vec<String> {
        let secrets = Secrets::with_values(["s3cr3t-value".to_owned()].into_iter()).unwrap();
        let judge = "tools/verify.py".to_owned();
        let judges = [&judge];
        guard(changes, diff, &Rules { limits: &Limits::default(), secrets: &secrets, judges: &judges })
    }

    #[test]
    fn a_small_change_of_the_code_passes() {
        let diff = "--- a/src/lib.rs\n+++ b/src/lib.rs\n-a\n+b\n";
        assert_eq!(reasons(&[changed("src/lib.rs"), changed("docs/skip.md")], diff), Vec::<String>::new());
        let new_test = Changed::of("tests/new.rs", ["000000", "100644"], Some((9, 0)));
        assert_eq!(reasons(&[new_test], "+++ b/tests/new.rs\n+#[test]\n"), Vec::<String>::new());
    }

    #[test]
    fn what_runs_elsewhere_is_out_of_bounds() {
        for path in [
            ".github/workflows/ci.yml",
            ".GitHub/workflows/ci.yml",
            "sub/.gitea/workflows/x.yml",
            "Makefile",
            "build.rs",
            "crates/a/build.rs",
            ".cargo/config.toml",
            "package.json",
            "CLAUDE.md",
            "sub/AGENTS.md",
            ".mcp.json",
            "Dockerfile.prod",
            "conftest.py",
            "x/sitecustomize.py",
            "a.pth",
            ".env.production",
            "keys/server.pem",
            ".gitattributes",
            ".gitmodules",
            ".husky/pre-commit",
            "node_modules/x/index.js",
            "Cargo.toml",
        ] {
            assert_eq!(reasons(&[changed(path)], "").len(), 1, "{path}");
        }
    }

    #[test]
    fn what_judges_is_out_of_bounds() {
        assert!(reasons(&[changed("tools/verify.py")], "")[0].contains("judges"));
    }

    #[test]
    fn what_is_no_text_or_too_much_is_refused() {
        let rows = [
            (Changed::of("a", ["000000", "120000"], Some((1, 0))), "link"),
            (Changed::of("a", ["160000", "160000"], Some((1, 1))), "submodule"),
            (Changed::of("a.sh", ["100644", "100755"], Some((0, 0))), "who may run it"),
            (Changed::of("a.sh", ["000000", "100755"], Some((1, 0))), "new program"),
            (Changed::of("a.png", ["000000", "100644"], None), "not a text"),
            (Changed::of("tests/a.rs", ["100644", "000000"], Some((0, 9))), "deletes the test"),
            (Changed::of("a\nb", ["100644", "100644"], Some((1, 1))), "no name"),
            (Changed::of("a.rs", ["100644", "100644"], Some((400, 1))), "401 lines"),
        ];
        for (change, word) in rows {
            assert!(reasons(std::slice::from_ref(&change), "")[0].contains(word), "{change:?}");
        }
        let many: Vec<_> = (0..11).map(|at| changed(&format!("src/{at}.rs"))).collect();
        assert!(reasons(&many, "")[0].contains("11 files"));
    }

    #[test]
    fn secrets_and_left_out_tests_are_seen_in_the_lines() {
        let rows = [
            ("+++ b/a.py\n+KEY = 's3cr3t-value'\n", "secret"),
            ("+++ b/a.py\n+ghp_0123456789abcdefghij0123\n", "secret"),
            ("+++ b/a.rs\n+    #[ ignore ]\n", ""),
            ("+++ b/a.rs\n+    #[ignore]\n", "leaves out"),
            ("+++ b/tests/a.py\n+@pytest.mark.skip\n", "leaves out"),
            ("+++ b/src/a.py\n+# words .skip( of the code\n", ""),
            ("+++ b/src/a.py\n+os._exit(0)\n", "ends the program"),
            ("+++ b/src/a.py\n-os._exit(0)\n", ""),
            ("+++ b/src/a.py\n@@ -1 +1 @@\n+++ os._exit(0)\n", "ends the program"),
            ("+++ b/src/a.py\n+from os import _exit\n", "ends the program"),
            ("+++ b/src/a.py\n+    raise unittest.SkipTest\n", "differently in tests"),
            ("+++ b/src/a.rs\n+    if cfg!(test) { return 3; }\n", "differently in tests"),
            ("+++ b/src/a.py\n+    import  unittest\n", "differently in tests"),
            ("+++ b/tests/a.py\n+import unittest\n", ""),
            ("+++ b/tests/__init__.py\n+def load_tests(loader, tests, pattern):\n", "leaves out"),
        ];
        for (diff, word) in rows {
            let found = reasons(&[], diff).join(", ");
            assert!(if word.is_empty() { found.is_empty() } else { found.contains(word) }, "{diff}: {found}");
        }
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_forbidden_folder_passes(
            before in "([a-z]{1,3}/){0,2}", folder in 0..FOLDERS.len(), upper in any::<u64>(),
            dots in "[. ]{0,2}", after in "(/[a-z]{1,5}){1,3}",
        ) {
            let spelt: String = FOLDERS[folder].chars().enumerate()
                .map(|(at, letter)| if upper >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter }).collect();
            let path = format!("{before}{spelt}{dots}{after}");
            prop_assert!(!reasons(&[changed(&path)], "").is_empty(), "{}", path);
        }

        #[test]
        fn any_text_is_read_without_panic(path in ".{0,40}", diff in "(?s).{0,400}") {
            reasons(&[changed(&path)], &diff);
        }
    }
}
