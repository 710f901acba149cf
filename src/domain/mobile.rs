//! Mobile numbers in their canonical form.

use std::fmt;

use phonenumber::{Mode, PhoneNumber, Type};

use super::{
    country::Country,
    plain_text::{is_blank, is_bracket, is_dash, is_dot, plain},
};
use crate::errors::Problem;

/// Maximum number of characters of a typed number. The longest real one is far shorter, however it is formatted.
const MAX_LENGTH: usize = 64;

/// A mainland number as 11 digits, or a number of another country as `+` and E.164 digits.
///
/// Every accepted spelling becomes the same value before any key is built from it, so no spelling has limits of its own
/// (R37, R50, R51). `Debug` masks it, because it is logged.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mobile(String);

impl Mobile {
    /// Reads what a person typed or pasted. Full-width characters count as plain ones; format characters, blanks,
    /// brackets, dots, slashes and dashes are dropped. So is a `+86`, `0086` or `86` before a mainland number. A number of
    /// another country needs its `+` or `00`.
    ///
    /// The text is normalised before anything is looked for in it, so that every spelling becomes the same value.
    /// Digits of other scripts and control characters are refused.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let bare = without_separators(text)?;
        mainland(&bare).or_else(|| abroad(&bare, None)).ok_or(Problem::MobileMalformed)
    }

    /// Reads a number as people in a country write it, with or without the prefix of the country. A number of another
    /// country needs its `+` or `00`.
    pub fn parse_in(text: &str, country: Country) -> Result<Self, Problem> {
        if country == Country::CN {
            return Self::parse(text);
        }
        let bare = without_separators(text)?;
        let is_mainland = bare.starts_with("+86") || bare.starts_with("0086");
        let number = if is_mainland { mainland(&bare) } else { abroad(&bare, Some(country)) };
        number.ok_or(Problem::MobileMalformed)
    }

    /// Takes a number that was stored in its canonical form.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the canonical form, as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it is a mainland number, which Chinese vendors take without a prefix.
    pub fn is_mainland(&self) -> bool {
        !self.0.starts_with('+')
    }

    /// Returns the international form, for example `+86` and 11 digits.
    pub fn e164(&self) -> String {
        if self.is_mainland() { format!("+86{}", self.0) } else { self.0.clone() }
    }

    /// Returns the ISO 3166-1 code of the country.
    pub fn region(&self) -> Option<String> {
        if self.is_mainland() {
            return Some("CN".to_owned());
        }
        let number = self.abroad()?;
        number.country().id().map(|id| id.as_ref().to_owned())
    }

    /// Returns the prefix that it shares with ten thousand numbers: seven digits of a mainland number, all but the last
    /// four of any other.
    pub fn prefix(&self) -> &str {
        self.0.get(..self.0.len().saturating_sub(4)).unwrap_or_default()
    }

    /// Returns the number as its owner reads it: `138 0013 8000`, a number of another country with its `+`.
    pub fn grouped(&self) -> String {
        if let (true, Some(head), Some(middle), Some(tail)) =
            (self.is_mainland(), self.0.get(..3), self.0.get(3..7), self.0.get(7..))
        {
            return format!("{head} {middle} {tail}");
        }
        self.abroad().map_or_else(
            || self.0.clone(),
            |number| number.format().mode(Mode::International).to_string(),
        )
    }

    /// Returns the number as it is written within its country; a mainland number as its 11 digits.
    pub fn national(&self) -> String {
        self.abroad().map_or_else(
            || self.0.clone(),
            |number| number.format().mode(Mode::National).to_string(),
        )
    }

    /// Returns the first three and the last four digits: `138****8000` (GB/T 35273), of a number of another country its
    /// prefix and the last four: `+852****4567`.
    pub fn masked(&self) -> String {
        let head = match self.abroad() {
            Some(number) => Some(format!("+{}", number.code().value())),
            None => self.0.get(..3).map(str::to_owned),
        };
        match (head, self.0.get(self.0.len().saturating_sub(4)..)) {
            (Some(head), Some(tail)) => format!("{head}****{tail}"),
            _ => "****".to_owned(),
        }
    }

    /// Returns a number of another country with its parts.
    fn abroad(&self) -> Option<PhoneNumber> {
        if self.is_mainland() { None } else { phonenumber::parse(None, &self.0).ok() }
    }
}

/// Normalises a typed number and drops what may stand between its digits.
fn without_separators(text: &str) -> Result<String, Problem> {
    if text.is_empty() {
        return Err(Problem::Missing);
    }
    if text.chars().nth(MAX_LENGTH).is_some() {
        return Err(Problem::MobileMalformed);
    }
    let between = |letter: &char| {
        let is_mark =
            is_blank(*letter) || is_dash(*letter) || is_bracket(*letter) || is_dot(*letter);
        is_mark || *letter == '/'
    };
    Ok(plain(text).chars().filter(|letter| !between(letter)).collect())
}

