//! The words of a search.

/// A word, or a phrase in quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// What must be found.
    pub text: String,
    /// How it was written.
    pub written: String,
    /// Where a phrase in quotes begins, without the quote. At 0 it is text, whatever it looks like.
    pub phrase_at: Option<usize>,
}

/// Splits a search at spaces; `"…"` keeps them together, and `""` inside stands for one quote. A quote also opens after a
/// beginning of a word that `opens` accepts, such as `env:`. Any other quote inside of a word, or one that is never closed, is
/// a character like others, so that a pasted message is found.
#[must_use]
pub fn words_with(search: &str, opens: impl Fn(&str) -> bool) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = search.trim_start();
    while !rest.is_empty() {
        let (mut word, begin) = (Word::default(), rest);
        loop {
            let mut characters = rest.chars();
            let may_open = word.text.is_empty() && word.phrase_at.is_none() || opens(&word.text);
            match characters.next() {
                None => break,
                Some('"') if may_open => {
                    let Some((phrase, after)) = phrase(characters.as_str()) else {
                        word.text.push('"');
                        rest = characters.as_str();
                        continue;
                    };
                    word.phrase_at = Some(word.text.len());
                    word.text += &phrase;
                    rest = after;
                    break;
                }
                Some(space) if space.is_whitespace() => break,
                Some(other) => {
                    word.text.push(other);
                    rest = characters.as_str();
                }
            }
        }
        begin[..begin.len() - rest.len()].clone_into(&mut word.written);
        words.push(word);
        rest = rest.trim_start();
    }
    words
}

/// A phrase up to the quote that closes it, which a space or the end follows, and the rest.
fn phrase(text: &str) -> Option<(String, &str)> {
    let mut phrase = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '"' {
            phrase.push(character);
            continue;
        }
        let rest = characters.as_str();
        match rest.chars().next() {
            Some('"') => {
                characters.next();
                phrase.push('"');
            }
            Some(next) if !next.is_whitespace() => return None,
            _ => return Some((phrase, rest)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_split_as_people_paste_it() {
        for (search, expected) in [
            ("timed rates", vec!["timed", "rates"]),
            (r#"relation "users" does not exist"#, vec!["relation", "users", "does", "not", "exist"]),
            (r#""does not" exist"#, vec!["does not", "exist"]),
            (r#"he said "no"#, vec!["he", "said", "\"no"]),
            (r#"a"b c"d"#, vec!["a\"b", "c\"d"]),
            (r#""he said ""no""" x"#, vec!["he said \"no\"", "x"]),
            (r#""a"b"#, vec!["\"a\"b"]),
            (r#""""#, vec![""]),
            ("  ", vec![]),
            ("状态 错误", vec!["状态", "错误"]),
        ] {
            let found: Vec<String> =
                words_with(search, |_| false).into_iter().map(|word| word.text).collect();
            assert_eq!(found, expected, "{search}");
        }
    }
}
