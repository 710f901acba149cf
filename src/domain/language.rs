//! The languages of pages and messages.

use super::mobile::Mobile;

/// All languages; the first is the default.
pub const LANGUAGES: [Language; 2] = [Language::Chinese, Language::English];

/// A language that pages and messages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// 简体中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Returns the tag of BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// Returns the language's own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chinese => "中文",
            Self::English => "English",
        }
    }

    /// Returns the language of a tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        LANGUAGES.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag))
    }

    /// Returns the language of a message that its reader has not asked for.
    pub fn of_number(mobile: &Mobile) -> Self {
        match mobile.region().as_deref() {
            Some("CN" | "HK" | "MO" | "TW") => Self::Chinese,
            Some(_) | None => Self::English,
        }
    }
}