/// Reads a mainland number.
fn mainland(bare: &str) -> Option<Mobile> {
    let national = ["+86", "0086", "86"].iter().find_map(|prefix| bare.strip_prefix(prefix));
    let national = national.unwrap_or(bare);
    match national.as_bytes() {
        [b'1', b'3'..=b'9', rest @ ..]
            if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit) =>
        {
            Some(Mobile(national.to_owned()))
        }
        _ => None,
    }
}

/// Reads a number of another country that may be a mobile number. Without a country, it needs its prefix.
fn abroad(bare: &str, country: Option<Country>) -> Option<Mobile> {
    let international = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00"));
    let digits = international.or_else(|| country.map(|_| bare))?;
    let is_mainland = international.is_some_and(|digits| digits.starts_with("86"));
    if is_mainland || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let text = match international {
        Some(digits) => format!("+{}", without_old_mexican_prefix(digits)),
        None => digits.to_owned(),
    };
    let number = phonenumber::parse(country, text).ok().filter(phonenumber::is_valid)?;
    let kind = number.number_type(&phonenumber::metadata::DATABASE);
    matches!(kind, Type::Mobile | Type::FixedLineOrMobile)
        .then(|| Mobile(number.format().mode(Mode::E164).to_string()))
}

/// Drops the 1 that stood before mobile numbers of Mexico until 2020, and still does in many address books.
fn without_old_mexican_prefix(digits: &str) -> String {
    match digits.strip_prefix("521") {
        Some(national) if national.len() == 10 => format!("52{national}"),
        _ => digits.to_owned(),
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_number_is_one_number() {
        for text in [
            "13800138000",
            "+8613800138000",
            "008613800138000",
            "8613800138000",
            "+86 138-0013-8000",
            " 138 0013 8000 ",
            "\u{202d}13800138000\u{202c}",
            "\u{202d}+86 138 0013 8000",
            "138\u{a0}0013\u{a0}8000",
            "138\u{200b}00138000",
            "\u{feff}13800138000",
            "１３８００１３８０００",
            "＋８６（１３８）００１３－８０００",
            "(+86) 138.0013.8000",
            "138–0013—8000",
            "[138] 0013·8000",
            "138\u{3000}0013\u{2009}8000",
            "138/0013/8000",
        ] {
            assert_eq!(Mobile::parse(text).unwrap().as_str(), "13800138000", "{text}");
        }
    }

    #[test]
    fn what_is_not_a_mainland_mobile_number_is_refused() {
        for text in [
            "12800138000",
            "1380013800",
            "138001380000",
            "+1 3800138000",
            "+8612345678901",
            "+85221234567",
            "١٣٨٠٠١٣٨٠٠٠",
            "13800138000\n",
            "13800138000\0",
            "+86+8613800138000",
            "a3800138000",
            "1380013800\u{301}0",
            "(-.)",
            &"1 ".repeat(33),
        ] {
            assert_eq!(Mobile::parse(text), Err(Problem::MobileMalformed), "{text:?}");
        }
        assert_eq!(Mobile::parse(""), Err(Problem::Missing));
    }

    #[test]
    fn an_owner_reads_the_whole_number_in_groups() {
        assert_eq!(Mobile::parse("13800138000").unwrap().grouped(), "138 0013 8000");
        assert_eq!(Mobile::parse("+85251234567").unwrap().grouped(), "+852 5123 4567");
    }

    #[test]
    fn numbers_of_other_countries_keep_theirs() {
        for text in ["+852 5123 4567", "0085251234567", "+852-5123-4567"] {
            let mobile = Mobile::parse(text).unwrap();
            assert_eq!(mobile.as_str(), "+85251234567", "{text}");
            assert_eq!(mobile.region().as_deref(), Some("HK"));
            assert_eq!(mobile.e164(), "+85251234567");
        }
        assert_eq!(Mobile::parse("13800138000").unwrap().e164(), "+8613800138000");
    }

    #[test]
    fn a_prefix_leaves_four_digits_free() {
        assert_eq!(Mobile::parse("13800138000").unwrap().prefix(), "1380013");
        assert_eq!(Mobile::parse("+85251234567").unwrap().prefix(), "+8525123");
    }

    #[test]
    fn a_log_shows_only_the_mask() {
        let mobile = Mobile::parse("13800138000").unwrap();

        assert_eq!(format!("{mobile:?}"), "138****8000");
        assert_eq!(Mobile::parse("+85251234567").unwrap().masked(), "+852****4567");
    }
}
