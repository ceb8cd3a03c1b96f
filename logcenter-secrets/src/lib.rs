//! Masks secrets in what commands print: a pipeline's log, a fixer's transcript.
//!
//! ```
//! use logcenter_secrets::Secrets;
//!
//! let secrets = Secrets::of([("DEPLOY_TOKEN".to_owned(), "s3cr3t-value".to_owned())].into_iter())?;
//! assert_eq!(secrets.without_values("sent s3cr3t-value"), "sent ***");
//! assert_eq!(secrets.without_shapes("DB_PASS=hunter2x"), "DB_PASS=***");
//! # Ok::<(), logcenter_secrets::Error>(())
//! ```

use regex::Regex;

/// A pattern that is not valid: never, once the tests have passed.
pub use regex::Error;

const MASK: &str = "***";

/// The shapes of tokens: AWS, GitHub, GitLab, Gitea, Slack, API keys that start with `sk-`, npm, our ingest keys, JSON
/// Web Tokens.
const TOKENS: &str = "AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}\
    |glpat-[A-Za-z0-9_-]{16,}|gto_[A-Za-z0-9]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}\
    |lck_[0-9a-f]{40}|eyJ[A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]*";

/// `user:password@` in a URL; the password may contain an `@`.
pub const USER: &str = "://[^/?# \t]+@";

/// `user:password@` before a host name, where no `://` marks it as a URL.
const LOGIN: &str = "([A-Za-z0-9._%+-]+:)[^ \t/@:]+(@(?:[A-Za-z0-9-]+[.][A-Za-z]|localhost))";

/// What is assigned to a name that marks a secret: in quotes (escaped if it is JSON within JSON), or up to the end of
/// the word.
const ASSIGNED: &str = "(?i)((?:password|passwd|passphrase|pwd|_pass|secret|token|(?:api|access|private)[_-]?key|authorization|credential)s?\
    (?:[\\\\]?[\"']|)[ \t]*[:=][ \t]*)(?:([\\\\]?\")[^\"\\\\]{3,}|(')[^']{3,}|((?:bearer |basic |token )?)[^ \t\"',;&\\\\]{3,})";

/// A secret as the argument of an option whose name says so.
const OPTION: &str = "(?i)(--[a-z0-9-]*(?:password|passwd|passphrase|pass|pwd|secret|token|(?:api|access|private)-?key|credential)s?[ \t]+)\
    (?:(\")[^\"]{3,}|(')[^']{3,}|[^ \t\"'-][^ \t\"']{2,})";

/// `-u user:password`, as curl takes it.
const USER_OPTION: &str = "((?:^|[ \t])(?:-u|--user|--proxy-user)[ \t=]*[\"']?[^ \t:\"'/]+:)[^ \t\"']{3,}";

/// `-p password`, as registries' and databases' clients take it.
const PASSWORD_OPTION: &str = "((?:(?:docker|podman|buildah|nerdctl|helm|oras|skopeo|crane|az|oc)[ \t][^|;&]{0,200}login[^|;&]{0,200}|sshpass)\
    [ \t]-p[ \t]*[\"']?|(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)[ \t](?:[^|;&]{0,200}[ \t])?-p[\"']?)[^ \t\"']{3,}";

/// The names of variables whose values are secrets.
const NAMES: &str =
    "(?i)TOKEN|SECRET|PASS|_PWD$|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|_KEY$|DSN$|WEBHOOK|DATABASE_URL$";

/// A line of a key's body.
const BODY: &str = "^[A-Za-z0-9+/=]{16,}$";

/// Shorter values are not masked, because they would mask ordinary words.
const SHORTEST: usize = 6;

/// Everything that is masked.
#[derive(Debug)]
pub struct Secrets {
    values: Vec<String>,
    tokens: Regex,
    user: Regex,
    login: Regex,
    assigned: Regex,
    option: Regex,
    user_option: Regex,
    password_option: Regex,
    body: Regex,
}

impl Secrets {
    /// The values of secret variables, and everything that looks like a secret.
    ///
    /// # Errors
    /// [`Error`].
    pub fn of(variables: impl Iterator<Item = (String, String)>) -> Result<Self, Error> {
        let names = Regex::new(NAMES)?;
        Self::with_values(variables.filter(|(name, _)| names.is_match(name)).map(|(_, value)| value))
    }

