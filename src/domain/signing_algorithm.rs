//! The algorithms that JWTs are signed with.

/// An algorithm of RFC 7518 or RFC 8037.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// Ed25519: small and fast.
    EdDsa,
    /// ECDSA on the curve P-256 with SHA-256, for verifiers that do not know `EdDSA`.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, which every verifier knows. Keys have 2048 bits.
    Rs256,
}

impl SigningAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Rs256];

    /// Returns the name in the header of a JWT.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// Returns the algorithm of this name, whose case counts.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}
