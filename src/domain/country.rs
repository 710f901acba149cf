//! How numbers are written in a country.

pub use phonenumber::country::Id as Country;
use phonenumber::{Mode, metadata::DATABASE};

/// The most digits that people write before a number within their country: a prefix like 0, 15 or the code of the country
/// without a `+`.
const PREFIX_DIGITS: u16 = 4;

/// How mobile numbers are written in a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbering {
    /// The prefix of the country, for example `+86`.
    pub dial_code: String,
    /// Whether other countries share the prefix and this is not the first of them.
    pub shares_dial_code: bool,
    /// The fewest digits of a number.
    pub least_digits: u16,
    /// The most digits of a number with what people write before it.
    pub most_digits: u16,
    /// A number as people there write it. Nobody has it: it comes with the rules of the numbers.
    pub example: String,
}

impl Numbering {
    /// Returns how numbers are written in a country; `None` if it has no mobile numbers.
    pub fn of(country: Country) -> Option<Self> {
        let rules = DATABASE.by_id(country.as_ref())?;
        let mobile = rules.descriptors().mobile()?;
        let example = phonenumber::parse(Some(country), mobile.example()?).ok()?;
        let lengths = mobile.possible_length();
        let lengths = if lengths.is_empty() {
            rules.descriptors().general().possible_length()
        } else {
            lengths
        };
        Some(Self {
            dial_code: format!("+{}", rules.country_code()),
            shares_dial_code: DATABASE
                .by_code(&rules.country_code())
                .is_some_and(|others| others.len() > 1 && !rules.is_main_country_for_code()),
            least_digits: *lengths.iter().min()?,
            most_digits: lengths.iter().max()? + PREFIX_DIGITS,
            example: example.format().mode(Mode::National).to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_prefix_a_length_and_an_example() {
        let numbering = Numbering::of(Country::HK).unwrap();
        assert_eq!(numbering.dial_code, "+852");
        assert_eq!((numbering.least_digits, numbering.most_digits), (8, 12));
        assert_eq!(numbering.example, "5123 4567");

        let shares = |country| Numbering::of(country).unwrap().shares_dial_code;
        assert!(!shares(Country::HK) && !shares(Country::US) && !shares(Country::GB));
        assert!(shares(Country::CA) && shares(Country::JE) && shares(Country::KZ));
    }
}
