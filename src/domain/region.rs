//! The countries whose numbers are accepted.

use phonenumber::{country::Id as CountryId, metadata::DATABASE};

use super::mobile::Mobile;
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
            code.parse::<CountryId>().ok().map(|_| code)
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

    /// Returns the country if there is only one.
    pub fn only(&self) -> Option<CountryId> {
        match self {
            Self::Only(codes) => match codes.as_slice() {
                [code] => code.parse().ok(),
                _ => None,
            },
            Self::Any => None,
        }
    }

    /// Returns the prefix of the numbers if there is only one country, for example `+86`.
    pub fn dial_code(&self) -> Option<String> {
        let country = DATABASE.by_id(self.only()?.as_ref())?;
        Some(format!("+{}", country.country_code()))
    }

    /// Returns a number as people write it in a field that shows the prefix of the only country.
    pub fn local(&self, mobile: &Mobile) -> String {
        if self.only().is_some() { mobile.national() } else { mobile.as_str().to_owned() }
    }

    /// Returns the problem of a text that is no number of these countries.
    pub fn malformed(&self) -> Problem {
        match self.only() {
            Some(CountryId::CN) | None => Problem::MobileMalformed,
            Some(country) => Problem::MobileMalformedIn(country),
        }
    }

    /// Reads a number that a person typed, if it belongs to one of the countries. If there is only one, the number may be
    /// written as people there do, without the prefix of the country.
    pub fn mobile(&self, text: &str) -> Result<Mobile, Problem> {
        let mobile = match self.only() {
            Some(country) => Mobile::parse_in(text, country),
            None => Mobile::parse(text),
        };
        match mobile {
            Ok(mobile) if self.include(&mobile) => Ok(mobile),
            Ok(_) | Err(Problem::MobileMalformed) => Err(self.malformed()),
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

        assert_eq!(Regions::mainland().mobile(abroad), Err(Problem::MobileMalformed));
        assert_eq!(
            Regions::parse("CN, hk").unwrap().mobile(abroad).unwrap().as_str(),
            "+85251234567"
        );
        assert_eq!(Regions::parse("*").unwrap().mobile(abroad).unwrap().as_str(), "+85251234567");
        assert!(Regions::parse("HK").unwrap().mobile("13800138000").is_err());
    }

    #[test]
    fn numbers_of_the_only_country_are_read_as_people_there_write_them() {
        let hong_kong = Regions::parse("HK").unwrap();

        for text in ["5123 4567", "852 5123 4567", "+852 5123-4567", "0085251234567"] {
            assert_eq!(hong_kong.mobile(text).unwrap().as_str(), "+85251234567", "{text}");
        }
        for text in ["2123 4567", "512345678", "+86 138 0013 8000", "13800138000", "abc"] {
            let problem = Problem::MobileMalformedIn(CountryId::HK);
            assert_eq!(hong_kong.mobile(text), Err(problem), "{text}");
        }
        assert_eq!(hong_kong.dial_code().as_deref(), Some("+852"));
        assert_eq!(Regions::mainland().dial_code().as_deref(), Some("+86"));
        assert_eq!(Regions::parse("HK,CN").unwrap().dial_code(), None);
    }

    #[test]
    fn an_unknown_country_is_refused() {
        for text in ["China", "CN;HK", "", "XX"] {
            assert_eq!(Regions::parse(text), None, "{text}");
        }
    }
}
