//! Reads fields into domain values and collects every problem, so that a person sees all of them at once.

use super::fields::{Fields, Value};
use crate::errors::{Error, FieldProblem, Problem};

/// Bytes of one text. The longest that a person has reason to send is a password of 128 characters.
const MAX_TEXT: usize = 1024;

/// Reads the fields of one body.
pub struct Reader<'a> {
    fields: &'a Fields,
    problems: Vec<FieldProblem>,
}

impl<'a> Reader<'a> {
    /// Begins with a problem for every field whose name is not known.
    pub fn new(fields: &'a Fields, known: &[&str]) -> Self {
        let unknown = fields.unknown(known);
        let problems = unknown
            .map(|name| FieldProblem { field: name.to_owned(), problem: Problem::Unknown })
            .collect();
        Self { fields, problems }
    }

    /// Parses a field. One that was not sent is parsed as an empty text, which most parsers refuse as missing.
    pub fn text<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let parsed = match self.fields.get(name) {
            None => parse(""),
            Some(Value::Text(text)) if text.len() > MAX_TEXT => Err(Problem::TooLong),
            Some(Value::Text(text)) if text.chars().any(char::is_control) => {
                Err(Problem::Malformed)
            }
            Some(Value::Text(text)) => parse(text),
            Some(Value::Flag(_) | Value::Digits(_) | Value::Other) => Err(Problem::NotText),
            Some(Value::Repeated) => Err(Problem::Repeated),
        };
        match parsed {
            Ok(value) => Some(value),
            Err(problem) => self.refuse(name, problem),
        }
    }

    /// Parses a field that may be missing or empty.
    pub fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        self.text(name, |text| if text.is_empty() { Ok(None) } else { parse(text).map(Some) })?
    }

    /// Parses yes or no: `true` in JSON, a ticked box (`on`) in a form. A missing field means no.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.fields.get(name) {
            None => Some(false),
            Some(Value::Flag(flag)) => Some(*flag),
            Some(Value::Text(_)) => self.text(name, |text| match text {
                "on" => Ok(true),
                "" => Ok(false),
                _ => Err(Problem::NotBoolean),
            }),
            Some(Value::Digits(_) | Value::Other) => self.refuse(name, Problem::NotBoolean),
            Some(Value::Repeated) => self.refuse(name, Problem::Repeated),
        }
    }

    /// Returns whether a field that was read has a problem.
    pub fn has_refused(&self, name: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == name)
    }

    /// Returns what `build` makes of the fields, or all problems if there is one.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Error> {
        match build() {
            Some(body) if self.problems.is_empty() => Ok(body),
            _ => Err(Error::Input(self.problems)),
        }
    }

    fn refuse<T>(&mut self, name: &str, problem: Problem) -> Option<T> {
        self.problems.push(FieldProblem { field: name.to_owned(), problem });
        None
    }
}