    /// These values, and everything that looks like a secret.
    ///
    /// # Errors
    /// [`Error`].
    pub fn with_values(values: impl Iterator<Item = String>) -> Result<Self, Error> {
        let mut values: Vec<String> = values
            .flat_map(|value| value.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter(|line| line.chars().count() >= SHORTEST)
            .collect();
        // Longest first: a secret that is part of another must not break that one up.
        values.sort_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
        values.dedup();
        Ok(Self {
            values,
            tokens: Regex::new(TOKENS)?,
            user: Regex::new(USER)?,
            login: Regex::new(LOGIN)?,
            assigned: Regex::new(ASSIGNED)?,
            option: Regex::new(OPTION)?,
            user_option: Regex::new(USER_OPTION)?,
            password_option: Regex::new(PASSWORD_OPTION)?,
            body: Regex::new(BODY)?,
        })
    }

    /// A line without the values of secret variables.
    #[must_use]
    pub fn without_values(&self, line: &str) -> String {
        self.values.iter().fold(line.to_owned(), |line, value| line.replace(value.as_str(), MASK))
    }

    /// A line without anything that looks like a secret.
    #[must_use]
    pub fn without_shapes(&self, line: &str) -> String {
        let line = self.tokens.replace_all(line, MASK);
        let line = self.user.replace_all(&line, "://***@");
        let line = self.login.replace_all(&line, "${1}***${2}");
        let line = self.assigned.replace_all(&line, "${1}${2}${3}${4}***");
        let line = self.option.replace_all(&line, "${1}${2}${3}***");
        let line = self.user_option.replace_all(&line, "${1}***");
        self.password_option.replace_all(&line, "${1}***").into_owned()
    }

    /// A text without secrets of any kind.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let lines = text.split('\n').map(|line| self.without_shapes(&self.without_values(line))).collect();
        self.without_keys(lines).join("\n")
    }

    /// Whether a text holds one of the values, a token or a private key: what cannot be there by mistake.
    #[must_use]
    pub fn holds_one(&self, text: &str) -> bool {
        let is_key = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----");
        is_key || self.tokens.is_match(text) || self.values.iter().any(|value| text.contains(value.as_str()))
    }

    /// Lines without private keys (RFC 7468). A key that starts before these lines is recognised by its end.
    #[must_use]
    pub fn without_keys(&self, mut lines: Vec<String>) -> Vec<String> {
        let mut inside = false;
        for at in 0..lines.len() {
            let of_key = lines[at].contains("PRIVATE KEY");
            let (begins, ends) =
                (of_key && lines[at].contains("-----BEGIN "), lines[at].contains("-----END "));
            if of_key && ends && !inside && !begins {
                lines[..at]
                    .iter_mut()
                    .filter(|line| self.body.is_match(line))
                    .for_each(|line| *line = MASK.into());
            }
            if inside || begins {
                lines[at] = MASK.into();
            }
            inside = (inside || begins) && !ends;
        }
        lines
    }
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
            ("AWS_SECRET_ACCESS_KEY=abc/def+x", "AWS_SECRET_ACCESS_KEY=***"),
            ("DB_PASS=hunter2x", "DB_PASS=***"),
            ("password: \"correct horse battery\"", "password: \"***\""),
            (r#"{\"password\": \"hunter2x\"}"#, r#"{\"password\": \"***\"}"#),
            ("https://me:p@ssw0rd9@host/x", "https://***@host/x"),
            ("me:ssw0rd9@db.example.com", "me:***@db.example.com"),
            ("nginx:1.25@sha256:abc", "nginx:1.25@sha256:abc"),
            ("use s3cr3t-value now", "use *** now"),
            ("in /home/ci-runner, abc", "in /home/ci-runner, abc"),
            ("git clone https://me:pw@git.example.com/a", "git clone https://***@git.example.com/a"),
            ("ghp_0123456789abcdefghij0123", "***"),
            ("Authorization: Bearer abcdef.ghi", "Authorization: Bearer ***"),
            ("PASSWORD=hunter2x next", "PASSWORD=*** next"),
            ("\"api_key\": \"12345678\",", "\"api_key\": \"***\","),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0x.c2lnbmF0dXJl!", "***!"),
            ("the token is gone", "the token is gone"),
            (
                "docker login --username me --password hunter22 host",
                "docker login --username me --password *** host",
            ),
            ("docker login -u me -p hunter22 host", "docker login -u me -p *** host"),
            ("docker login --password-stdin", "docker login --password-stdin"),
            ("vault --auth-token 's3cr3t value' read", "vault --auth-token '***' read"),
            ("curl -u admin:hunter22 https://host/", "curl -u admin:*** https://host/"),
            ("curl --user 'admin:hunter22' https://host/", "curl --user 'admin:***' https://host/"),
            ("sshpass -p hunter22 ssh host", "sshpass -p *** ssh host"),
            ("mysql -h db -u root -phunter22 shop", "mysql -h db -u root -p*** shop"),
            ("mkdir -p target/release", "mkdir -p target/release"),
        ];
        for (line, expected) in rows {
            assert_eq!(masked(line), expected);
        }
        let key = ["a", "-----BEGIN RSA PRIVATE KEY-----", "MIIEow", "-----END RSA PRIVATE KEY-----", "b"];
        assert_eq!(secrets.without_keys(key.map(Into::into).into()), ["a", "***", "***", "***", "b"]);
        let rest = ["built 3 images", "MIIEowIBAAKCAQEA", "-----END PRIVATE KEY-----", "b"];
        let masked = secrets.without_keys(rest.map(Into::into).into());
        assert_eq!(masked, ["built 3 images", "***", "-----END PRIVATE KEY-----", "b"]);
    }
}
