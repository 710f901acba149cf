//! What can be wrong with what somebody sent.

/// What can be wrong with a proof of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofProblem {
    /// There is none, nor the answer to a harder captcha.
    Missing,
    /// The number is wrong, or the question not one of ours.
    Wrong,
    /// The question was asked too long ago.
    Expired,
    /// It paid for another request.
    Used,
}

/// One field of a request and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name on the wire.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Absent or empty.
    Missing,
    /// Not the kind of value it should be.
    Malformed,
    /// A JSON value that is no text, where one is wanted.
    NotText,
    /// Neither `true` nor `false`.
    NotBoolean,
    /// Longer than allowed.
    TooLong,
    /// Given more than once.
    Repeated,
    /// Not a field of this request.
    Unknown,
    /// A number, but not a mobile number of a country served here.
    MobileMalformed,
    /// An SMS code has six digits.
    SmsCodeMalformed,
    /// A text was given for an SMS code that has two different codes in it.
    SmsCodesDiffer,
    /// A name has 2 to 32 letters, digits, `_`, `-` or `.`, and is not a number.
    NameMalformed,
    /// A password has at least so many characters.
    PasswordShort {
        /// So many.
        least: u32,
    },
    /// A password has characters of at least three kinds: small letters, capitals, digits, others.
    PasswordPlain,
    /// A password has at most 128 characters.
    PasswordLong,
    /// The password is one of the first that anybody would guess.
    PasswordCommon,
    /// The password is the number or the name itself.
    PasswordPersonal,
    /// The password typed a second time is another one.
    PasswordsDiffer,
    /// The terms, or these terms, were not accepted.
    TermsNotAccepted,
}

impl Problem {
    /// The word for it on the wire, beside the field's name; part of the contract (`docs/api.md`).
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::NotText => "not-text",
            Self::NotBoolean => "not-boolean",
            Self::TooLong | Self::PasswordLong => "too-long",
            Self::Repeated => "repeated",
            Self::Unknown => "unknown",
            Self::MobileMalformed => "not-mobile",
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
