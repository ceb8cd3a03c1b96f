//! Reads a query.

use super::{Comparison, Is, Key, Misfit, Query, Term, Test, time};
use crate::domain::search::{Word, words_with};
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};
use std::str::FromStr;

/// How many letters a mistyped word differs from the right one.
const MISTYPED: usize = 2;

/// Keys of which nothing is known yet. They are told, not taken for text.
const LATER: [&str; 3] = ["user", "tag", "assignee"];

/// Reads a query. Times that are so long ago are counted from `now`.
#[must_use]
pub fn parse(line: &str, now: Timestamp) -> Query {
    let mut query = Query::default();
    for word in words_with(line, is_key) {
        match read(&word, now) {
            Ok(term) => query.terms.push(term),
            Err(misfit) => query.misfits.push(misfit),
        }
    }
    query
}

/// Whether a text is a key with its colon: a quote after it opens a phrase.
fn is_key(start: &str) -> bool {
    let key = start.strip_prefix('-').unwrap_or(start).strip_suffix(':');
    key.is_some_and(|key| Key::of(key).is_some())
}

/// A value as it is written after a key: in quotes where it would be another one without.
pub(super) fn written(value: &str) -> String {
    let is_plain = !value.starts_with([':', '/'])
        && !value.contains(|c: char| c.is_whitespace() || matches!(c, '"' | ','));
    if is_plain { value.into() } else { format!("\"{}\"", value.replace('"', "\"\"")) }
}

fn read(word: &Word, now: Timestamp) -> Result<Term, Misfit> {
    let text = &*word.text;
    let as_text = || {
        // Programs print `Type: message`; the type is kept without the colon.
        let part =
            Some(text.trim_end_matches(':')).filter(|part| word.phrase_at.is_none() && !part.is_empty());
        Term { text: word.written.clone(), condition: Test::Text(part.unwrap_or(text).to_owned()).wanted() }
    };
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let pair = unsigned.split_once(':').filter(|_| word.phrase_at != Some(0));
    // `http://host` and `std::io` are text.
    let is_phrase = word.phrase_at.is_some();
    let is_value = |value: &str| !value.is_empty() && !value.starts_with(':') && !value.starts_with("//");
    let Some((name, value)) = pair.filter(|(_, value)| is_phrase || is_value(value)) else {
        return Ok(as_text());
    };
    let sign = &text[..text.len() - unsigned.len()];
    let misfit = |expected, nearest| Misfit { text: word.written.clone(), expected, nearest };
    if LATER.contains(&name) {
        return Err(misfit(
            format!("{name} cannot be asked for yet; to search for the text, put it in quotes"),
            None,
        ));
    }
    let Some(key) = Key::of(name) else {
        let Some(nearest) = nearest(name, Key::ALL.map(Key::as_str)) else { return Ok(as_text()) };
        let expected = format!("{name} is no key; to search for the text, put it in quotes");
        return Err(misfit(expected, Some(format!("{sign}{nearest}:{value}"))));
    };
    let values: Vec<&str> = match word.phrase_at {
        Some(_) => vec![value],
        None => value.split(',').filter(|value| !value.is_empty()).collect(),
    };
    let begin = format!("{sign}{}:", key.as_str());
    match test(key, &values, now) {
        Ok((test, canonical)) => Ok(Term {
            text: canonical.map_or_else(|| word.written.clone(), |values| begin + &values),
            condition: super::Condition { excluded: !sign.is_empty(), test },
        }),
        Err(Wrong { expected, nearest }) => Err(misfit(expected, nearest.map(|values| begin + &values))),
    }
}

/// Values that a key does not have.
struct Wrong {
    expected: String,
    /// All values, with the nearest right one in place of the wrong one.
    nearest: Option<String>,
}

