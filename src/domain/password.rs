//! A password that passed the policy.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use super::{mobile::Mobile, name::Name};
use crate::errors::Problem;

/// Passwords that anybody would try first, at least 8 characters long, lower case, one a line.
///
/// The union of the lists of Django (BSD-3-Clause) and zxcvbn (MIT) and of favourites in China.
const COMMON: &str = include_str!("common_passwords.txt");

/// Code points; ASVS 6.2.1, NIST SP 800-63B-4 §3.1.1.2.
const SHORTEST: usize = 8;
/// Code points; long enough for any pass phrase, short enough to bound the work.
const LONGEST: usize = 128;

/// A password as typed, in NFC; never trimmed, cut or case-changed (SECURITY R69).
///
/// One built by [`Password::typed`] is only to be compared; [`Password::chosen`] also asks the policy.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A password to compare with a stored hash: any text within the bounds of size.
    pub fn typed(text: &str) -> Result<Self, Problem> {
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        if text.chars().count() > LONGEST {
            return Err(Problem::PasswordLong);
        }
        Ok(Self(text.nfc().collect()))
    }

    /// A new password: long enough, not a common one.
    pub fn chosen(text: &str) -> Result<Self, Problem> {
        let password = Self::typed(text)?;
        if password.0.chars().count() < SHORTEST {
            return Err(Problem::PasswordShort);
        }
        if is_common(&password.0.to_lowercase()) {
            return Err(Problem::PasswordCommon);
        }
        Ok(password)
    }

    /// Refuses the person's own number, its national part or name as a password.
    pub fn apart_from(self, mobile: &Mobile, name: Option<&Name>) -> Result<Self, Problem> {
        let lower = self.0.to_lowercase();
        let is_own = Mobile::parse(&lower).is_ok_and(|it| it == *mobile)
            || mobile.as_str().contains(&lower)
            || name.is_some_and(|it| it.as_str() == lower);
        if is_own { Err(Problem::PasswordPersonal) } else { Ok(self) }
    }

    /// What is hashed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A scan of 140 kB takes microseconds beside the hash that follows it; an index would only cost memory.
fn is_common(lower: &str) -> bool {
    COMMON.lines().any(|it| it == lower) || lower.chars().all(|it| lower.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<Problem> {
        Password::chosen(text).err()
    }

    #[test]
    fn the_policy_asks_for_length_and_nothing_else() {
        assert_eq!(refused("七个字符的密码"), Some(Problem::PasswordShort));
        assert_eq!(refused("八个字符的密码!"), None);
        assert_eq!(refused("correct horse"), None);
        assert_eq!(refused(&"长短".repeat(64)), None);
        assert_eq!(refused(&"长短".repeat(65)), Some(Problem::PasswordLong));
        assert_eq!(refused(""), Some(Problem::Missing));
    }

    #[test]
    fn what_anybody_would_guess_is_refused() {
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
            let own = Password::chosen(text).unwrap().apart_from(&mobile, Some(&name));
            assert_eq!(own.err(), Some(Problem::PasswordPersonal), "{text}");
        }
        assert!(Password::chosen("13912345679").unwrap().apart_from(&mobile, None).is_ok());
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
