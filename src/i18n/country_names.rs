//! The names of countries and regions.

use super::language::Language;
use crate::domain::country::Country;

/// Returns the countries and their names, in the order of the language.
pub fn country_names(language: Language) -> impl Iterator<Item = (Country, &'static str)> {
    let rows = language.country_names().lines().filter_map(|row| row.split_once('\t'));
    rows.filter_map(|(code, name)| Some((code.parse().ok()?, name)))
}

/// Returns the name of a country; its code if it has no name.
pub fn country_name(language: Language, country: Country) -> String {
    let mut names = country_names(language).filter(|(other, _)| *other == country);
    names.next().map_or_else(|| country.as_ref().to_owned(), |(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use phonenumber::metadata::DATABASE;

    use super::*;
    use crate::i18n::language::LANGUAGES;

    #[test]
    fn every_country_has_a_name_in_every_language() {
        let known: BTreeSet<_> = DATABASE.iter().map(|rules| rules.id().to_owned()).collect();
        let known: BTreeSet<_> =
            known.into_iter().filter(|code| code.parse::<Country>().is_ok()).collect();
        assert!(known.len() > 200, "{known:?}");
        for language in LANGUAGES {
            let named: BTreeSet<_> = country_names(language)
                .filter(|(_, name)| !name.is_empty())
                .map(|(country, _)| country.as_ref().to_owned())
                .collect();
            assert_eq!(named, known, "{}", language.tag());
        }
        assert_eq!(country_name(Language::Chinese, Country::HK), "中国香港");
        assert_eq!(country_name(Language::English, Country::HK), "Hong Kong");
    }
}
