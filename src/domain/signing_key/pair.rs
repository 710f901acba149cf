//! Key pairs of the three algorithms: how they are made, read and sign.

use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use rsa::{RsaPrivateKey, pkcs8::EncodePrivateKey as _, rand_core::OsRng};

use crate::{
    domain::{public_key::PublicKey, signing_algorithm::SigningAlgorithm},
    errors::Error,
};

/// The length of RSA keys that we make, in bits.
const RSA_BITS: usize = 2048;

/// A key pair.
#[derive(Debug)]
pub(super) enum Pair {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
}

impl Pair {
    /// Makes a private half: the seed of an Ed25519 key, PKCS#8 of the others. An RSA key takes hundreds of
    /// milliseconds.
    ///
    /// ring makes no RSA keys, so the crate `rsa` does; it never signs with them.
    pub(super) fn make_private(algorithm: SigningAlgorithm) -> Result<Vec<u8>, Error> {
        match algorithm {
            SigningAlgorithm::EdDsa => Ok(rand::random::<[u8; 32]>().to_vec()),
            SigningAlgorithm::Es256 => {
                let random = SystemRandom::new();
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                    .map(|private| private.as_ref().to_vec())
                    .map_err(|error| Error::internal(error.to_string()))
            }
            SigningAlgorithm::Rs256 => {
                let key = RsaPrivateKey::new(&mut OsRng, RSA_BITS).map_err(Error::internal)?;
                let private = key.to_pkcs8_der().map_err(Error::internal)?;
                Ok(private.as_bytes().to_vec())
            }
        }
    }

    /// Reads a private half. `None` if it is none of this algorithm.
    pub(super) fn read(algorithm: SigningAlgorithm, private: &[u8]) -> Option<Self> {
        match algorithm {
            SigningAlgorithm::EdDsa => {
                Ed25519KeyPair::from_seed_unchecked(private).ok().map(Self::EdDsa)
            }
            SigningAlgorithm::Es256 => {
                let (curve, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
                EcdsaKeyPair::from_pkcs8(curve, private, &random).ok().map(Self::Es256)
            }
            SigningAlgorithm::Rs256 => RsaKeyPair::from_pkcs8(private).ok().map(Self::Rs256),
        }
    }

    /// Returns the public half.
    pub(super) fn public(&self) -> Option<PublicKey> {
        match self {
            Self::EdDsa(pair) => PublicKey::ed25519(pair.public_key().as_ref()),
            Self::Es256(pair) => PublicKey::p256_of_point(pair.public_key().as_ref()),
            Self::Rs256(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                PublicKey::rsa(&public.n, &public.e).ok()
            }
        }
    }

    /// Returns the signature of these bytes.
    pub(super) fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = |error: ring::error::Unspecified| Error::internal(error.to_string());
        match self {
            Self::EdDsa(pair) => Ok(pair.sign(bytes).as_ref().to_vec()),
            Self::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), bytes).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
        }
    }
}
