//! Captchas: a picture of a few letters that a person can read and a simple script cannot.

use std::fmt;

pub use captcha_picture::Letters;
use captcha_picture::{LETTERS, Palette};
use rand::seq::IndexedRandom as _;

use super::{
    color::Color,
    plain_text::{is_blank, plain},
};
use crate::errors::{Error, Problem};

/// Number of letters. Older front-ends check for four.
const LENGTH: usize = 4;
/// Number of letters of the harder captcha, for clients that send no proof of work.
const HARDER_LENGTH: usize = 6;

/// The colours of a captcha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colors {
    /// The letters.
    pub ink: Color,
    /// The ground, which is that of the card around it.
    pub card: Color,
}

impl Colors {
    /// Returns the colours from the ground to the ink in equal steps.
    fn palette(self) -> Palette {
        [0, 33, 66, 100].map(|percent| self.card.with(percent, self.ink).parts())
    }
}

/// When a request for an SMS code needs a captcha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptchaMode {
    /// Always.
    Picture,
    /// While abuse is suspected. Otherwise a proof of work is accepted in its place, which needs JavaScript.
    Auto,
}

/// The difficulty of a captcha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difficulty {
    /// Four letters.
    Normal,
    /// Six letters.
    Harder,
}

/// The id of a captcha, chosen by the client: 1 to 64 of `[0-9A-Za-z-]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptchaId(String);

impl CaptchaId {
    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text.len() {
            0 => Err(Problem::Missing),
            1..=64 if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Problem::Malformed),
        }
    }

    /// Makes an id for a page.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }

    /// Returns the id as it is in the key of the kv store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The letters of a captcha, in lower case. Neither case nor blanks count.
#[derive(Clone, PartialEq, Eq)]
pub struct CaptchaAnswer(String);

impl CaptchaAnswer {
    /// Reads what a person typed. Anything but an empty answer can be compared.
    ///
    /// The first answer uses a captcha up, so full-width letters, format characters and blanks are normalised first.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let letters: String = plain(text).chars().filter(|letter| !is_blank(*letter)).collect();
        match letters.len() {
            0 => Err(Problem::Missing),
            1..=32 => Ok(Self(letters.to_lowercase())),
            _ => Err(Problem::TooLong),
        }
    }

    /// Chooses letters with the operating system's random source.
    pub fn random(difficulty: Difficulty) -> Self {
        let (usual, harder) = Self::random_pair();
        match difficulty {
            Difficulty::Normal => usual,
            Difficulty::Harder => harder,
        }
    }

    /// Chooses the letters of a harder captcha, the first of which are those of a usual one.
    pub fn random_pair() -> (Self, Self) {
        let mut rng = rand::rng();
        let letters = (0..HARDER_LENGTH).filter_map(|_| LETTERS.choose(&mut rng));
        let harder: String = letters.map(char::to_ascii_lowercase).collect();
        (Self(harder.chars().take(LENGTH).collect()), Self(harder))
    }

    /// Returns the letters as they are stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether this can be the answer to a harder captcha.
    pub fn has_harder_length(&self) -> bool {
        is_harder(&self.0)
    }

    /// Draws the captcha as a PNG of 80 pixels height and 50 pixels width per letter.
    ///
    /// It takes a tenth of a millisecond. Nothing of a request reaches the picture but the choice of its colours (R8).
    pub fn draw(&self, letters: &Letters, colors: Colors) -> Result<Vec<u8>, Error> {
        captcha_picture::draw(&self.0, letters, colors.palette()).map_err(Error::internal)
    }
}

/// Returns whether this is as long as the answer to a harder captcha.
pub fn is_harder(answer: &str) -> bool {
    answer.chars().count() == HARDER_LENGTH
}

impl SolvedCaptcha {
    /// Returns the name of the permit that the picture with this answer took from the limits of its address.
    pub fn permit_name(&self) -> String {
        permit_name(&self.id, &self.answer)
    }
}

/// Returns the name of the permit that a picture takes from the limits of its address. It has the id and the first letters of the
/// answer, so that each picture drawn under one id has a permit of its own.
pub fn permit_name(id: &CaptchaId, answer: &CaptchaAnswer) -> String {
    let first: String = answer.0.chars().take(LENGTH).collect();
    format!("{}={first}", id.as_str())
}

impl fmt::Debug for CaptchaAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A captcha with the answer that a client sent.
#[derive(Clone, Debug)]
pub struct SolvedCaptcha {
    /// The id of the captcha.
    pub id: CaptchaId,
    /// The letters that the client sent.
    pub answer: CaptchaAnswer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captcha_ids_are_those_of_older_front_ends_and_safe_in_a_key() {
        for text in ["2b1f4c9e-7d0a-4a53-9a55-0d7f2b1e8c11", "1718000000000", "a", &"a".repeat(64)]
        {
            assert!(CaptchaId::parse(text).is_ok(), "{text}");
        }
        for text in ["a b", "a:b", "{a}", "a\n", "é", &"a".repeat(65)] {
            assert_eq!(CaptchaId::parse(text), Err(Problem::Malformed), "{text:?}");
        }
    }

    #[test]
    fn case_width_and_blanks_of_an_answer_are_ignored() {
        for text in
            [" aBcD ", "ＡＢＣＤ", "a b c d", "\u{202d}ab\u{3000}ｃｄ\u{202c}", "AB\u{a0}CD"]
        {
            assert_eq!(CaptchaAnswer::parse(text).unwrap().as_str(), "abcd", "{text:?}");
        }
        assert_eq!(CaptchaAnswer::parse("\u{200b} "), Err(Problem::Missing));
        assert_eq!(CaptchaAnswer::parse("  "), Err(Problem::Missing));
    }

    #[test]
    fn a_puzzle_is_a_png_of_its_letters() {
        let letters = Letters::load().unwrap();
        let colors = Colors { ink: Color::BLACK, card: Color::WHITE };
        for (difficulty, length, size) in [
            (Difficulty::Normal, 4, [0, 0, 0, 200, 0, 0, 0, 80]),
            (Difficulty::Harder, 6, [0, 0, 1, 44, 0, 0, 0, 80]),
        ] {
            let answer = CaptchaAnswer::random(difficulty);

            let png = answer.draw(&letters, colors).unwrap();

            assert_eq!(answer.as_str().len(), length);
            assert_eq!(answer.has_harder_length(), difficulty == Difficulty::Harder);
            assert_eq!(png.get(..8), Some(b"\x89PNG\r\n\x1a\n".as_slice()));
            assert_eq!(png.get(16..24), Some(size.as_slice()));
            let text = answer.as_str().to_uppercase();
            assert!(!png.windows(length).any(|window| window == text.as_bytes()));
        }
    }
}
