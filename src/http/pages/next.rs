//! The page to go to after signing in: one of this service, or of the operator's other sites.

use url::Url;

use crate::{
    domain::sites::Sites,
    http::{
        oauth::{resume, resume::Resume},
        proxy::paths::HAND_OVER,
        state::WebState,
    },
    i18n::language,
};

/// The path that is used if the request names none.
const HOME: &str = "/account";
/// The longest login that a client may suggest, in bytes.
const MAX_LOGIN_HINT: usize = 64;

/// Returns where to go to: `next` if it is a path of this service or an address on one of the sites, by the rules of
/// browsers, else `/account`.
///
/// Backslashes and control characters are refused first, because browsers read `/\evil` and `/<TAB>/evil` as another
/// host (R59).
pub fn path(sites: &Sites, next: &str) -> String {
    checked(sites, next).unwrap_or_else(|| HOME.to_owned())
}

/// Returns where to go on a site that has been handed a session: `next` if it is a path, else `/`.
pub fn path_on_site(next: &str) -> String {
    checked(&Sites::default(), next).unwrap_or_else(|| "/".to_owned())
}

/// Returns `path` with `next` as a parameter, such as `/login?next=%2Fx`. A `next` that leads elsewhere is left out.
pub fn onto(sites: &Sites, path: &str, next: &str) -> String {
    if checked(sites, next).is_none() {
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
    value(query, "next")
}

/// Returns a parameter of a query, or an empty text.
pub fn value(query: &str, wanted: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Returns the origin that a page with this `next` may send its reader to, if that is one of the sites.
pub fn site(sites: &Sites, next: &str) -> Option<String> {
    let page = checked(sites, next)?;
    if let Some((HAND_OVER, query)) = page.split_once('?') {
        return Some(value(query, "site")).filter(|site| sites.has_origin(site));
    }
    sites.page(next).map(|page| page.origin().ascii_serialization())
}

/// Returns where a page with this `next` may send its reader to, as the policy `form-action` names it: one of the sites, or
/// the client whose request has led to this page.
pub fn form_target(web: &WebState, next: &str) -> Option<String> {
    let client = checked(&web.http.sites, next).and_then(|path| {
        let sealed = value(resume::query_of(&path)?, resume::PARAMETER);
        Some(Resume::open(web, &sealed)?.form_target)
    });
    client.or_else(|| site(&web.http.sites, next))
}

/// Returns the number or name that a client says the person has, if its request leads to this `next`.
pub fn login_hint(next: &str) -> Option<String> {
    let hint = value(resume::query_of(next)?, "login_hint");
    (!hint.is_empty() && hint.len() <= MAX_LOGIN_HINT).then_some(hint)
}

fn checked(sites: &Sites, next: &str) -> Option<String> {
    if next.contains('\\') || next.chars().any(char::is_control) {
        return None;
    }
    if !next.starts_with('/') {
        return sites.page(next).map(String::from);
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

    fn sites() -> Sites {
        Sites::parse("https://www.example.com").unwrap()
    }

    #[test]
    fn own_paths_and_pages_of_the_sites_are_followed() {
        assert_eq!(path(&sites(), "/orders?id=7#end"), "/orders?id=7#end");
        assert_eq!(path(&sites(), "/a/../b"), "/b");
        let page = "https://www.example.com/orders?id=7#end";
        assert_eq!(path(&sites(), page), page);
        assert_eq!(site(&sites(), page).as_deref(), Some("https://www.example.com"));
        assert_eq!(site(&sites(), "/orders"), None);
    }

    #[test]
    fn no_path_leads_to_another_site() {
        for next in [
            "",
            "//evil.example",
            "//www.example.com",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https://evil.example",
            "https://www.example.com\\@evil.example",
            "https://www.example.com@evil.example",
            "https://www.example.com.evil.example",
            "http://www.example.com",
            "javascript:alert(1)",
            "evil.example",
            " //evil.example",
            "/..//evil.example",
        ] {
            for sites in [sites(), Sites::default()] {
                let path = path(&sites, next);
                assert!(
                    path == HOME || !path.starts_with("//") && path.starts_with('/'),
                    "{next:?}"
                );
                assert_ne!(path.get(..2), Some("//"), "{next:?} gives {path}");
            }
        }
    }

    #[test]
    fn links_encode_the_path_to_return_to() {
        let link = |path, next| onto(&sites(), path, next);
        assert_eq!(link("/login", "/orders?id=7"), "/login?next=%2Forders%3Fid%3D7");
        assert_eq!(link("/login?by=sms", "/x"), "/login?by=sms&next=%2Fx");
        assert_eq!(link("/login", "//evil.example"), "/login");
        assert_eq!(
            link("/login", "https://www.example.com/x"),
            "/login?next=https%3A%2F%2Fwww.example.com%2Fx"
        );
    }
}
