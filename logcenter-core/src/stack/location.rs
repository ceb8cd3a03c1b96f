//! The source location that a line names.

/// Longest line, in bytes, that is searched: one with a thousand colons is not from a stack trace.
const LONGEST: usize = 2048;

/// A source location in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location<'a> {
    /// The file, without the query of a URL.
    pub file: &'a str,
    /// The line number.
    pub line: u64,
    /// Where file and number begin in the text, in bytes.
    pub start: usize,
    /// Where they end.
    pub end: usize,
}

/// The source location in a line.
///
/// ```
/// use logcenter_core::stack::location;
///
/// let at = location("    at load (https://shop.example/app.js?v=2:10:5)").unwrap();
/// assert_eq!((at.file, at.line), ("https://shop.example/app.js", 10));
/// ```
#[must_use]
pub fn location(text: &str) -> Option<Location<'_>> {
    if text.len() > LONGEST {
        return None;
    }
    python(text)
        .or_else(|| dotnet(text))
        .or_else(|| php(text))
        .or_else(|| dart_web(text))
        .or_else(|| colons(text))
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// A location of a file that begins at `start` and a number that begins at `number`.
fn found(text: &str, start: usize, file_end: usize, number: usize) -> Option<Location<'_>> {
    let end = number + digits(&text[number..]);
    let file = &text[start..file_end];
    let file = file.split(['?', '#']).next().unwrap_or(file);
    Some(Location { file, line: text[number..end].parse().ok()?, start, end })
}

/// `File "apps/views.py", line 42`
fn python(text: &str) -> Option<Location<'_>> {
    let start = text.find("File \"")? + "File \"".len();
    let file_end = start + text[start..].find('"')?;
    let between = "\", line ";
    text[file_end..].starts_with(between).then(|| found(text, start, file_end, file_end + between.len()))?
}

/// `in C:\src\Cart.cs:line 12`
fn dotnet(text: &str) -> Option<Location<'_>> {
    let between = ":line ";
    let file_end = text.rfind(between)?;
    let start = text[..file_end].rfind(" in ")? + " in ".len();
    found(text, start, file_end, file_end + between.len())
}

/// `#0 /var/www/app/Cart.php(12): total()`
fn php(text: &str) -> Option<Location<'_>> {
    let file_end = text.find(".php(")? + ".php".len();
    let start = text[..file_end].rfind(' ').map_or(0, |at| at + 1);
    found(text, start, file_end, file_end + 1)
}

/// `packages/shop/cart.dart 12:9  total`
fn dart_web(text: &str) -> Option<Location<'_>> {
    let file_end = text.find(".dart ")? + ".dart".len();
    let start = text[..file_end].rfind(' ').map_or(0, |at| at + 1);
    found(text, start, file_end, file_end + 1)
}

/// The last `file:line` or `file:line:column`.
fn colons(text: &str) -> Option<Location<'_>> {
    for (colon, _) in text.rmatch_indices(':').take(8) {
        let length = digits(&text[colon + 1..]);
        if !(1..=9).contains(&length) {
            continue;
        }
        let start = beginning(&text[..colon]);
        let file = &text[start..colon];
        // In `file:line:column`, take the line, not the column.
        let is_numbered = file
            .rsplit_once(':')
            .is_some_and(|(_, line)| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()));
        if is_numbered || !looks_like_file(file) {
            continue;
        }
        let mut at = found(text, start, colon, colon + 1)?;
        if text[at.end..].starts_with(':') && (1..=9).contains(&digits(&text[at.end + 1..])) {
            at.end += 1 + digits(&text[at.end + 1..]);
        }
        return Some(at);
    }
    None
}

/// Where a file's name begins that ends a text. A `@` separates a function from its file, but not a package from its
/// version; a tab before a path lets it have spaces, as on Windows.
fn beginning(text: &str) -> usize {
    if let Some(path) =
        text.rsplit('\t').next().filter(|path| path.len() < text.len() && path.get(1..3) == Some(":/"))
    {
        return text.len() - path.len();
    }
    let start = text.rfind([' ', '(', '\t', '"', '\'', '[']).map_or(0, |at| at + 1);
    let is_function = |at: &usize| !text[start..start + at].contains('/');
    start + text[start..].find('@').filter(is_function).map_or(0, |at| at + 1)
}

/// Whether a text could name a source file: it ends in a short extension.
fn looks_like_file(text: &str) -> bool {
    let text = text.split(['?', '#']).next().unwrap_or(text);
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let Some((stem, extension)) = name.rsplit_once('.') else {
        // `<frozen importlib>`, `node:internal/process/task_queues`
        return text.starts_with('<') && text.ends_with('>') || text.starts_with("node:");
    };
    !stem.is_empty()
        && (1..=6).contains(&extension.len())
        && extension.starts_with(|c: char| c.is_ascii_alphabetic())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
}
