//! The numbers of the JSON envelope.

/// The kind of an answer, as the field `errno` says it. The numbers are part of the contract (`docs/api.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    /// The request succeeded.
    Ok,
    /// MySQL, SQLite or Redis does not answer.
    DbErr,
    /// There is no such object. A captcha or an SMS code has expired, was used, or was never sent.
    NoData,
    /// The number or the name is taken.
    DataExist,
    /// The captcha or the SMS code does not match.
    DataErr,
    /// The client is not signed in.
    SessionErr,
    /// The login is unknown or the password is wrong.
    LoginErr,
    /// A field is missing or malformed.
    ParamErr,
    /// The account is locked.
    UserErr,
    /// The client is signed in but not allowed to do this.
    RoleErr,
    /// The client is signed in and gave a wrong current password.
    PwdErr,
    /// The request came too often, from another site, or with a wrong method.
    ReqErr,
    /// The SMS provider refused or failed.
    ThirdErr,
    /// The service has a fault, or is too busy.
    ServerErr,
}

impl Errno {
    /// Returns the number as it stands on the wire, where it is always a string.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "0",
            Self::DbErr => "4001",
            Self::NoData => "4002",
            Self::DataExist => "4003",
            Self::DataErr => "4004",
            Self::SessionErr => "4101",
            Self::LoginErr => "4102",
            Self::ParamErr => "4103",
            Self::UserErr => "4104",
            Self::RoleErr => "4105",
            Self::PwdErr => "4106",
            Self::ReqErr => "4201",
            Self::ThirdErr => "4301",
            Self::ServerErr => "4500",
        }
    }
}
