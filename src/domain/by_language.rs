//! One value for each language.

use super::language::{LANGUAGES, Language};

/// A value for each language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByLanguage<T>([T; LANGUAGES.len()]);

impl<T> ByLanguage<T> {
    /// Makes the value of each language.
    pub fn new(of: impl FnMut(Language) -> T) -> Self {
        Self(LANGUAGES.map(of))
    }

    /// Returns the value of a language.
    pub fn of(&self, language: Language) -> &T {
        // In the order of `LANGUAGES`.
        let [chinese, traditional_chinese, english, japanese, korean] = &self.0;
        match language {
            Language::Chinese => chinese,
            Language::TraditionalChinese => traditional_chinese,
            Language::English => english,
            Language::Japanese => japanese,
            Language::Korean => korean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_value() {
        let tags = ByLanguage::new(Language::tag);

        for language in LANGUAGES {
            assert_eq!(*tags.of(language), language.tag());
        }
    }
}
