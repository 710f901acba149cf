//! Splits the fields of a stored hash.

/// Returns the fields between dollar signs.
pub(super) fn split_fields(stored: &str) -> Vec<&str> {
    stored.split('$').collect()
}

/// Reads pairs of hexadecimal digits.
pub(super) fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    digits?
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}

/// Reads `name=number,name=number`, with exactly these names in this order.
pub(super) fn numbers<const N: usize>(text: &str, names: [&str; N]) -> Option<[u32; N]> {
    let pairs: Vec<_> = text.split(',').collect();
    if pairs.len() != N {
        return None;
    }
    let mut numbers = [0; N];
    for ((number, name), pair) in numbers.iter_mut().zip(names).zip(pairs) {
        *number = pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok()?;
    }
    Some(numbers)
}
