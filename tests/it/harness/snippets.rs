//! The snippets that users paste: those of our own documents, and those of the integration guide named by
//! `LOGCENTER_GUIDE`. Both go through the same tests, so both define the same functions.

use std::path::Path;

/// The source of a snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Documents,
    Guide,
}

/// The available sources: our documents, and the guide if its path is known.
pub(crate) fn sources() -> Vec<Source> {
    match std::env::var_os("LOGCENTER_GUIDE") {
        Some(_) => vec![Source::Documents, Source::Guide],
        None => {
            eprintln!("LOGCENTER_GUIDE names no guide: only the snippets of docs/clients.md are run");
            vec![Source::Documents]
        }
    }
}

impl Source {
    /// The snippet with this name.
    pub(crate) fn snippet(self, name: &str) -> String {
        match self {
            Self::Documents => documents(name),
            Self::Guide => guide(name),
        }
    }

    /// The project that the snippets report for.
    pub(crate) fn project(self, guide: &'static str) -> &'static str {
        match self {
            Self::Documents => "your_project_id",
            Self::Guide => guide,
        }
    }
}

fn documents(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/clients.md");
    let text = std::fs::read_to_string(path).unwrap();
    let marker = format!("<!-- snippet: {name} -->\n```");
    let (_, rest) =
        text.split_once(&marker).unwrap_or_else(|| panic!("docs/clients.md has no snippet {name}"));
    let (_language, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```").unwrap().0.to_owned()
}

/// The lines of the guide, which have lost their indentation.
struct Guide(Vec<String>);

impl Guide {
    fn open() -> Self {
        let path = std::env::var("LOGCENTER_GUIDE").unwrap();
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("LOGCENTER_GUIDE {path}: {error}"));
        Self(text.lines().map(Into::into).collect())
    }

    /// The index of the `nth` line that starts with `begin`.
    fn find(&self, begin: &str, nth: usize) -> usize {
        let mut found = (0..self.0.len()).filter(|&at| self.0[at].starts_with(begin));
        found.nth(nth).unwrap_or_else(|| panic!("the guide has no line {nth} that begins with {begin:?}"))
    }

    /// From the `nth` line that starts with `begin` to the next one that starts with `end`.
    fn through(&self, begin: &str, nth: usize, end: &str) -> String {
        let from = self.find(begin, nth);
        let length = self.0[from..].iter().position(|line| line.starts_with(end)).unwrap();
        self.0[from..=from + length].join("\n")
    }

    /// From the `nth` line that starts with `begin` until its brackets are closed.
    fn balanced(&self, begin: &str, nth: usize) -> String {
        let from = self.find(begin, nth);
        let mut depth = 0_i32;
        for (at, line) in self.0.iter().enumerate().skip(from) {
            for character in line.chars() {
                match character {
                    '{' | '(' | '[' => depth += 1,
                    '}' | ')' | ']' => depth -= 1,
                    _ => {}
                }
            }
            if depth == 0 {
                return self.0[from..=at].join("\n");
            }
        }
        panic!("the guide's {begin:?} does not end");
    }

    /// The first multi-line object that is valid JSON and contains `text`.
    fn object(&self, text: &str) -> String {
        let starts = (0..self.0.len()).filter(|&at| self.0[at] == "{");
        let mut objects = starts.filter_map(|from| {
            let length = self.0[from..].iter().scan(0_i32, |depth, line| {
                *depth += line.matches(['{', '[']).count() as i32 - line.matches(['}', ']']).count() as i32;
                Some(*depth)
            });
            let length = length.take_while(|depth| *depth > 0).count();
            let object = self.0[from..=from + length].join("\n");
            serde_json::from_str::<serde_json::Value>(&object).is_ok().then_some(object)
        });
        objects
            .find(|object| object.contains(text))
            .unwrap_or_else(|| panic!("the guide has no object with {text}"))
    }
}

fn guide(name: &str) -> String {
    let guide = Guide::open();
    let url = "const LOG_CENTER_URL = import.meta.env";
    match name {
        "curl" => {
            let report = guide.through("curl -X POST \"${LOG_CENTER_URL}", 0, "}'");
            [report, guide.through("curl -X PUT \"${LOG_CENTER_URL}", 0, "}'")].join("\n")
        }
        "python" => {
            let register = guide.through("import requests", 0, "\"description\"") + "\n}, timeout=5)";
            let report = guide.through("import requests", 1, "pass");
            [indented(&register), indented(&report)].join("\n")
        }
        "django" => indented(&guide.through("def custom_exception_handler", 0, "})")),
        "fastapi" => indented(&guide.through("from fastapi import Request", 0, "return JSONResponse")),
        "javascript" => {
            let register = guide.balanced("async function registerProject", 0);
            [guide.balanced(url, 1), register, guide.balanced("export function reportError", 0)].join("\n")
        }
        "javascript-global" => {
            ["window.onerror", "window.onunhandledrejection"].map(|begin| guide.balanced(begin, 0)).join("\n")
        }
        "axios" => guide.balanced("api.interceptors.response.use(", 0),
        "flutter" => guide.balanced("final payload = {", 0),
        "pipeline" => guide.through("BUILD_LOG=\"\"", 0, "}\" || true"),
        "runtime-example" => guide.object("\"user_id\""),
        "cicd-example" => guide.object("\"cicd\""),
        "kubernetes" => guide.object("\"deployment_name\""),
        other => panic!("no such snippet: {other}"),
    }
}

/// Restores Python's indentation: a line that ends in `:` outside brackets opens a block, an `except` returns to its
/// `try`, and a definition, decorator or import starts over.
fn indented(flat: &str) -> String {
    let mut python = String::new();
    let (mut depth, mut blocks, mut in_docstring) = (0_i32, Vec::<String>::new(), false);
    for line in flat.lines() {
        if depth == 0 && !in_docstring {
            let word = line.split([' ', '(', ':']).next().unwrap();
            if matches!(word, "def" | "async" | "import" | "from") || line.starts_with('@') {
                blocks.clear();
            } else if matches!(word, "except" | "else" | "finally") {
                while !matches!(blocks.pop().as_deref(), Some("try" | "if") | None) {}
            }
        }
        python.push_str(&"    ".repeat(blocks.len()));
        python.push_str(line);
        python.push('\n');
        if line.matches("\"\"\"").count() == 1 {
            in_docstring = !in_docstring;
        }
        let code = line.split("  #").next().unwrap().trim_end();
        if line.starts_with('#') || in_docstring {
            continue;
        }
        depth += line.matches(['{', '(', '[']).count() as i32 - line.matches(['}', ')', ']']).count() as i32;
        if depth == 0 && code.ends_with(':') {
            blocks.push(code.split([' ', ':']).next().unwrap().to_owned());
        }
    }
    python
}
