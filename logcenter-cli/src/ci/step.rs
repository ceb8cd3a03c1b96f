//! Derives the type of a failure from the step's name.

/// Error types and the words that imply them; the first type with a word of the name wins.
const TYPES: [(&str, &[&str]); 5] = [
    (
        "TestFailure",
        &[
            "test", "tests", "testing", "spec", "specs", "e2e", "jest", "vitest", "pytest", "nextest",
            "unittest",
        ],
    ),
    (
        "LintError",
        &[
            "lint",
            "linter",
            "eslint",
            "stylelint",
            "clippy",
            "fmt",
            "format",
            "prettier",
            "ruff",
            "typecheck",
            "tsc",
        ],
    ),
    (DEPLOY, &["deploy", "deployment", "rollout", "kubectl", "helm"]),
    ("DockerBuildError", &["docker", "buildx", "kaniko", "image", "podman"]),
    ("NpmBuildError", &["npm", "pnpm", "yarn", "vite", "webpack", "frontend", "node"]),
];

/// The error type of a deploy step, whose source is `deployment`.
pub(super) const DEPLOY: &str = "DeployError";

/// The error type of a failed step.
pub(super) fn error_type(step: &str) -> &'static str {
    let lower = step.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let found = TYPES.iter().find(|(_, known)| known.iter().any(|known| words.contains(known)));
    found.map_or("CICDFailure", |(error_type, _)| error_type)
}

#[cfg(test)]
mod tests {
    use super::error_type;

    #[test]
    fn names_tell_types() {
        let rows = [
            ("Build Docker Image", "DockerBuildError"),
            ("Run Tests", "TestFailure"),
            ("npm test", "TestFailure"),
            ("npm run lint", "LintError"),
            ("cargo clippy", "LintError"),
            ("npm ci", "NpmBuildError"),
            ("Deploy", "DeployError"),
            ("kubectl apply", "DeployError"),
            ("build", "CICDFailure"),
            ("latest", "CICDFailure"),
            ("", "CICDFailure"),
            ("构建", "CICDFailure"),
        ];
        for (step, expected) in rows {
            assert_eq!(error_type(step), expected, "{step}");
        }
    }
}
