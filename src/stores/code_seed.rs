//! The seed of an SMS code, from which the code can be derived again.

use std::fmt;

use rand::Rng as _;

use crate::domain::{hex::hex, sms_code::SmsCode};

/// Marks a seed that contains its code. Random seeds are hexadecimal.
const CHOSEN: char = '=';
/// Stands before the subnet.
const SUBNET: char = '@';

/// A random value, or the code of a test number, and the subnet from which the code was first requested.
///
/// As text, which is stored in Redis, it is `<32 hexadecimal digits>@<subnet>` or `=<six digits>@<subnet>`. It also
/// identifies the code among all others.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeSeed {
    source: CodeSource,
    /// `None` if the text names none.
    subnet: Option<String>,
}

/// The seed of a code.
#[derive(Clone, PartialEq, Eq)]
enum CodeSource {
    Random(String),
    Chosen(SmsCode),
}

impl CodeSeed {
    /// Returns a new random seed.
    pub fn random(subnet: &str) -> Self {
        let source = CodeSource::Random(hex(&rand::rng().random::<[u8; 16]>()));
        Self { source, subnet: Some(subnet.to_owned()) }
    }

    /// Returns the seed of a code that was chosen for a test number. The code is no secret, so the seed contains it.
    pub fn chosen(code: &SmsCode, subnet: &str) -> Self {
        Self { source: CodeSource::Chosen(code.clone()), subnet: Some(subnet.to_owned()) }
    }

    /// Parses the text of a seed. Any text is one: what is not a chosen code counts as random.
    pub fn parse(text: &str) -> Self {
        let (source, subnet) = match text.split_once(SUBNET) {
            Some((source, subnet)) => (source, Some(subnet.to_owned())),
            None => (text, None),
        };
        let chosen = source
            .strip_prefix(CHOSEN)
            .and_then(|digits| SmsCode::parse(digits).ok().filter(|code| code.digits() == digits));
        let source = match chosen {
            Some(code) => CodeSource::Chosen(code),
            None => CodeSource::Random(source.to_owned()),
        };
        Self { source, subnet }
    }

    /// Returns the code of a test number, `None` for a random seed.
    pub fn chosen_code(&self) -> Option<&SmsCode> {
        match &self.source {
            CodeSource::Chosen(code) => Some(code),
            CodeSource::Random(_) => None,
        }
    }

    /// Returns the subnet from which the code was first requested.
    pub fn subnet(&self) -> &str {
        self.subnet.as_deref().unwrap_or_default()
    }

    /// Returns the text that [`parse`](Self::parse) reads.
    pub fn to_text(&self) -> String {
        let source = match &self.source {
            CodeSource::Random(random) => random.clone(),
            CodeSource::Chosen(code) => format!("{CHOSEN}{}", code.digits()),
        };
        match &self.subnet {
            Some(subnet) => format!("{source}{SUBNET}{subnet}"),
            None => source,
        }
    }
}

/// Hides the seed, which may contain the code.
impl fmt::Debug for CodeSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_read_from_its_own_text() {
        let code = SmsCode::parse("042137").unwrap();
        for seed in [CodeSeed::random("192.0.2.0/24"), CodeSeed::chosen(&code, "2001:db8::/48")] {
            assert!(CodeSeed::parse(&seed.to_text()) == seed, "{}", seed.to_text());
        }
        assert_eq!(CodeSeed::chosen(&code, "192.0.2.0/24").to_text(), "=042137@192.0.2.0/24");
    }

    #[test]
    fn every_text_of_a_seed_is_unchanged() {
        for text in ["", "@", "=", "=@", "=04213@a", "=０42137@a", "=042137", "0a@192.0.2.0/24@b"]
        {
            assert_eq!(CodeSeed::parse(text).to_text(), text);
        }
    }

    #[test]
    fn a_seed_contains_its_code_and_its_subnet() {
        let seed = CodeSeed::parse("=042137@192.0.2.0/24");
        assert_eq!(seed.chosen_code().map(SmsCode::digits), Some("042137"));
        assert_eq!(seed.subnet(), "192.0.2.0/24");

        let seed = CodeSeed::parse("00112233445566778899aabbccddeeff@192.0.2.0/24");
        assert_eq!(seed.chosen_code(), None);
        assert_eq!(seed.subnet(), "192.0.2.0/24");
    }
}
