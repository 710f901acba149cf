//! The rate limits that an error can name.

/// A rate limit that a person can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// One text message a minute for a number.
    Resend,
    /// Text messages for a number in an hour or a day.
    Mobile,
    /// Requests from one address or its network.
    Address,
    /// Text messages for numbers with the same prefix in an hour.
    Prefix,
    /// Failed sign-ins of an account.
    SignIn,
    /// Wrong codes for a number in a day.
    WrongCodes,
}
