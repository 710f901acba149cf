//! The APIs of older back ends that Haoma can answer as.

/// An API, named after the back ends it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyApi {
    /// Paths under `/api/v1.0` and similar ones.
    Ihome,
    /// Paths under `/passport`, under `/users`, or without a prefix.
    Passport,
    /// Django REST framework, under `/api/v1/user`.
    Drf,
}

impl LegacyApi {
    /// Parses a name of the setting `DIALECTS`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ihome" => Some(Self::Ihome),
            "passport" => Some(Self::Passport),
            "drf" => Some(Self::Drf),
            _ => None,
        }
    }
}
