//! The families of older front-ends that can be answered in their own words.

/// A family of front-ends, named after the back ends that it was written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyApi {
    /// Under `/api/v1.0` and its like.
    Ihome,
    /// Under `/passport`, `/users`, or nothing at all.
    Passport,
    /// Django REST framework's, under `/api/v1/user`.
    Drf,
}

impl LegacyApi {
    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ihome" => Some(Self::Ihome),
            "passport" => Some(Self::Passport),
            "drf" => Some(Self::Drf),
            _ => None,
        }
    }
}
