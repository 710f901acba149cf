//! The end of the user name and the password in a URL.

/// Returns whether an `@` follows the first `/`, `?` or `#` after the scheme.
///
/// By RFC 3986 user name and password end before that character, though the writer may have meant it as a part of the
/// password. The rest would be taken for a host, printed in messages and looked up in DNS.
pub fn is_ambiguous(url: &str) -> bool {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = behind_scheme.split_once(['/', '?', '#']);
    path.is_some_and(|(_, path)| path.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_at_sign_belongs_in_front_of_the_host() {
        for clear in ["mysql://u:p@h/d", "mysql://u:a@b@h/d", "https://h/a%40b", "redis://h"] {
            assert!(!is_ambiguous(clear), "{clear}");
        }
        for ambiguous in
            ["mysql://u:Ab@Secret99/x@h/d", "redis://u:99/x@h", "https://u:1?x@h/", "x://u:1#@h"]
        {
            assert!(is_ambiguous(ambiguous), "{ambiguous}");
        }
    }
}