/// The question of a key, and how its values are written if not as they are.
fn test(key: Key, values: &[&str], now: Timestamp) -> Result<(Test, Option<String>), Wrong> {
    if values.is_empty() {
        return Err(Wrong { expected: "must have a value".into(), nearest: None });
    }
    let texts = || values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
    let test = match key {
        Key::Is => return words(values, &Is::ALL, Is::as_str, Test::Is),
        Key::Status => return words(values, Status::ALL, Status::as_str, Test::Status),
        Key::Source => return words(values, Source::ALL, Source::as_str, Test::Source),
        Key::Level => return words(values, Level::ALL, Level::as_str, Test::Level),
        Key::Project => {
            let projects = values.iter().map(|value| ProjectId::from_str(value)).collect::<Result<_, _>>();
            Test::Project(projects.map_err(|error| Wrong { expected: error.to_string(), nearest: None })?)
        }
        Key::Env => Test::Environment(texts()),
        Key::Version => Test::Version(texts()),
        Key::File => Test::File(texts()),
        Key::Type => Test::Type(texts()),
        Key::Since | Key::Until | Key::First => {
            let time = single(values).and_then(|value| time::time(value, now));
            let time =
                time.ok_or_else(|| Wrong { expected: format!("must be {}", time::EXPECTED), nearest: None })?;
            match key {
                Key::Since => Test::Since(time),
                Key::Until => Test::Until(time),
                _ => Test::First(time),
            }
        }
        Key::Count => {
            let count = single(values).and_then(count);
            let expected = || Wrong {
                expected: "must be a number, such as >100, >=100, <10 or 1".into(),
                nearest: None,
            };
            let (comparison, number) = count.ok_or_else(expected)?;
            Test::Count(comparison, number)
        }
    };
    Ok((test, None))
}

fn single<'a>(values: &[&'a str]) -> Option<&'a str> {
    match values {
        [one] => Some(one),
        _ => None,
    }
}

fn count(value: &str) -> Option<(Comparison, i64)> {
    use Comparison::{Above, AtLeast, AtMost, Below, Equal};
    // The longer ones first.
    let read = [AtLeast, AtMost, Above, Below, Equal]
        .into_iter()
        .find_map(|comparison| value.strip_prefix(comparison.as_str()).map(|number| (comparison, number)));
    let (comparison, number) = read.unwrap_or((Equal, value));
    number.parse().ok().map(|number| (comparison, number))
}

/// Values of a closed set of words, written in any case.
fn words<T: Copy>(
    values: &[&str],
    all: &[T],
    name: fn(T) -> &'static str,
    test: fn(Vec<T>) -> Test,
) -> Result<(Test, Option<String>), Wrong> {
    let find = |value: &str| all.iter().copied().find(|one| name(*one).eq_ignore_ascii_case(value));
    let found: Vec<T> = values.iter().filter_map(|value| find(value)).collect();
    if found.len() == values.len() && !found.is_empty() {
        let canonical = found.iter().map(|one| name(*one)).collect::<Vec<_>>().join(",");
        return Ok((test(found), Some(canonical)));
    }
    let names = || all.iter().map(|one| name(*one));
    let wrong = values.iter().find(|value| find(value).is_none()).copied().unwrap_or_default();
    Err(Wrong {
        expected: format!("must be one of {}", names().collect::<Vec<_>>().join(", ")),
        nearest: nearest(wrong, names()).map(|right| {
            let corrected = values.iter().map(|value| if *value == wrong { right } else { value });
            corrected.collect::<Vec<_>>().join(",")
        }),
    })
}

