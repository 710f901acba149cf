//! The edit distance between a misspelt word and the one that is meant.

/// Returns how many letters have to be changed, removed, added or swapped with a neighbour, if that is at most `max`.
pub(super) fn distance(written: &str, meant: &str, max: usize) -> Option<usize> {
    (0..=max).find(|edits| is_within_distance(written.as_bytes(), meant.as_bytes(), *edits))
}

/// Skips the common beginning, and then tries each kind of edit at the first difference.
fn is_within_distance(written: &[u8], meant: &[u8], edits: usize) -> bool {
    let (written, meant) = match (written, meant) {
        ([one, written @ ..], [other, meant @ ..]) if one == other => {
            return is_within_distance(written, meant, edits);
        }
        ([], []) => return true,
        rest => rest,
    };
    let Some(left) = edits.checked_sub(1) else { return false };
    let changed = match (written, meant) {
        ([_, written @ ..], [_, meant @ ..]) => is_within_distance(written, meant, left),
        _ => false,
    };
    let exchanged = match (written, meant) {
        ([a, b, written @ ..], [c, d, meant @ ..]) => {
            (a, b) == (d, c) && is_within_distance(written, meant, left)
        }
        _ => false,
    };
    let added =
        written.split_first().is_some_and(|(_, written)| is_within_distance(written, meant, left));
    let left_out =
        meant.split_first().is_some_and(|(_, meant)| is_within_distance(written, meant, left));
    changed || exchanged || added || left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_up_to_the_maximum() {
        for (written, meant, expected) in [
            ("BIND", "BIND", Some(0)),
            ("BNID", "BIND", Some(1)),
            ("BIN", "BIND", Some(1)),
            ("BINDS", "BIND", Some(1)),
            ("BINT", "BIND", Some(1)),
            ("LENGHT", "LENGTH", Some(1)),
            ("COLOUR", "COLOR", Some(1)),
            ("PWD", "POW", Some(2)),
            ("PROXY", "PROXIES", Some(3)),
            ("PATH", "BIND", None),
            ("", "POW", Some(3)),
            ("", "BIND", None),
        ] {
            assert_eq!(distance(written, meant, 3), expected, "{written} for {meant}");
            assert_eq!(distance(meant, written, 3), expected, "{meant} for {written}");
        }
    }
}
