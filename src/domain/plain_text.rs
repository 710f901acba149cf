//! Normalises text that people paste or type with an input method.

use icu_properties::{CodePointMapData, props::GeneralCategory};
use unicode_normalization::UnicodeNormalization as _;

/// Returns the text in NFKC, so that full-width letters and digits become ASCII, without format characters. These are
/// invisible and come along when a number is copied from a contact list or a chat.
pub(super) fn plain(text: &str) -> String {
    text.nfkc().filter(|letter| category(*letter) != GeneralCategory::Format).collect()
}

/// Returns whether a character is a blank. Line ends and tabs are control characters, which no field accepts.
pub(super) fn is_blank(letter: char) -> bool {
    letter.is_whitespace() && !letter.is_control()
}

/// Returns whether a character is a dash of any length, or the minus sign.
pub(super) fn is_dash(letter: char) -> bool {
    letter == '\u{2212}' || category(letter) == GeneralCategory::DashPunctuation
}

/// Returns whether a character is a bracket of any shape.
pub(super) fn is_bracket(letter: char) -> bool {
    matches!(category(letter), GeneralCategory::OpenPunctuation | GeneralCategory::ClosePunctuation)
}

/// Returns whether a character is one of the dots that separate groups of digits.
pub(super) fn is_dot(letter: char) -> bool {
    matches!(letter, '.' | '·' | '•' | '‧' | '・' | '。')
}

fn category(letter: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_and_invisible_characters_become_plain_or_go() {
        assert_eq!(plain("\u{202d}１３８\u{200b}a\u{feff}Ｂ\u{202c}"), "138aB");
        assert_eq!(plain("١٣٨\n"), "١٣٨\n", "other digits and control characters stay");
    }

    #[test]
    fn separators_between_digits_are_recognised_by_category() {
        assert!(plain("\u{a0}\u{3000}\u{2009} ").chars().all(is_blank));
        assert!(!['\n', '\t', '1'].into_iter().any(is_blank));
        assert!("-‐‑‒–—―−".chars().all(is_dash));
        assert!(plain("()（）[]【】〔〕").chars().all(is_bracket));
        assert!(plain(".．·•・｡").chars().all(is_dot));
    }
}
