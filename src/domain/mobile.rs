//! A mobile number in its one canonical form.

use std::fmt;

use crate::errors::Problem;

/// A mainland number: `1[3-9]` and nine more ASCII digits.
///
/// Every accepted spelling becomes the same value before any key is built from it, so no spelling
/// opens a fresh limit (SECURITY R37, R50, R51). `Debug` masks it, for it ends up in logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mobile(String);

impl Mobile {
    /// Reads what a person typed: spaces and dashes, and a `+86`, `0086` or `86` in front, are dropped.
    ///
    /// Full-width and Arabic digits, zero-width characters and newlines are refused: two people
    /// must never be able to type the same number differently.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        if text.len() > 64 {
            return Err(Problem::MobileMalformed);
        }
        let bare: String = text.chars().filter(|it| !matches!(it, ' ' | '-')).collect();
        let national = ["+86", "0086", "86"]
            .iter()
            .find_map(|prefix| bare.strip_prefix(prefix))
            .unwrap_or(&bare);
        match national.as_bytes() {
            [b'1', b'3'..=b'9', rest @ ..]
                if rest.len() == 9 && rest.iter().all(u8::is_ascii_digit) =>
            {
                Ok(Self(national.to_owned()))
            }
            _ => Err(Problem::MobileMalformed),
        }
    }

    /// A number that was canonical when it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The canonical form: 11 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The international form: `+86` and 11 digits.
    pub fn e164(&self) -> String {
        format!("+86{}", self.0)
    }

    /// The first three and the last four digits: `138****8000` (GB/T 35273).
    pub fn masked(&self) -> String {
        match (self.0.get(..3), self.0.get(self.0.len().saturating_sub(4)..)) {
            (Some(head), Some(tail)) => format!("{head}****{tail}"),
            _ => "****".to_owned(),
        }
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
            "１３８００１３８０００",
            "١٣٨٠٠١٣٨٠٠٠",
            "138\u{200b}00138000",
            "13800138000\n",
            "13800138000\0",
            "+86+8613800138000",
            "a3800138000",
        ] {
            assert_eq!(Mobile::parse(text), Err(Problem::MobileMalformed), "{text:?}");
        }
        assert_eq!(Mobile::parse(""), Err(Problem::Missing));
    }

    #[test]
    fn a_log_shows_only_the_mask() {
        let mobile = Mobile::parse("13800138000").unwrap();

        assert_eq!(format!("{mobile:?}"), "138****8000");
    }
}
