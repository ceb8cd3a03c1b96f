//! Known fixers: their commands, and what their output tells. None was run against a live model.

use super::Limits;
use logcenter_client::api::Cost;
use serde::Deserialize;
use serde_json::Value;

/// A known fixer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Anthropic's `claude`. It needs `ANTHROPIC_API_KEY` in `fixer_env` and `api.anthropic.com` in `network`.
    ClaudeCode,
    /// OpenAI's `codex`. It needs `OPENAI_API_KEY` in `fixer_env` and `api.openai.com` in `network`.
    Codex,
    /// `aider`, with the key and the host of the model that it is set to.
    Aider,
}

/// What a fixer's output tells of its work.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Told {
    /// What it cost.
    pub cost: Cost,
    /// Whether it stopped because it had spent what it may.
    pub over_budget: bool,
}

impl Preset {
    /// The command. The prompt comes on its standard input, except for aider, which reads it from a file.
    #[must_use]
    pub fn command(self, limits: &Limits, test: &[String]) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        match self {
            // `--bare` reads no configuration of the repository. What is not allowed is denied, not asked for.
            Self::ClaudeCode => {
                let tools = format!("Read,Edit,Write,Grep,Glob,Bash({}:*)", test.join(" "));
                let mut command =
                    words(&["claude", "--bare", "-p", "--output-format", "stream-json", "--verbose"]);
                command.extend(words(&["--permission-mode", "dontAsk", "--allowedTools", &tools]));
                command.extend(words(&["--max-turns", "40", "--max-budget-usd", &limits.usd.to_string()]));
                command
            }
            // Its own sandbox cannot start inside ours, and ours is the stricter one.
            Self::Codex => words(&[
                "codex",
                "exec",
                "--json",
                "--skip-git-repo-check",
                "--sandbox",
                "danger-full-access",
                "-",
            ]),
            // It would commit, look for updates and report its use.
            Self::Aider => words(&[
                "aider",
                "--message-file",
                "/task/prompt.md",
                "--yes-always",
                "--no-auto-commits",
                "--no-check-update",
                "--no-analytics",
            ]),
        }
    }

    /// Reads what the output tells. What it does not tell, or tells in another form, stays unknown.
    #[must_use]
    pub fn told(self, output: &str) -> Told {
        let lines = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        match self {
            Self::ClaudeCode => {
                lines.filter(|line| line["type"] == "result").fold(Told::default(), |_, line| {
                    let subtype = line["subtype"].as_str().unwrap_or_default();
                    let usage = ["input_tokens", "output_tokens"].map(|name| line["usage"][name].as_i64());
                    let tokens = usage.iter().flatten().copied().reduce(i64::saturating_add);
                    let cost = Cost { usd: line["total_cost_usd"].as_f64(), tokens, seconds: None };
                    Told { cost, over_budget: matches!(subtype, "error_max_budget_usd" | "error_max_turns") }
                })
            }
            Self::Codex => {
                let turns = lines.filter(|line| line["type"] == "turn.completed");
                let used = turns.flat_map(|line| {
                    ["input_tokens", "output_tokens"].map(|name| line["usage"][name].as_i64())
                });
                let tokens = used.flatten().reduce(i64::saturating_add);
                Told { cost: Cost { tokens, ..Cost::default() }, over_budget: false }
            }
            Self::Aider => Told::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_read_from_what_the_fixers_print() {
        let claude = r#"{"type":"system","subtype":"init"}
not json
{"type":"result","subtype":"success","is_error":false,"num_turns":4,"total_cost_usd":0.41,"usage":{"input_tokens":60000,"output_tokens":900}}"#;
        let told = Preset::ClaudeCode.told(claude);
        assert_eq!((told.cost.usd, told.cost.tokens, told.over_budget), (Some(0.41), Some(60_900), false));
        let spent = r#"{"type":"result","subtype":"error_max_budget_usd","total_cost_usd":2.01}"#;
        assert!(Preset::ClaudeCode.told(spent).over_budget);
        let codex = r#"{"type":"turn.completed","usage":{"input_tokens":10,"output_tokens":2}}
{"type":"turn.completed","usage":{"input_tokens":5,"output_tokens":1}}"#;
        assert_eq!(Preset::Codex.told(codex).cost.tokens, Some(18));
        assert_eq!(Preset::Aider.told("Tokens: 1k sent"), Told::default());
        assert_eq!(
            Preset::ClaudeCode.told("{\"type\":\"result\",\"total_cost_usd\":\"x\"}"),
            Told::default()
        );
    }

    #[test]
    fn commands_carry_the_limits() {
        let limits = Limits { usd: 0.5, ..Limits::default() };
        let command = Preset::ClaudeCode.command(&limits, &["cargo".into(), "test".into()]);
        assert!(command.ends_with(&["--max-budget-usd".into(), "0.5".into()]), "{command:?}");
        assert!(command.iter().any(|word| word.contains("Bash(cargo test:*)")));
        for preset in [Preset::Codex, Preset::Aider] {
            assert!(!preset.command(&limits, &[]).iter().any(|word| word.contains("api_key")));
        }
    }
}
