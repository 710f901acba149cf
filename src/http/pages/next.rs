//! The path to go to after signing in, which is always one of this service.

use url::Url;

use crate::i18n::language;

/// The path that is used if the request names none.
const HOME: &str = "/account";

/// Returns the path to go to: `next` if it is a path of this service by the rules of browsers, else `/account`.
///
/// Backslashes and control characters are refused first, because browsers read `/\evil` and `/<TAB>/evil` as another
/// host (R59).
pub fn path(next: &str) -> String {
    checked(next).unwrap_or_else(|| HOME.to_owned())
}

/// Returns `path` with `next` as a parameter, such as `/login?next=%2Fx`. A `next` that leads elsewhere is left out.
pub fn onto(path: &str, next: &str) -> String {
    if checked(next).is_none() {
        return path.to_owned();
    }
    let joint = if path.contains('?') { '&' } else { '?' };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("{path}{joint}{}", query.append_pair("next", next).finish())
}

/// Returns `path` with the language that `query` chooses, if it chooses one.
pub fn in_language_of(query: &str, path: &str) -> String {
    let Some(language) = language::chosen(query) else { return path.to_owned() };
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}lang={}", language.tag())
}

/// Returns whether a query contains `name=value`.
pub fn has(query: &str, name: &str, value: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes()).any(|(key, text)| key == name && text == value)
}

/// Returns the parameter `next` of a query, or an empty text.
pub fn of(query: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "next").map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn checked(next: &str) -> Option<String> {
    let is_odd = next.contains('\\') || next.chars().any(char::is_control);
    if is_odd || !next.starts_with('/') {
        return None;
    }
    // Any origin will do: what matters is whether the path leads away from it.
    let own = Url::parse("https://haoma.invalid").ok()?;
    let url = own.join(next).ok().filter(|url| url.origin() == own.origin())?;
    // `/..//evil.example` becomes `//evil.example`, which is another host.
    if url.path().starts_with("//") {
        return None;
    }
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
    Some(format!("{}{query}{fragment}", url.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_paths_are_followed() {
        assert_eq!(path("/orders?id=7#end"), "/orders?id=7#end");
        assert_eq!(path("/a/../b"), "/b");
    }

    #[test]
    fn no_path_leads_to_another_site() {
        for next in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "evil.example",
            " //evil.example",
            "/..//evil.example",
        ] {
            let path = path(next);
            assert!(path == HOME || !path.starts_with("//") && path.starts_with('/'), "{next:?}");
            assert_ne!(path.get(..2), Some("//"), "{next:?} gives {path}");
        }
    }

    #[test]
    fn links_encode_the_path_to_return_to() {
        assert_eq!(onto("/login", "/orders?id=7"), "/login?next=%2Forders%3Fid%3D7");
        assert_eq!(onto("/login?by=sms", "/x"), "/login?by=sms&next=%2Fx");
        assert_eq!(onto("/login", "//evil.example"), "/login");
    }
}
