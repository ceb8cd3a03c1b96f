//! Secrets in what a pipeline says. The runner masks its own log only; what is read from a file is not masked.

use regex::Regex;

const MASK: &str = "***";

/// The shape of tokens: AWS, GitHub, GitLab, Gitea, Slack, API keys that begin with `sk-`, npm, our ingest keys, JSON Web Tokens.
const TOKENS: &str = "AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}\
    |glpat-[A-Za-z0-9_-]{16,}|gto_[A-Za-z0-9]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}\
    |lck_[0-9a-f]{40}|eyJ[A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]*";

/// `user:password@` of an address.
const USER: &str = "://[^/@ \t]+@";

/// What is assigned to a name that is a secret's.
const ASSIGNED: &str = "(?i)((?:password|passwd|pwd|secret|token|api[_-]?key|authorization|credential)s?[\"']?[ \t]*[:=][ \t]*\
    [\"']?(?:bearer |basic |token )?)[^ \t\"',;&]{3,}";

/// The names of variables whose values are secrets.
const NAMES: &str =
    "(?i)TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|_KEY$|DSN$|DATABASE_URL$";

/// Values shorter than this would mask words.
const SHORTEST: usize = 6;

/// Everything that is masked.
pub(super) struct Secrets {
    values: Vec<String>,
    tokens: Regex,
    user: Regex,
    assigned: Regex,
}

impl Secrets {
    /// Those of these variables, and all that looks like one.
    pub(super) fn of(variables: impl Iterator<Item = (String, String)>) -> Result<Self, regex::Error> {
        let names = Regex::new(NAMES)?;
        let secret = variables.filter(|(name, _)| names.is_match(name));
        let mut values: Vec<String> = secret
            .flat_map(|(_, value)| value.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter(|line| line.chars().count() >= SHORTEST)
            .collect();
        // A secret that is part of another must not spoil that one.
        values.sort_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
        values.dedup();
        Ok(Self {
            values,
            tokens: Regex::new(TOKENS)?,
            user: Regex::new(USER)?,
            assigned: Regex::new(ASSIGNED)?,
        })
    }

    /// A line without the values of secret variables.
    pub(super) fn without_values(&self, line: &str) -> String {
        self.values.iter().fold(line.to_owned(), |line, value| line.replace(value.as_str(), MASK))
    }

    /// A line without what looks like a secret.
    pub(super) fn without_shapes(&self, line: &str) -> String {
        let line = self.tokens.replace_all(line, MASK);
        let line = self.user.replace_all(&line, "://***@");
        self.assigned.replace_all(&line, "${1}***").into_owned()
    }
}

/// Lines without private keys (RFC 7468).
pub(super) fn without_keys(lines: Vec<String>) -> Vec<String> {
    let mut inside = false;
    let line = |line: String| {
        let begins = line.contains("-----BEGIN ") && line.contains("PRIVATE KEY-----");
        let masked = inside || begins;
        inside = (inside || begins) && !line.contains("-----END ");
        if masked { MASK.into() } else { line }
    };
    lines.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_one_stays() {
        let variables =
            [("DEPLOY_TOKEN", "s3cr3t-value"), ("HOME", "/home/ci-runner"), ("SHORT_TOKEN", "abc")];
        let secrets =
            Secrets::of(variables.map(|(name, value)| (name.into(), value.into())).into_iter()).unwrap();
        let masked = |line: &str| secrets.without_shapes(&secrets.without_values(line));
        let rows = [
            ("use s3cr3t-value now", "use *** now"),
            ("in /home/ci-runner, abc", "in /home/ci-runner, abc"),
            ("git clone https://me:pw@git.example.com/a", "git clone https://***@git.example.com/a"),
            ("ghp_0123456789abcdefghij0123", "***"),
            ("Authorization: Bearer abcdef.ghi", "Authorization: Bearer ***"),
            ("PASSWORD=hunter2x next", "PASSWORD=*** next"),
            ("\"api_key\": \"12345678\",", "\"api_key\": \"***\","),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0x.c2lnbmF0dXJl!", "***!"),
            ("the token is gone", "the token is gone"),
        ];
        for (line, expected) in rows {
            assert_eq!(masked(line), expected);
        }
        let key = ["a", "-----BEGIN RSA PRIVATE KEY-----", "MIIEow", "-----END RSA PRIVATE KEY-----", "b"];
        assert_eq!(without_keys(key.map(Into::into).into()), ["a", "***", "***", "***", "b"]);
    }
}