/// The word that is nearest, if it is near.
fn nearest(word: &str, words: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let distance = |right: &str| strsim::levenshtein(&word, &right.to_ascii_lowercase());
    let near = words.into_iter().map(|right| (distance(right), right));
    // Nothing of `x` is left in `is`.
    let near = near.filter(|(letters, right)| *letters <= MISTYPED && *letters < right.len());
    near.min_by_key(|(letters, _)| *letters).map(|(_, right)| right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-26T08:30:00Z").unwrap()
    }

    #[test]
    fn a_line_is_read_and_said_again() {
        for line in [
            "status:NEW project:rtc_backend source:cicd env:production level:CRITICAL time out",
            "is:open,waiting-for-deploy -status:FIXED,FIXING -env:staging",
            "env:\"feature a\" std::io::Error",
            "http://host/path x:",
            "env:\"a \"\"b\"\"\" plain",
            "env:\"a,b\" version:2.14.0,2.14.1",
            "\"two  spaces\"",
            "level:ERROR \"status:NEW in the text\"",
            "\"he said \"\"no\"\"\"",
            "env:a\"b,c file:\"//srv/a b\" env:\":x\" env:,:a environment:x never \"closed",
            "since:24h until:yesterday first:2026-11-20 count:>100",
            "type:sqlx file:src/main.rs -file:test",
            "TypeError: x is undefined E0308:mismatched -quiet",
            "\" \"",
            "",
        ] {
            let query = parse(line, now());
            assert_eq!(query.line(), line);
            assert_eq!(query.misfits, [], "{line}");
        }
        assert_eq!(
            parse("status:new,Fixed level:error nobody", now()).line(),
            "status:NEW,FIXED level:ERROR nobody"
        );
    }

    proptest::proptest! {
        #[test]
        fn what_is_said_again_asks_the_same(line in "([a-z]{0,3}(env:|file:|-env:|status:|is:)?[a,:/\" -]{0,8}(NEW|open)?){0,4}") {
            let query = parse(&line, now());
            let again = parse(&query.line(), now());
            if query.misfits.is_empty() {
                proptest::prop_assert_eq!(again.terms, query.terms);
            }
        }
    }

    #[test]
    fn terms_say_what_is_asked() {
        let asked = |line: &str| {
            let conditions: Vec<_> = parse(line, now()).conditions().collect();
            let [condition] = &conditions[..] else { panic!("{line}: {conditions:?}") };
            (condition.excluded, condition.test.clone())
        };
        let text = |text: &str| text.to_owned();
        for (line, excluded, test) in [
            ("status:NEW,FIXED", false, Test::Status(vec![Status::New, Status::Fixed])),
            ("-is:in-repair", true, Test::Is(vec![Is::InRepair])),
            ("env:\"a,b\"", false, Test::Environment(vec![text("a,b")])),
            ("env:a,b", false, Test::Environment(vec![text("a"), text("b")])),
            ("-project:shop", true, Test::Project(vec!["shop".parse().unwrap()])),
            ("since:1h", false, Test::Since(now().minus_millis(3_600_000))),
            ("count:>=3", false, Test::Count(Comparison::AtLeast, 3)),
            ("count:7", false, Test::Count(Comparison::Equal, 7)),
            ("\"status:NEW  x\"", false, Test::Text(text("status:NEW  x"))),
            ("-word", false, Test::Text(text("-word"))),
            ("TypeError:", false, Test::Text(text("TypeError"))),
            ("::", false, Test::Text(text("::"))),
        ] {
            assert_eq!(asked(line), (excluded, test), "{line}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told_with_the_nearest() {
        for (line, nearest) in [
            ("status:OPEN", None),
            ("status:FIXD", Some("status:FIXED")),
            ("status:NEW,FIXD", Some("status:NEW,FIXED")),
            ("user:u_1", None),
            ("-levl:ERROR", Some("-level:ERROR")),
            ("Status:NEW", Some("status:NEW")),
            ("is:opn", Some("is:open")),
            ("project:a/b", None),
            ("since:tomorrow", None),
            ("since:1h,2h", None),
            ("count:many", None),
            ("status:\"not so\"", None),
            ("status:,", None),
            ("-file:,", None),
        ] {
            let query = parse(line, now());
            let [misfit] = &query.misfits[..] else { panic!("{line}: {query:?}") };
            assert_eq!((misfit.nearest.as_deref(), query.line()), (nearest, line.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_key_is_set_and_taken_away() {
        let mut query = parse("status:NEW env:a text", now());
        assert_eq!(
            query.only(|test| if let Test::Status(all) = test { Some(all) } else { None }),
            Some(&Status::New)
        );
        query.set(Key::Status, Some("FIXED"));
        query.set(Key::Env, None);
        query.set(Key::Project, Some("shop"));
        assert_eq!(query.line(), "text status:FIXED project:shop");
        query.set(Key::Project, Some("shop"));
        query.set(Key::Env, Some(":x y"));
        assert_eq!(query.line(), "text status:FIXED project:shop env:\":x y\"");
        let mut beside = parse("env:a -env:b", now());
        beside.set(Key::Env, Some("a"));
        assert_eq!(beside.line(), "env:a -env:b");
        beside.set(Key::Env, Some("c"));
        assert_eq!(beside.line(), "-env:b env:c");
        let mut several = parse("status:NEW,FIXED -env:a level:ERROR", now());
        for key in [Key::Status, Key::Env, Key::Level] {
            several.set(key, None);
        }
        assert_eq!(several.line(), "status:NEW,FIXED -env:a");
    }
}
