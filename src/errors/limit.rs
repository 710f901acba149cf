//! The limits that a failure can be about.

/// The limits a person can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// One text message a minute for a number.
    Resend,
    /// Text messages for a number in an hour or a day.
    Mobile,
    /// Requests from one address, or from those around it.
    Address,
    /// Text messages for the numbers that begin alike, in an hour.
    Prefix,
    /// Failed sign-ins of an account.
    SignIn,
    /// Wrong codes for a number in a day.
    WrongCodes,
}
