//! The problems of a request's input.

use phonenumber::country::Id as CountryId;
use serde::{Deserialize, Serialize};

/// A problem with a proof of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofProblem {
    /// It is missing, and so is the answer to a harder captcha.
    Missing,
    /// The solution is wrong, or the challenge is not one of ours.
    Wrong,
    /// The challenge is too old.
    Expired,
    /// It was used for another request.
    Used,
    /// Its challenge cost less than this request does.
    Insufficient,
}

/// A field of a request and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name on the wire.
    pub field: String,
    /// The problem of the field.
    pub problem: Problem,
}

/// A problem with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is absent or empty.
    Missing,
    /// It is a new password, and absent or empty.
    NewPasswordMissing,
    /// It is not of the right format.
    Malformed,
    /// It is a JSON value other than a string.
    NotText,
    /// It is neither `true` nor `false`.
    NotBoolean,
    /// It is too long.
    TooLong,
    /// It occurs more than once.
    Repeated,
    /// This request has no such field.
    Unknown,
    /// It is not a mobile number of a region that is served.
    MobileMalformed,
    /// It is not a mobile number of the country that was chosen, or of the only one that is served.
    MobileMalformedIn(CountryId),
    /// It is a number of a country that is not served, or that country.
    CountryNotServed(CountryId),
    /// It is not the code of a country.
    CountryUnknown,
    /// It is not an SMS code, which has six digits.
    SmsCodeMalformed,
    /// The text contains two different SMS codes.
    SmsCodesDiffer,
    /// It is not a name, which has 2 to 32 letters, digits, `_`, `-` or `.`, and is not a number.
    NameMalformed,
    /// The password is too short.
    PasswordShort {
        /// The least number of characters.
        least: u32,
    },
    /// The password needs characters of at least three kinds: lower case, upper case, digits, others.
    PasswordPlain,
    /// The password has more than 128 characters.
    PasswordLong,
    /// The password is a common one, which attackers try first.
    PasswordCommon,
    /// The password is the number or the name itself.
    PasswordPersonal,
    /// The repeated password differs from the first.
    PasswordsDiffer,
    /// The terms, or their current version, were not accepted.
    TermsNotAccepted,
}

impl Problem {
    /// Returns the word for the problem in the JSON field `reasons`. It is part of the contract (`docs/api.md`).
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing | Self::NewPasswordMissing => "missing",
            Self::Malformed => "malformed",
            Self::NotText => "not-text",
            Self::NotBoolean => "not-boolean",
            Self::TooLong | Self::PasswordLong => "too-long",
            Self::Repeated => "repeated",
            Self::Unknown => "unknown",
            Self::MobileMalformed | Self::MobileMalformedIn(_) => "not-mobile",
            Self::CountryNotServed(_) => "not-served",
            Self::CountryUnknown => "not-a-country",
            Self::SmsCodeMalformed => "not-six-digits",
            Self::SmsCodesDiffer => "several-codes",
            Self::NameMalformed => "not-a-name",
            Self::PasswordShort { .. } => "too-short",
            Self::PasswordPlain => "too-plain",
            Self::PasswordCommon => "common",
            Self::PasswordPersonal => "personal",
            Self::PasswordsDiffer => "differs",
            Self::TermsNotAccepted => "not-accepted",
        }
    }
}
