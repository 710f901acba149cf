//! Passwords that have passed the policy.

use std::{cmp::Ordering, fmt};

use unicode_normalization::UnicodeNormalization as _;

use super::{mobile::Mobile, name::Name};
use crate::errors::Problem;

/// Common passwords of 8 characters or more, in lower case, one per line, sorted by their bytes.
///
/// The union of the lists of Django (BSD-3-Clause) and zxcvbn (MIT), whose notices are in `THIRD-PARTY-NOTICES.md`, and
/// of passwords that are common in China.
const COMMON: &str = include_str!("common_passwords.txt");

/// Number of kinds of characters, out of lower-case letters, capitals, digits and others, where an operator must
/// require them (GB/T 22239-2019).
const MIN_KINDS: usize = 3;
/// Maximum length in code points: enough for any pass phrase, and it bounds the work.
const MAX_LENGTH: usize = 128;

/// The requirements on a new password, besides not being a common one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Minimum length in code points.
    pub min_length: u32,
    /// Whether three kinds of characters are required.
    pub requires_kinds: bool,
}

impl Default for PasswordPolicy {
    /// Requires a length and nothing else (ASVS 6.2.1 and 6.2.5, NIST SP 800-63B-4 §3.1.1.2).
    fn default() -> Self {
        Self { min_length: 8, requires_kinds: false }
    }
}

/// A password as typed, in NFC. It is never trimmed, cut or changed in case (R69).
///
/// A password from [`Password::typed`] can only be compared; [`Password::chosen`] also applies the policy.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes a password to compare with a stored hash: any text within the maximum length.
    pub fn typed(text: &str) -> Result<Self, Problem> {
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        if text.chars().count() > MAX_LENGTH {
            return Err(Problem::PasswordLong);
        }
        Ok(Self(text.nfc().collect()))
    }

    /// Takes a new password and applies the policy.
    pub fn chosen(text: &str, policy: PasswordPolicy) -> Result<Self, Problem> {
        if text.is_empty() {
            return Err(Problem::NewPasswordMissing);
        }
        let password = Self::typed(text)?;
        let least = policy.min_length;
        if u32::try_from(password.0.chars().count()).unwrap_or(u32::MAX) < least {
            return Err(Problem::PasswordShort { least });
        }
        if policy.requires_kinds && kinds(&password.0) < MIN_KINDS {
            return Err(Problem::PasswordPlain);
        }
        if is_common(&password.0.to_lowercase()) {
            return Err(Problem::PasswordCommon);
        }
        Ok(password)
    }

    /// Refuses the person's own number, its national part, and the name as a password.
    pub fn apart_from(self, mobile: &Mobile, name: Option<&Name>) -> Result<Self, Problem> {
        let lower = self.0.to_lowercase();
        let is_own = Mobile::parse(&lower).is_ok_and(|own| own == *mobile)
            || mobile.as_str().contains(&lower)
            || name.is_some_and(|name| name.as_str() == lower);
        if is_own { Err(Problem::PasswordPersonal) } else { Ok(self) }
    }

    /// Returns the bytes that are hashed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Counts the kinds of characters among lower-case letters, capitals, digits and others.
fn kinds(text: &str) -> usize {
    let is_other =
        |letter: char| !letter.is_lowercase() && !letter.is_uppercase() && !letter.is_ascii_digit();
    let kinds: [&dyn Fn(char) -> bool; 4] =
        [&char::is_lowercase, &char::is_uppercase, &|letter| letter.is_ascii_digit(), &is_other];
    kinds.iter().filter(|is_it| text.chars().any(is_it)).count()
}

fn is_common(lower: &str) -> bool {
    is_listed(COMMON.as_bytes(), lower.as_bytes())
        || lower.chars().all(|first| lower.starts_with(first))
}

/// Looks a line up by binary search. Reading the whole list would take as long as the rest of a registration without
/// its hash.
fn is_listed(list: &[u8], word: &[u8]) -> bool {
    let (before, after) = list.split_at(list.len() / 2);
    // The line in the middle begins in the first half and ends in the second.
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (before, begun) = before.split_at(start);
    let length = after.iter().position(|byte| *byte == b'\n').unwrap_or(after.len());
    let (rest, after) = after.split_at(length);
    match begun.iter().chain(rest).cmp(word) {
        Ordering::Equal => !word.is_empty(),
        Ordering::Less => after.split_first().is_some_and(|(_, after)| is_listed(after, word)),
        Ordering::Greater => is_listed(before, word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<Problem> {
        Password::chosen(text, PasswordPolicy::default()).err()
    }

    fn chosen(text: &str) -> Password {
        Password::chosen(text, PasswordPolicy::default()).unwrap()
    }

    #[test]
    fn a_policy_may_ask_for_three_kinds_out_of_four() {
        let policy = PasswordPolicy { min_length: 8, requires_kinds: true };
        for text in ["abcdefgh-", "abcdefg7h", "ABCDEF77", "一二三四五六七八a"] {
            let refused = Password::chosen(text, policy).err();
            assert_eq!(refused, Some(Problem::PasswordPlain), "{text}");
        }
        for text in ["abcdefG7", "abc def 7", "ABC-DEF-7", "密码一二三四 aB"] {
            assert!(Password::chosen(text, policy).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_list_is_long_and_compared_whole() {
        let mut last = "";
        for word in COMMON.lines() {
            assert!(
                word.chars().count() >= 8 && word == word.to_lowercase() && last < word,
                "{word}"
            );
            assert!(is_common(word) && !is_common(&format!("{word} ")), "{word}");
            last = word;
        }
        assert!(COMMON.lines().count() > 3_000);
        assert_eq!(refused("password"), Some(Problem::PasswordCommon));
        assert_eq!(refused("password of mine"), None, "a part of it is not it");
    }

    #[test]
    fn the_policy_asks_for_length_and_nothing_else() {
        assert_eq!(refused("七个字符的密码"), Some(Problem::PasswordShort { least: 8 }));
        assert_eq!(refused("八个字符的密码!"), None);
        assert_eq!(refused("correct horse"), None);
        assert_eq!(refused(&"长短".repeat(64)), None);
        assert_eq!(refused(&"长短".repeat(65)), Some(Problem::PasswordLong));
        assert_eq!(refused(""), Some(Problem::NewPasswordMissing));
    }

    #[test]
    fn common_passwords_are_refused() {
        for text in ["password", "PassWord", "12345678", "1234567890", "woaini1314", "zzzzzzzzzzz"]
        {
            assert_eq!(refused(text), Some(Problem::PasswordCommon), "{text}");
        }
    }

    #[test]
    fn ones_own_number_and_name_are_refused() {
        let mobile = Mobile::parse("13912345678").unwrap();
        let name = Name::parse("zhangsan-77").unwrap();

        for text in ["13912345678", "+86 139-1234-5678", "912345678", "ZhangSan-77"] {
            let own = chosen(text).apart_from(&mobile, Some(&name));
            assert_eq!(own.err(), Some(Problem::PasswordPersonal), "{text}");
        }
        assert!(chosen("13912345679").apart_from(&mobile, None).is_ok());
    }

    #[test]
    fn composed_and_decomposed_letters_are_one_password() {
        let composed = Password::typed("p\u{e9}p\u{e9}-2026").unwrap();
        let decomposed = Password::typed("pe\u{301}pe\u{301}-2026").unwrap();

        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
    }

    #[test]
    fn a_password_is_never_printed() {
        assert_eq!(format!("{:?}", Password::typed("geheim").unwrap()), "***");
    }
}
