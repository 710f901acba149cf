//! The numbers of failures.

/// The numbers of the contract, fixed by the product's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    /// Done.
    Ok,
    /// MySQL or Redis does not answer.
    DbErr,
    /// No such thing; captcha or SMS code expired, used or never sent.
    NoData,
    /// Number or name taken.
    DataExist,
    /// Captcha or SMS code does not match.
    DataErr,
    /// Nobody is signed in.
    SessionErr,
    /// Unknown login or wrong password.
    LoginErr,
    /// Missing or malformed field.
    ParamErr,
    /// Account locked.
    UserErr,
    /// Not allowed.
    RoleErr,
    /// The current password of somebody who is signed in is wrong.
    PwdErr,
    /// Too often, cross-site, wrong method.
    ReqErr,
    /// The SMS provider refused or failed.
    ThirdErr,
    /// Ours.
    ServerErr,
}

impl Errno {
    /// The number as it stands on the wire: always text.
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
