//! The words people read, in their language, from `locales/*.ftl`.

use std::{fmt, sync::LazyLock};

use actix_web::{
    cookie::Cookie,
    http::{
        header,
        header::{HeaderMap, HeaderValue},
    },
};
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use unic_langid::LanguageIdentifier;

use crate::errors::Error;

/// The languages there are; the first is the default.
pub const LANGUAGES: [Language; 2] = [Language::Chinese, Language::English];

/// The name of the cookie that remembers a choice of language, and the same as it is set over https.
pub const COOKIE: &str = "haoma_lang";
const COOKIE_OVER_HTTPS: &str = "__Host-haoma_lang";

/// A language that pages and messages come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// 简体中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The tag of BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// What its readers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chinese => "中文",
            Self::English => "English",
        }
    }

    /// The language asked for by `?lang=`, else by the cookie, else by `Accept-Language`.
    pub fn of(query: &str, cookie: Option<&str>, accepted: &str) -> Self {
        Self::chosen(query)
            .or_else(|| cookie.and_then(Self::from_tag))
            .unwrap_or_else(|| Self::negotiated(accepted))
    }

    /// The language of a request.
    ///
    /// Reads the header itself: the framework keeps what it has once read of the cookies, and ours
    /// may yet be taken away (see `origin`). Over https the name without prefix is read too: it was set before,
    /// for a year, and a language that another host has chosen harms nobody.
    pub fn of_request(query: &str, headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|it: &HeaderValue| it.to_str().ok());
        let cookies = text(&header::COOKIE).unwrap_or_default();
        let named = |name: &str| {
            cookies.split(';').flat_map(Cookie::parse).find(|cookie| cookie.name() == name)
        };
        let cookie = named(COOKIE_OVER_HTTPS).or_else(|| named(COOKIE));
        let accepted = text(&header::ACCEPT_LANGUAGE).unwrap_or_default();
        Self::of(query, cookie.as_ref().map(Cookie::value), accepted)
    }

    /// The language in the query, when there is one.
    pub fn chosen(query: &str) -> Option<Self> {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "lang").and_then(|(_, tag)| Self::from_tag(&tag))
    }

    fn from_tag(tag: &str) -> Option<Self> {
        LANGUAGES.into_iter().find(|it| it.tag().eq_ignore_ascii_case(tag))
    }

    fn negotiated(accepted: &str) -> Self {
        static OURS: LazyLock<Vec<LanguageIdentifier>> =
            LazyLock::new(|| LANGUAGES.iter().filter_map(|it| it.tag().parse().ok()).collect());

        let theirs = parse_accepted_languages(accepted);
        let best = negotiate_languages(&theirs, &OURS, None, NegotiationStrategy::Lookup);
        best.first().and_then(|it| Self::from_tag(&it.to_string())).unwrap_or(Self::Chinese)
    }
}

/// All sentences of all languages.
pub struct Catalog {
    chinese: FluentBundle<FluentResource>,
    english: FluentBundle<FluentResource>,
}

impl Catalog {
    /// Reads the catalogues that are compiled in; a fault in them stops the start.
    pub fn load() -> Result<Self, Error> {
        Ok(Self {
            chinese: bundle(Language::Chinese, include_str!("../../locales/zh-CN.ftl"))?,
            english: bundle(Language::English, include_str!("../../locales/en.ftl"))?,
        })
    }

    /// A sentence; a key that does not exist reads as itself, and a test sees to it that none does.
    pub fn translate(&self, language: Language, key: &str, args: &FluentArgs<'_>) -> String {
        self.try_translate(language, key, args).unwrap_or_else(|fault| {
            log::error!("event={} key={key:?} language={}", fault.event, language.tag());
            fault.shown
        })
    }

    /// A sentence, or what is wrong with asking for it in this way.
    pub fn try_translate(
        &self,
        language: Language,
        key: &str,
        args: &FluentArgs<'_>,
    ) -> Result<String, TranslationError> {
        let bundle = match language {
            Language::Chinese => &self.chinese,
            Language::English => &self.english,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|it| it.value()) else {
            return Err(TranslationError { event: "word_missing", shown: key.to_owned() });
        };
        let mut errors = Vec::new();
        let sentence = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        if errors.is_empty() {
            Ok(sentence)
        } else {
            Err(TranslationError { event: "word_broken", shown: sentence })
        }
    }
}

/// A sentence that cannot be said as it was asked for.
#[derive(Debug)]
pub struct TranslationError {
    /// `word_missing` where the catalogue has no such key, `word_broken` where an argument is missing.
    pub event: &'static str,
    /// What is shown in its place.
    pub shown: String,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words")
    }
}

fn bundle(language: Language, text: &str) -> Result<FluentBundle<FluentResource>, Error> {
    let tag: LanguageIdentifier = language.tag().parse().map_err(Error::internal)?;
    let fault = |errors: &dyn fmt::Debug| Error::internal(format!("locales/{tag}.ftl: {errors:?}"));
    let resource =
        FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| fault(&errors))?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag.clone()]);
    // The invisible marks around arguments are for right-to-left texts; here they only get copied.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| fault(&errors))?;
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_beats_the_cookie_beats_the_header() {
        assert_eq!(Language::of("lang=en", Some("zh-CN"), "zh-CN"), Language::English);
        assert_eq!(Language::of("", Some("en"), "zh-CN"), Language::English);
        assert_eq!(Language::of("", None, "en-GB,en;q=0.8,zh;q=0.5"), Language::English);
        assert_eq!(Language::of("", None, "zh-TW,zh;q=0.9,en;q=0.8"), Language::Chinese);
        assert_eq!(Language::of("lang=xx", None, "fr"), Language::Chinese);
        assert_eq!(Language::of("", None, ""), Language::Chinese);
    }
}
