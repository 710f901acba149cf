//! The six digits of a text message.

use std::fmt;

use crate::errors::Problem;

/// Six decimal digits, leading zeros kept: the only shape that every SMS vendor accepts.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsCode(String);

impl SmsCode {
    /// Reads what a person typed or pasted; spaces as in "123 456" are dropped.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let digits: String = text.chars().filter(|it| *it != ' ').collect();
        if digits.is_empty() {
            return Err(Problem::Missing);
        }
        if digits.len() == 6 && digits.bytes().all(|it| it.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(Problem::SmsCodeMalformed)
        }
    }

    /// Makes a code of 128 random bits; the bias of the remainder is below 2⁻¹⁰⁸.
    pub fn from_random(bits: u128) -> Self {
        Self(format!("{:06}", bits % 1_000_000))
    }

    /// The digits, for the message and nowhere else.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SmsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_ascii_digits() {
        assert_eq!(SmsCode::parse("012 345").unwrap().digits(), "012345");
        for text in ["12345", "1234567", "１２３４５６", "12345a", "12345\n"] {
            assert_eq!(SmsCode::parse(text), Err(Problem::SmsCodeMalformed), "{text:?}");
        }
        assert_eq!(SmsCode::parse(" "), Err(Problem::Missing));
    }

    #[test]
    fn leading_zeros_are_kept() {
        assert_eq!(SmsCode::from_random(3_000_042).digits(), "000042");
    }
}
