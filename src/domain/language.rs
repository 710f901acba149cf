//! The languages of pages and messages.

use super::{mobile::Mobile, speech::Voice};

/// All languages, in the order of the menu; the first is the default.
pub const LANGUAGES: [Language; 2] = [Language::Chinese, Language::English];

/// A language that pages and messages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// 简体中文.
    Chinese,
    /// English.
    English,
}

/// Everything that is known of a language.
struct Row {
    tag: &'static str,
    name: &'static str,
    /// The countries whose numbers get messages in this language; a reader of the language is taken to live in the first.
    countries: &'static [&'static str],
    voice: Voice,
    sentences: &'static str,
    country_names: &'static str,
}

impl Language {
    const fn row(self) -> &'static Row {
        match self {
            Self::Chinese => &Row {
                tag: "zh-CN",
                name: "中文",
                countries: &["CN", "HK", "MO", "TW"],
                voice: Voice::Chinese,
                sentences: include_str!("../../locales/zh-CN.ftl"),
                country_names: include_str!("../../locales/countries/zh-CN.tsv"),
            },
            Self::English => &Row {
                tag: "en",
                name: "English",
                countries: &[],
                voice: Voice::English,
                sentences: include_str!("../../locales/en.ftl"),
                country_names: include_str!("../../locales/countries/en.tsv"),
            },
        }
    }

    /// Returns the tag of BCP 47.
    pub fn tag(self) -> &'static str {
        self.row().tag
    }

    /// Returns the language's own name for itself.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the code of the country in which a reader of the language probably lives; `None` if there are too many.
    pub fn home(self) -> Option<&'static str> {
        self.row().countries.first().copied()
    }

    /// Returns the voice that reads captchas aloud.
    pub fn voice(self) -> Voice {
        self.row().voice
    }

    /// Returns the text of `locales/<tag>.ftl`.
    pub fn sentences(self) -> &'static str {
        self.row().sentences
    }

    /// Returns the codes and names of countries, a line each, as `scripts/country-names` writes them.
    pub fn country_names(self) -> &'static str {
        self.row().country_names
    }

    /// Returns the name of a setting for this language, for example `SMS_TEXT_ZH_CN`.
    pub fn setting(self, name: &str) -> String {
        format!("{name}_{}", self.tag().replace('-', "_").to_ascii_uppercase())
    }

    /// Returns the language of a tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        LANGUAGES.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag))
    }

    /// Returns the language of a message that its reader has not asked for.
    pub fn of_number(mobile: &Mobile) -> Self {
        let region = mobile.region().unwrap_or_default();
        let is_spoken = |it: &Self| it.row().countries.iter().any(|country| *country == region);
        LANGUAGES.into_iter().find(is_spoken).unwrap_or(Self::English)
    }
}
