//! The query language of lists of issues: words, each of which must be in type, message or file, `"a phrase"`, and
//! `key:value`, `key:a,b`, `-key:value` with the keys of [`Key`].

mod condition;
mod key;
mod parse;
mod time;

pub use condition::{Comparison, Condition, Is, Test};
pub use key::Key;
pub use parse::parse;

/// A query that was parsed.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Its terms, each of which an issue must fit.
    pub terms: Vec<Term>,
    /// Words that look like a condition, and are none.
    pub misfits: Vec<Misfit>,
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// How it is written.
    pub text: String,
    /// What it asks.
    pub condition: Condition,
}

/// A word that looks like a condition, and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// How it was written.
    pub text: String,
    /// What the key takes.
    pub expected: String,
    /// The nearest word that is right.
    pub nearest: Option<String>,
}

impl Query {
    /// What is asked.
    pub fn conditions(&self) -> impl Iterator<Item = Condition> {
        self.terms.iter().map(|term| term.condition.clone())
    }

    /// The query as text, with the misfits at its end.
    #[must_use]
    pub fn line(&self) -> String {
        let terms = self.terms.iter().map(|term| &*term.text);
        terms.chain(self.misfits.iter().map(|misfit| &*misfit.text)).collect::<Vec<_>>().join(" ")
    }

    /// The only value that a key has, if it has one and is not excluded.
    pub fn only<'a, T>(&'a self, values: impl Fn(&'a Test) -> Option<&'a [T]>) -> Option<&'a T> {
        let mut found = self.terms.iter().filter(|term| !term.condition.excluded);
        found.find_map(|term| match values(&term.condition.test)? {
            [one] => Some(one),
            _ => None,
        })
    }

    /// Sets the value of a key that [`only`](Self::only) finds, or takes it away. Other conditions of the key stay.
    pub fn set(&mut self, key: Key, value: Option<&str>) {
        let word = value.map(|value| format!("{}:{}", key.as_str(), parse::written(value)));
        let set = parse(&word.unwrap_or_default(), logcenter_core::Timestamp::from_millis(0));
        if set.terms.iter().any(|one| self.terms.iter().any(|term| term.condition == one.condition)) {
            return;
        }
        let goes = |Condition { excluded, test }: &Condition| {
            test.key() == Some(key) && !excluded && test.is_single()
        };
        self.terms.retain(|term| !goes(&term.condition));
        self.terms.extend(set.terms);
        self.misfits.extend(set.misfits);
    }
}
