//! How a person proved who they are (RFC 8176).

/// The proof with which a session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amr {
    /// A code that was texted.
    Sms,
    /// A password.
    Password,
}

impl Amr {
    /// The class of every sign-in, as in `acr`: one proof, which is level 1 of ISO/IEC 29115.
    pub const ACR: &'static str = "1";

    /// Returns the value of the claim `amr`, which is also stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Password => "pwd",
        }
    }

    /// Reads a stored value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Sms, Self::Password].into_iter().find(|amr| amr.as_str() == text)
    }
}
