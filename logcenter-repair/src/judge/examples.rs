//! Examples in documentation that are tests.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::collections::HashMap;

/// Words after a fence with which rustdoc still takes a block for Rust. Others begin with `ignore`, or `edition`.
const RUST: [&str; 8] = [
    "rust",
    "should_panic",
    "no_run",
    "ignore",
    "compile_fail",
    "test_harness",
    "standalone_crate",
    "custom",
];

/// What doc comments hold.
#[derive(Default)]
pub(super) struct InComments {
    /// The examples: what stands after the fence, and the code.
    pub(super) examples: Vec<String>,
    /// Whether a fence is not closed.
    pub(super) is_open: bool,
}

/// Reads a Rust item's documentation, given as its doc comments.
/// <https://doc.rust-lang.org/rustdoc/write-documentation/documentation-tests.html>
pub(super) fn rust(comments: &[String]) -> InComments {
    let mut found = InComments::default();
    // The lines of a `/** … */` may begin with stars. Which comments are of this kind is not known here, so both readings count.
    for without_stars in [false, true] {
        let lines: Vec<&str> = comments.iter().flat_map(|comment| comment.lines()).collect();
        let stripped = |line: &'_ str| line.trim_start().strip_prefix('*').map(str::len);
        let line = |line| match stripped(line).filter(|_| without_stars) {
            Some(length) => &line[str::len(line) - length..],
            None => line,
        };
        let lines: Vec<&str> = lines.into_iter().map(line).collect();
        let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let indent = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
        let text: String =
            lines.iter().map(|line| format!("{}\n", line.get(indent..).unwrap_or(line))).collect();
        found.examples.extend(markdown(&text));
        found.is_open |= is_open(&text);
    }
    found
}

/// The Rust examples in a text.
pub(super) fn markdown(text: &str) -> Vec<String> {
    let (mut examples, mut block) = (Vec::new(), None);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if is_rust(&info) => {
                block = Some(format!("{info}\n"));
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => block = Some("\n".into()),
            Event::Text(code) => block.iter_mut().for_each(|block| block.push_str(&code)),
            Event::End(TagEnd::CodeBlock) => examples.extend(block.take()),
            _ => {}
        }
    }
    examples
}

/// Whether what followed a text would be in its last block of code.
fn is_open(text: &str) -> bool {
    const NEXT: &str = "what-follows";
    let (text, mut in_code) = (format!("{text}\n\n{NEXT}\n"), false);
    Parser::new(&text).any(|event| match event {
        Event::Start(Tag::CodeBlock(_)) => {
            in_code = true;
            false
        }
        Event::End(TagEnd::CodeBlock) => {
            in_code = false;
            false
        }
        Event::Text(code) => in_code && code.contains(NEXT),
        _ => false,
    })
}

/// Whether rustdoc takes a block for Rust by what stands after its fence.
fn is_rust(info: &str) -> bool {
    let is_code = |word: &str| word.len() == 5 && word.starts_with('E') && word[1..].parse::<u16>().is_ok();
    let known = |word: &str| {
        RUST.contains(&word) || word.starts_with("ignore-") || word.starts_with("edition") || is_code(word)
    };
    let mut words = info.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    words.clone().any(|word| word == "rust") || words.next().is_none_or(known)
}

/// The examples in a Python file, each with the functions, classes and other blocks that it is in, and how often it is there;
/// and with an empty text, how often what it is in is defined or its name given to something else, since that replaces what
/// was there. A decorator may do so, too.
pub(super) fn python(text: &str) -> HashMap<(String, String), usize> {
    let mut found: HashMap<(String, String), usize> = HashMap::new();
    let mut definitions: HashMap<String, usize> = HashMap::new();
    let mut bound: HashMap<&str, usize> = HashMap::new();
    let mut blocks: Vec<(usize, &str)> = Vec::new();
    let mut functions: Vec<usize> = Vec::new();
    let mut decorators = 0;
    let mut example: Option<(String, String)> = None;
    for line in text.lines().chain([""]) {
        let (indent, words) = (line.len() - line.trim_start().len(), line.trim());
        if words.is_empty() || words.starts_with("\"\"\"") || words.starts_with("'''") {
            if let Some(example) = example.take() {
                *found.entry(example).or_default() += 1;
            }
            continue;
        }
        if words.starts_with(">>>") && example.is_none() {
            let outer = blocks.iter().filter(|(outer, _)| *outer < indent);
            example = Some((place(outer), String::new()));
        }
        if let Some((_, example)) = &mut example {
            example.push_str(words);
            example.push('\n');
        } else if !words.starts_with(['#', ')', ']', '}']) {
            blocks.retain(|(outer, _)| *outer < indent);
            functions.retain(|outer| *outer < indent);
            for name in bound_names(words, !functions.is_empty()) {
                *bound.entry(name).or_default() += 1;
            }
            decorators += usize::from(words.starts_with('@'));
            if let Some(block) = block(words) {
                blocks.push((indent, block));
                functions
                    .extend(words.split_whitespace().take(2).any(|word| word == "def").then_some(indent));
                *definitions.entry(place(blocks.iter())).or_default() += 1 + std::mem::take(&mut decorators);
            }
        }
    }
    for place in found.keys().map(|(place, _)| place.clone()).collect::<Vec<_>>() {
        let name = place.trim_end().rsplit([' ', '\n']).next().unwrap_or_default();
        let count = definitions.get(&place).copied().unwrap_or(0) + bound.get(name).copied().unwrap_or(0);
        found.insert((place, String::new()), count);
    }
    found
}

/// The names that a line gives to something else than a function or a class. What is local to a function does not count.
fn bound_names(words: &str, in_function: bool) -> Vec<&str> {
    let named = match words.split_whitespace().next() {
        Some("global") => words,
        Some("import" | "from" | "del" | "for") if !in_function => words,
        _ => assigned(words)
            .filter(|targets| !in_function || targets.contains('.') && !targets.starts_with("self."))
            .unwrap_or_default(),
    };
    named.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect()
}

/// What stands before a line's last assignment. In brackets there is none, but there are arguments.
fn assigned(words: &str) -> Option<&str> {
    let (mut depth, mut last) = (0_usize, None);
    for (at, mark) in words.char_indices() {
        match mark {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '=' if depth == 0 => {
                let compares =
                    words[..at].ends_with(['=', '!', '<', '>']) || words[at + 1..].starts_with('=');
                last = (!compares).then_some(at).or(last);
            }
            _ => {}
        }
    }
    last.map(|at| &words[..at])
}

/// What a line begins: a function or class by its name, anything else by its words.
fn block(words: &str) -> Option<&str> {
    const COMPOUND: [&str; 11] =
        ["if ", "elif ", "else:", "for ", "while ", "try:", "except", "finally:", "with ", "match ", "case "];
    let mut each = words.split_whitespace().filter(|word| *word != "async");
    if let Some("def" | "class") = each.next() {
        return each.next()?.split(['(', ':', '[']).next();
    }
    let is_compound = COMPOUND.iter().any(|keyword| words.starts_with(keyword));
    (is_compound && words.ends_with(':')).then_some(words)
}

fn place<'a>(blocks: impl Iterator<Item = &'a (usize, &'a str)>) -> String {
    blocks.map(|(indent, block)| format!("{indent} {block}\n")).collect()
}
