//! Lower-case hexadecimal, the form of keys, hashes and signatures.

use sha2::{Digest as _, Sha256};

/// Encodes each byte as two digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).flatten());
    text
}

/// Returns the SHA-256 of a text or of bytes.
pub fn sha256_hex(input: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(input))
}

/// Reads pairs of digits in either case.
pub fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    digits?
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa0, 0xff]), "000fa0ff");
        assert_eq!(decode_hex("000fa0FF"), Some(vec![0x00, 0x0f, 0xa0, 0xff]));
    }

    #[test]
    fn half_a_pair_and_other_characters_are_refused() {
        for text in ["0", "0g", "00 ", "é0"] {
            assert_eq!(decode_hex(text), None, "{text}");
        }
    }
}
