//! User names in their canonical form.

use rand::seq::IndexedRandom as _;
use unicode_normalization::UnicodeNormalization as _;

use super::mobile::Mobile;
use crate::errors::Problem;

/// A name, which is unique among accounts and can be used to sign in.
///
/// It is kept in NFKC and lower case, so that `Ada` and `ada` are the same name on every database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

/// Letters that are not mistaken for one another.
const UNAMBIGUOUS_CHARACTERS: &[char] = &[
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v',
    'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7', '8', '9',
];

impl Name {
    /// Reads a name that a person chooses: 2 to 32 letters of any script, digits, `_`, `-` or `.`.
    ///
    /// A name without a letter is refused: it could be somebody else's number, as people in their country write it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let name = Self::existing(text)?;
        if name.0.chars().any(char::is_alphabetic) { Ok(name) } else { Err(Problem::NameMalformed) }
    }

    /// Reads a name that an account may have already. It may have only digits, which were allowed once and are elsewhere.
    pub fn existing(text: &str) -> Result<Self, Problem> {
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        let name = Self::normalize(text);
        let fits = (2..=32).contains(&name.chars().count())
            && name
                .chars()
                .all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'));
        if fits && Mobile::parse(&name).is_err() {
            Ok(Self(name))
        } else {
            Err(Problem::NameMalformed)
        }
    }

    /// Normalises a name or the beginning of one as it is stored. The text need not be a valid name.
    pub fn normalize(text: &str) -> String {
        text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
    }

    /// Makes a random name for a person who chose none: `user-` and ten letters.
    pub fn random() -> Self {
        let mut rng = rand::rng();
        let letters = (0..10).filter_map(|_| UNAMBIGUOUS_CHARACTERS.choose(&mut rng));
        Self(format!("user-{}", letters.collect::<String>()))
    }

    /// Takes a name that was stored in its canonical form.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the canonical form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_are_one_name() {
        for text in ["Ada", "ada", "Ａｄａ"] {
            assert_eq!(Name::parse(text).unwrap().as_str(), "ada");
        }
        assert_eq!(Name::parse("小明").unwrap().as_str(), "小明");
    }

    #[test]
    fn a_name_is_not_a_number_and_has_no_unusual_characters() {
        for text in [
            "13800138000",
            "１３８００１３８０００",
            "86-13800138000",
            "51234567",
            "5123-4567",
            "_.",
            "٥١٢٣٤٥٦٧",
            "a",
            "a b",
            "a\u{200b}b",
            "<b>",
            &"a".repeat(33),
        ] {
            assert_eq!(Name::parse(text), Err(Problem::NameMalformed), "{text:?}");
        }
    }

    #[test]
    fn an_older_name_may_have_only_digits() {
        assert_eq!(Name::existing("51234567").unwrap().as_str(), "51234567");
        assert_eq!(Name::existing("13800138000"), Err(Problem::NameMalformed));
    }

    #[test]
    fn a_random_name_is_a_name() {
        let name = Name::random();

        assert_eq!(Name::parse(name.as_str()), Ok(name));
    }
}
