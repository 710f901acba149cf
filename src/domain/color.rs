//! A colour, and whether text in it can be read.

use std::fmt;

/// Red, green and blue, each from 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color([u8; 3]);

impl Color {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// Black.
    pub const BLACK: Self = Self([0; 3]);
    /// The minimum contrast of text by WCAG (1.4.3).
    pub const MIN_CONTRAST: f64 = 4.5;

    /// Makes a colour of its three parts.
    pub const fn new(parts: [u8; 3]) -> Self {
        Self(parts)
    }

    /// Reads `#0b6b57`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// Returns red, green and blue.
    pub const fn parts(self) -> [u8; 3] {
        self.0
    }

    /// Mixes this colour with so many percent of another one.
    #[must_use]
    pub fn with(self, percent: u32, other: Self) -> Self {
        let mut mixed = self;
        for (part, other) in mixed.0.iter_mut().zip(other.0) {
            let sum = u32::from(*part) * (100 - percent.min(100)) + u32::from(other) * percent;
            *part = u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX);
        }
        mixed
    }

    /// Returns the contrast between two colours by the formula of WCAG, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(other) / one.min(other)
    }

    /// Moves this colour towards another one until it can be read on a background.
    #[must_use]
    pub fn readable_on(self, ground: Self, towards: Self) -> Self {
        let steps = (0..=100).map(|percent| self.with(percent, towards));
        let mut good = steps.filter(|color| color.contrast(ground) >= Self::MIN_CONTRAST);
        good.next().unwrap_or(towards)
    }

    /// Returns the colour of text on this one: white where it can be read, otherwise a dark tone of this colour.
    #[must_use]
    pub fn text_on(self) -> Self {
        if Self::WHITE.contrast(self) >= Self::MIN_CONTRAST {
            return Self::WHITE;
        }
        self.with(85, Self::BLACK).readable_on(self, Self::BLACK)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits() {
        assert_eq!(Color::parse("#0B6b57").unwrap().to_string(), "#0b6b57");
        for text in ["0b6b57", "#0b6b5", "#0b6b577", "#0b6b5g", "#+b6b57", "green", "#", "#é6b5"] {
            assert_eq!(Color::parse(text), None, "{text}");
        }
    }

    #[test]
    fn contrast_matches_wcag() {
        let of = |one: &str, other: &str| {
            let contrast = Color::parse(one).unwrap().contrast(Color::parse(other).unwrap());
            format!("{contrast:.2}")
        };
        assert_eq!(of("#000000", "#ffffff"), "21.00");
        assert_eq!(of("#767676", "#ffffff"), "4.54");
        assert_eq!(of("#ffffff", "#777777"), "4.48");
        assert_eq!(of("#123456", "#123456"), "1.00");
    }

    #[test]
    fn a_colour_is_adjusted_until_it_is_readable() {
        let yellow = Color::parse("#ffd400").unwrap();
        let readable = yellow.readable_on(Color::WHITE, Color::BLACK);

        assert!(readable.contrast(Color::WHITE) >= 4.5, "{readable}");
        assert!(readable.with(2, yellow).contrast(Color::WHITE) < 4.6, "no further than needed");
        assert_eq!(readable.readable_on(Color::WHITE, Color::BLACK), readable);
    }
}
