//! Splits the fields of a stored hash.

/// Returns the fields between dollar signs.
pub(super) fn split_fields(stored: &str) -> Vec<&str> {
    stored.split('$').collect()
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
