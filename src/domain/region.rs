//! The countries whose numbers are accepted.

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
            code.parse::<phonenumber::country::Id>().ok().map(|_| code)
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

    /// Reads a number that a person typed, if it belongs to one of the countries.
    pub fn mobile(&self, text: &str) -> Result<Mobile, Problem> {
        let mobile = Mobile::parse(text)?;
        if self.include(&mobile) { Ok(mobile) } else { Err(Problem::MobileMalformed) }
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
    fn an_unknown_country_is_refused() {
        for text in ["China", "CN;HK", "", "XX"] {
            assert_eq!(Regions::parse(text), None, "{text}");
        }
    }
}
