//! The only reader of the environment; collects every mistake instead of stopping at the first.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display},
    ops::RangeInclusive,
    str::FromStr,
    time::Duration,
};

/// Environment variables, and what was found wrong with them so far.
#[derive(Default)]
pub struct Env {
    values: BTreeMap<String, String>,
    asked: BTreeSet<&'static str>,
    mistakes: Vec<Mistake>,
}

/// A variable that cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The variable's name.
    pub name: &'static str,
    /// What is wrong and what to do; never the value, which may be a secret.
    pub sentence: String,
}

/// By their names only: any value may be a secret.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Env {
    /// The variables of this process, and beneath them those of a `.env` in the working directory.
    pub fn of_process() -> Self {
        let from_file = dotenvy::dotenv_iter().into_iter().flatten().flatten();
        #[expect(clippy::disallowed_methods, reason = "this is the one reader")]
        let of_process = std::env::vars();
        Self::from_pairs(from_file.chain(of_process))
    }

    /// The given variables and no others; later ones win, and an empty value is none.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut values: BTreeMap<_, _> = pairs.into_iter().collect();
        values.retain(|_, value| !value.trim().is_empty());
        Self { values, ..Self::default() }
    }

    /// A text, when it is set.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.asked.insert(name);
        self.values.get(name).map(|it| it.trim().to_owned())
    }

    /// A text that must be set.
    pub fn required(&mut self, name: &'static str, why: &str) -> Option<String> {
        let text = self.text(name);
        if text.is_none() {
            self.mistake(name, format!("is not set: {why}"));
        }
        text
    }

    /// A value with a form of its own; `expected` completes "is not …".
    pub fn parsed<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.mistake(name, format!("is not {expected}"));
        }
        value
    }

    /// A whole number within bounds.
    pub fn number<T: FromStr + PartialOrd + Display>(
        &mut self,
        name: &'static str,
        default: T,
        bounds: RangeInclusive<T>,
    ) -> T {
        let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        self.parsed(name, &expected, |it| it.parse().ok().filter(|it| bounds.contains(it)))
            .unwrap_or(default)
    }

    /// A number of seconds within bounds.
    pub fn seconds(
        &mut self,
        name: &'static str,
        default: u64,
        bounds: RangeInclusive<u64>,
    ) -> Duration {
        Duration::from_secs(self.number(name, default, bounds))
    }

    /// A switch, `on` or `off`.
    pub fn switch(&mut self, name: &'static str, default: bool) -> bool {
        let parse = |text: &str| match text {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        };
        self.parsed(name, "`on` or `off`", parse).unwrap_or(default)
    }

    /// Notes a mistake.
    pub fn mistake(&mut self, name: &'static str, sentence: impl Into<String>) {
        self.mistakes.push(Mistake { name, sentence: sentence.into() });
    }

    /// Every mistake that was noted.
    pub fn mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    /// The names that were asked for, for the test that holds `.env.example` complete.
    pub fn asked(&self) -> &BTreeSet<&'static str> {
        &self.asked
    }
}
