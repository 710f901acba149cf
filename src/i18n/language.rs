//! How a request chooses the language of pages and messages.

use std::sync::LazyLock;

use actix_web::{
    cookie::Cookie,
    http::{
        header,
        header::{HeaderMap, HeaderName},
    },
};
use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use unic_langid::LanguageIdentifier;

pub use crate::domain::language::{LANGUAGES, Language};

/// The cookie that remembers the language somebody chose. Over https its name has the prefix `__Host-`.
pub const COOKIE: &str = "haoma_lang";
const COOKIE_OVER_HTTPS: &str = "__Host-haoma_lang";

/// Chooses by `?lang=`, else by the cookie, else by `Accept-Language`.
pub fn choose(query: &str, cookie: Option<&str>, accepted: &str) -> Language {
    chosen(query)
        .or_else(|| cookie.and_then(Language::from_tag))
        .unwrap_or_else(|| negotiated(accepted))
}

/// Chooses the language of a request.
///
/// It parses the header `Cookie` itself: actix-web caches the cookies it has parsed once, and the middleware
/// `origin` may still remove some of ours. Over https it also reads the cookie without the prefix, which may have
/// been set before the site used https, for a year. Another host could set that one, but a language does no harm.
pub fn of_request(query: &str, headers: &HeaderMap) -> Language {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let cookies = text(header::COOKIE).unwrap_or_default();
    let named = |name: &str| {
        cookies.split(';').flat_map(Cookie::parse).find(|cookie| cookie.name() == name)
    };
    let cookie = named(COOKIE_OVER_HTTPS).or_else(|| named(COOKIE));
    let accepted = text(header::ACCEPT_LANGUAGE).unwrap_or_default();
    choose(query, cookie.as_ref().map(Cookie::value), accepted)
}

/// Returns the language in the query, if it names one.
pub fn chosen(query: &str) -> Option<Language> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "lang").and_then(|(_, tag)| Language::from_tag(&tag))
}

fn negotiated(accepted: &str) -> Language {
    static AVAILABLE: LazyLock<Vec<LanguageIdentifier>> = LazyLock::new(|| {
        LANGUAGES.iter().filter_map(|language| language.tag().parse().ok()).collect()
    });

    let requested: Vec<_> =
        parse_accepted_languages(accepted).into_iter().map(with_script_as_country).collect();
    let best = negotiate_languages(&requested, &AVAILABLE, None, NegotiationStrategy::Lookup);
    best.first().and_then(|tag| Language::from_tag(&tag.to_string())).unwrap_or(Language::Chinese)
}

/// Chinese is told apart by its script, which follows from the country where it is not named. Our two are named by country.
fn with_script_as_country(mut tag: LanguageIdentifier) -> LanguageIdentifier {
    if tag.language.as_str() != "zh" {
        return tag;
    }
    let is_traditional = match tag.script {
        Some(script) => script.as_str() == "Hant",
        None => tag.region.is_some_and(|region| ["TW", "HK", "MO"].contains(&region.as_str())),
    };
    let country = if is_traditional { "TW" } else { "CN" };
    tag.region = country.parse().ok();
    tag.script = None;
    tag
}

/// Returns the codes of the countries in which a reader of these languages may live, the likeliest first.
pub fn likely_countries(accepted: &str) -> Vec<String> {
    let requested = parse_accepted_languages(accepted).into_iter();
    let home = |tag: LanguageIdentifier| {
        Language::from_tag(&with_script_as_country(tag).to_string()).and_then(Language::home)
    };
    let country = |tag: LanguageIdentifier| {
        let region = tag.region.as_ref().map(|region| region.as_str().to_owned());
        region.or_else(|| home(tag).map(str::to_owned))
    };
    requested.filter_map(country).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_precedes_the_cookie_and_the_cookie_the_header() {
        assert_eq!(choose("lang=en", Some("zh-CN"), "zh-CN"), Language::English);
        assert_eq!(choose("", Some("en"), "zh-CN"), Language::English);
        assert_eq!(choose("", None, "en-GB,en;q=0.8,zh;q=0.5"), Language::English);
        for (accepted, language) in [
            ("zh-TW,zh;q=0.9,en;q=0.8", Language::TraditionalChinese),
            ("zh-Hant", Language::TraditionalChinese),
            ("zh-HK,zh;q=0.9", Language::TraditionalChinese),
            ("zh-MO", Language::TraditionalChinese),
            ("zh-Hant-CN", Language::TraditionalChinese),
            ("zh-Hans-HK", Language::Chinese),
            ("zh-Hans", Language::Chinese),
            ("zh-SG", Language::Chinese),
            ("zh", Language::Chinese),
            ("ja,en-US;q=0.9,en;q=0.8", Language::Japanese),
            ("ja-JP", Language::Japanese),
            ("ko-KR,ko;q=0.9", Language::Korean),
        ] {
            assert_eq!(choose("", None, accepted), language, "{accepted}");
        }
        assert_eq!(choose("lang=xx", None, "fr"), Language::Chinese);
        assert_eq!(choose("", None, ""), Language::Chinese);
    }
}
