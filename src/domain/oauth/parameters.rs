//! The parameters of a request to one of the endpoints.

use std::{collections::BTreeMap, fmt};

/// Parameters by name. Those without a value are left out (RFC 6749 §3.1). They do not print, because some are secrets.
#[derive(Clone, Default)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    repeated: Vec<String>,
}

impl Parameters {
    /// Reads a query or a form.
    pub fn parse(text: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (name, value) in url::form_urlencoded::parse(text) {
            if value.is_empty() {
                continue;
            }
            if parameters.values.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                parameters.repeated.push(name.into_owned());
            }
        }
        parameters
    }

    /// Returns a parameter that was sent once.
    pub fn get(&self, name: &str) -> Option<&str> {
        let is_repeated = self.repeated.iter().any(|repeated| repeated == name);
        self.values.get(name).filter(|_| !is_repeated).map(String::as_str)
    }

    /// Returns whether a parameter was sent.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Returns whether any parameter was sent more than once, which RFC 6749 §3.1 forbids.
    pub fn has_repeated(&self) -> bool {
        !self.repeated.is_empty()
    }

    /// Returns a query with all parameters but these.
    pub fn query_without(&self, names: &[&str]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let kept = self.values.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        kept.for_each(|(name, value)| {
            query.append_pair(name, value);
        });
        query.finish()
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
