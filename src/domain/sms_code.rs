//! The six digits of an SMS code.

use std::fmt;

use super::plain_text::{is_blank, is_dash, plain};
use crate::errors::Problem;

/// Six decimal digits with leading zeros, the only form that every SMS vendor accepts.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsCode(String);

impl SmsCode {
    /// Reads what a person typed or pasted. Full-width digits count, format characters do not, and blanks and dashes as
    /// in "123 456" are dropped.
    ///
    /// In any other text, such as a whole message, the code is the one run of six digits. A text with two different
    /// ones is refused, because a wrong guess would cost a try.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = plain(text);
        let is_between = |letter: char| is_blank(letter) || is_dash(letter);
        let bare: String = text.chars().filter(|letter| !is_between(*letter)).collect();
        if bare.is_empty() {
            return Err(Problem::Missing);
        }
        if is_code(&bare) {
            return Ok(Self(bare));
        }
        let mut runs =
            text.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty());
        // In digits alone a run of another length is a typing error and not a part of a sentence.
        let is_number = bare.bytes().all(|letter| letter.is_ascii_digit());
        if is_number && !runs.clone().all(is_code) {
            return Err(Problem::SmsCodeMalformed);
        }
        let code = runs.find(|run| is_code(run)).ok_or(Problem::SmsCodeMalformed)?;
        if runs.all(|run| !is_code(run) || run == code) {
            Ok(Self(code.to_owned()))
        } else {
            Err(Problem::SmsCodesDiffer)
        }
    }

    /// Makes a code from 128 random bits. The bias of the remainder is below 2⁻¹⁰⁸.
    pub fn from_random(bits: u128) -> Self {
        Self(format!("{:06}", bits % 1_000_000))
    }

    /// Returns the digits, which may go into the message and nowhere else.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|letter| letter.is_ascii_digit())
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
    fn a_code_is_six_digits_of_either_width() {
        for text in ["012345", "012 345", "012-345", "０１２３４５", "\u{202d}012\u{a0}345\u{202c}"]
        {
            assert_eq!(SmsCode::parse(text).unwrap().digits(), "012345", "{text:?}");
        }
        for text in ["12345", "1234567", "١٢٣٤٥٦", "12 345678", "12345a", "12345\n", "13800138000"]
        {
            assert_eq!(SmsCode::parse(text), Err(Problem::SmsCodeMalformed), "{text:?}");
        }
        assert_eq!(SmsCode::parse(" "), Err(Problem::Missing));
    }

    #[test]
    fn a_whole_message_holds_one_code() {
        for text in [
            "【号码】验证码 012345，5 分钟内有效。",
            "验证码：０１２３４５（5分钟内有效）",
            "Your code is 012345. @haoma.example #012345",
            "012345 012345",
            "13800138000: 012345",
        ] {
            assert_eq!(SmsCode::parse(text).unwrap().digits(), "012345", "{text:?}");
        }
        for text in ["012345 654321", "验证码 012345，请在 654321 前使用"] {
            assert_eq!(SmsCode::parse(text), Err(Problem::SmsCodesDiffer), "{text:?}");
        }
    }

    #[test]
    fn leading_zeros_are_kept() {
        assert_eq!(SmsCode::from_random(3_000_042).digits(), "000042");
    }
}
