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
