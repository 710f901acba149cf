//! The menu of countries beside a mobile number, in every language.

use serde::Serialize;

use super::{
    country_names::country_names,
    language::{LANGUAGES, Language, likely_countries},
};
use crate::domain::{
    by_language::ByLanguage,
    country::{Country, Numbering},
    region::Regions,
};

/// A country in the menu.
#[derive(Clone, Debug, Serialize)]
pub struct CountryChoice {
    /// The code of ISO 3166-1.
    code: String,
    name: &'static str,
    dial_code: String,
    shares_dial_code: bool,
    least_digits: u16,
    most_digits: u16,
    example: String,
}

impl CountryChoice {
    fn new(country: Country, name: &'static str) -> Option<Self> {
        let numbering = Numbering::of(country)?;
        Some(Self {
            code: country.as_ref().to_owned(),
            name,
            dial_code: numbering.dial_code,
            shares_dial_code: numbering.shares_dial_code,
            least_digits: numbering.least_digits,
            most_digits: numbering.most_digits,
            example: numbering.example,
        })
    }
}

/// The menu of countries; nothing if only one is served. It is built once, at the start.
#[derive(Clone, Debug, Default)]
pub struct CountryMenu {
    choices: Option<ByLanguage<Vec<CountryChoice>>>,
}

impl CountryMenu {
    /// Builds the menu of the countries that are served: those that the operator has named in the operator's order, all
    /// countries in the order of the language.
    pub fn new(regions: &Regions) -> Self {
        if regions.only().is_some() {
            return Self::default();
        }
        let choices = |language| {
            let mut choices: Vec<_> = country_names(language)
                .filter(|(country, _)| regions.has(*country))
                .filter_map(|(country, name)| CountryChoice::new(country, name))
                .collect();
            if let Regions::Only(codes) = regions {
                choices.sort_by_key(|choice| codes.iter().position(|code| *code == choice.code));
            }
            choices
        };
        Self { choices: Some(ByLanguage::new(choices)) }
    }

    /// Returns the countries in a language; none if there is no choice.
    pub fn choices(&self, language: Language) -> &[CountryChoice] {
        self.choices.as_ref().map_or(&[], |choices| choices.of(language))
    }

    /// Returns the code of the country that is chosen at first: the one in the cookie, else one in which a reader of the
    /// accepted languages may live, else the first.
    pub fn first(&self, cookie: Option<&str>, accepted: &str) -> String {
        let [language, ..] = LANGUAGES;
        let choices = self.choices(language);
        let is_served = |code: &String| choices.iter().any(|choice| choice.code == *code);
        let mut likely = cookie.map(str::to_owned).into_iter().chain(likely_countries(accepted));
        let first = || choices.first().map(|choice| choice.code.clone());
        likely.find(is_served).or_else(first).unwrap_or_default()
    }

    /// Returns whether there is a choice.
    pub fn is_shown(&self) -> bool {
        self.choices.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu(regions: &str) -> CountryMenu {
        CountryMenu::new(&Regions::parse(regions).unwrap())
    }

    #[test]
    fn one_country_needs_no_menu_and_several_stand_in_the_order_of_the_operator() {
        assert!(!menu("HK").is_shown() && menu("HK").choices(Language::English).is_empty());
        let several = menu("SG,CN,HK");
        let names: Vec<_> =
            several.choices(Language::English).iter().map(|choice| choice.name).collect();
        assert_eq!(names, ["Singapore", "China", "Hong Kong"]);
        assert!(menu("*").choices(Language::Chinese).len() > 200);
    }

    #[test]
    fn the_first_choice_is_that_of_the_cookie_then_of_the_languages_then_of_the_operator() {
        let several = menu("SG,CN,HK,JP");
        for (cookie, accepted, first) in [
            (Some("JP"), "zh-HK", "JP"),
            (Some("KR"), "zh-HK", "HK"),
            (None, "en,zh-Hant-HK;q=0.9,zh-CN;q=0.8", "HK"),
            (None, "en-US,en;q=0.9", "SG"),
            (None, "zh", "CN"),
            (None, "", "SG"),
            (Some("<b>"), ";;,", "SG"),
        ] {
            assert_eq!(several.first(cookie, accepted), first, "{cookie:?} {accepted}");
        }
    }
}
