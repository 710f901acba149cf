//! The countries whose numbers are accepted.

use super::{
    country::{Country, Numbering},
    mobile::Mobile,
};
use crate::errors::Problem;

/// Countries by their ISO 3166-1 codes. The default is mainland China alone.
///
/// Every other country can make strangers run up the bill (R33).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Regions {
    /// Only these countries.
    Only(Vec<String>),
    /// Every country with mobile numbers.
    Any,
}

impl Regions {
    /// Returns mainland China.
    pub fn mainland() -> Self {
        Self::Only(vec!["CN".to_owned()])
    }

    /// Reads `CN,HK,SG`, or `*` for every country.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        let codes = text.split(',').map(|code| {
            let code = code.trim().to_ascii_uppercase();
            code.parse::<Country>().ok().map(|_| code)
        });
        codes.collect::<Option<Vec<_>>>().map(Self::Only)
    }

    /// Returns whether a number belongs to one of the countries.
    pub fn include(&self, mobile: &Mobile) -> bool {
        match self {
            Self::Any => true,
            Self::Only(codes) => mobile.region().is_some_and(|region| codes.contains(&region)),
        }
    }

    /// Returns whether a country is served.
    pub fn has(&self, country: Country) -> bool {
        match self {
            Self::Any => Numbering::of(country).is_some(),
            Self::Only(codes) => codes.iter().any(|code| code == country.as_ref()),
        }
    }

    /// Returns the country if there is only one.
    pub fn only(&self) -> Option<Country> {
        match self {
            Self::Only(codes) => match codes.as_slice() {
                [code] => code.parse().ok(),
                _ => None,
            },
            Self::Any => None,
        }
    }

    /// Returns how numbers are written, if there is only one country.
    pub fn numbering(&self) -> Option<Numbering> {
        self.only().and_then(Numbering::of)
    }

    /// Returns a number as people write it in a field beside which its country is chosen or shown.
    pub fn local(&self, mobile: &Mobile) -> String {
        if self.include(mobile) { mobile.national() } else { mobile.as_str().to_owned() }
    }

    /// Returns the problem of a text that is no number of these countries, or of the one that was chosen.
    pub fn malformed(&self, chosen: Option<Country>) -> Problem {
        match chosen.or_else(|| self.only().filter(|only| *only != Country::CN)) {
            Some(country) => Problem::MobileMalformedIn(country),
            None => Problem::MobileMalformed,
        }
    }

    /// Reads the code of a country that a person or program has chosen for a number.
    pub fn country(&self, code: &str) -> Result<Country, Problem> {
        let country = code.to_ascii_uppercase().parse().or(Err(Problem::CountryUnknown))?;
        if self.has(country) { Ok(country) } else { Err(Problem::CountryNotServed(country)) }
    }

    /// Reads a number that a person typed, if it belongs to one of the countries. If one was chosen or there is only one,
    /// the number may be written as people there do, without the prefix of the country.
    pub fn mobile(&self, text: &str, chosen: Option<Country>) -> Result<Mobile, Problem> {
        let mobile = match chosen.or_else(|| self.only()) {
            Some(country) => Mobile::parse_in(text, country),
            None => Mobile::parse(text),
        };
        match mobile {
            Ok(mobile) if self.include(&mobile) => Ok(mobile),
            Ok(mobile) => Err(match mobile.region().and_then(|region| region.parse().ok()) {
                Some(country) => Problem::CountryNotServed(country),
                None => self.malformed(chosen),
            }),
            Err(Problem::MobileMalformed) => Err(self.malformed(chosen)),
            Err(problem) => Err(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_mainland_is_served_unless_more_are_named() {
        let abroad = "+852 5123 4567";
        let read = |regions: &str| Regions::parse(regions).unwrap().mobile(abroad, None);

        assert_eq!(
            Regions::mainland().mobile(abroad, None),
            Err(Problem::CountryNotServed(Country::HK))
        );
        assert_eq!(read("CN, hk").unwrap().as_str(), "+85251234567");
        assert_eq!(read("*").unwrap().as_str(), "+85251234567");
        assert!(Regions::parse("HK").unwrap().mobile("13800138000", None).is_err());
    }

    #[test]
    fn numbers_of_the_only_country_are_read_as_people_there_write_them() {
        let hong_kong = Regions::parse("HK").unwrap();

        for text in ["5123 4567", "852 5123 4567", "+852 5123-4567", "0085251234567"] {
            assert_eq!(hong_kong.mobile(text, None).unwrap().as_str(), "+85251234567", "{text}");
        }
        for text in ["2123 4567", "512345678", "13800138000", "abc"] {
            let problem = Problem::MobileMalformedIn(Country::HK);
            assert_eq!(hong_kong.mobile(text, None), Err(problem), "{text}");
        }
        let problem = Problem::CountryNotServed(Country::CN);
        assert_eq!(hong_kong.mobile("+86 138 0013 8000", None), Err(problem));
    }

    #[test]
    fn a_chosen_country_says_how_digits_are_read_and_a_prefix_overrules_it() {
        let regions = Regions::parse("CN,HK,SG").unwrap();
        let read = |text: &str, country| regions.mobile(text, Some(country));

        assert_eq!(read("9123 4567", Country::HK).unwrap().as_str(), "+85291234567");
        assert_eq!(read("9123 4567", Country::SG).unwrap().as_str(), "+6591234567");
        assert_eq!(read("138 0013 8000", Country::CN).unwrap().as_str(), "13800138000");
        assert_eq!(read("+86 138 0013 8000", Country::HK).unwrap().as_str(), "13800138000");
        assert_eq!(read("0065 9123 4567", Country::CN).unwrap().as_str(), "+6591234567");
        assert_eq!(
            read("9123 4567", Country::CN),
            Err(Problem::MobileMalformedIn(Country::CN)),
            "no other country is tried"
        );
        assert_eq!(
            read("+81 90 1234 5678", Country::HK),
            Err(Problem::CountryNotServed(Country::JP))
        );
        assert_eq!(regions.country("hk"), Ok(Country::HK));
        assert_eq!(regions.country("JP"), Err(Problem::CountryNotServed(Country::JP)));
        for code in ["XX", "", "HKG", "852"] {
            assert_eq!(regions.country(code), Err(Problem::CountryUnknown), "{code}");
        }
    }

    #[test]
    fn an_unknown_country_is_refused() {
        for text in ["China", "CN;HK", "", "XX"] {
            assert_eq!(Regions::parse(text), None, "{text}");
        }
    }
}
