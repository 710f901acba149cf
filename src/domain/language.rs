//! The languages of pages and messages.

use super::{mobile::Mobile, speech::Voice};

/// All languages, in the order of the menu; the first is the default.
pub const LANGUAGES: [Language; 5] = [
    Language::Chinese,
    Language::TraditionalChinese,
    Language::English,
    Language::Japanese,
    Language::Korean,
];

/// A language that pages and messages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// 简体中文.
    Chinese,
    /// 繁體中文, in the words of Taiwan.
    TraditionalChinese,
    /// English.
    English,
    /// 日本語.
    Japanese,
    /// 한국어.
    Korean,
}

/// Everything that is known of a language.
struct Row {
    tag: &'static str,
    name: &'static str,
    /// The countries whose numbers get messages in this language; a reader of the language is taken to live in the first.
    countries: &'static [&'static str],
    voice: Voice,
    messages: MessageTexts,
    sentences: &'static str,
    country_names: &'static str,
}

/// The texts of messages, with `{brand}`, `{code}` and `{minutes}` in the places of these.
#[derive(Debug)]
pub struct MessageTexts {
    /// A message with a code.
    pub code: &'static str,
    /// The notice after a password was reset.
    pub password_reset: &'static str,
    /// The notice that strangers have tried too many passwords.
    pub password_sign_in_closed: &'static str,
}

impl Language {
    #[expect(clippy::too_many_lines, reason = "a table: one row a language")]
    const fn row(self) -> &'static Row {
        match self {
            Self::Chinese => &Row {
                tag: "zh-CN",
                name: "简体中文",
                countries: &["CN"],
                voice: Voice::Chinese,
                messages: MessageTexts {
                    code: "【{brand}】验证码 {code}，{minutes} 分钟内有效，请勿告诉他人。",
                    password_reset: "【{brand}】你的账号密码已通过短信验证重置。如非本人操作，请立即联系我们。",
                    password_sign_in_closed: "【{brand}】有人多次输错你账号的密码，新设备已不能用密码登录，请改用短信验证码登录。",
                },
                sentences: include_str!("../../locales/zh-CN.ftl"),
                country_names: include_str!("../../locales/countries/zh-CN.tsv"),
            },
            Self::TraditionalChinese => &Row {
                tag: "zh-TW",
                name: "繁體中文",
                countries: &["TW", "HK", "MO"],
                voice: Voice::Chinese,
                messages: MessageTexts {
                    code: "【{brand}】您的驗證碼為 {code}，{minutes} 分鐘內有效，請勿告訴他人。",
                    password_reset: "【{brand}】您的帳號密碼已透過簡訊驗證重設。若非本人操作，請立即與我們聯絡。",
                    password_sign_in_closed: "【{brand}】有人多次輸入錯誤的密碼，新裝置已無法用密碼登入您的帳號，請改用簡訊驗證碼登入。",
                },
                sentences: include_str!("../../locales/zh-TW.ftl"),
                country_names: include_str!("../../locales/countries/zh-TW.tsv"),
            },
            Self::English => &Row {
                tag: "en",
                name: "English",
                countries: &[],
                voice: Voice::English,
                messages: MessageTexts {
                    code: "{code} is your {brand} code. It is valid for {minutes} min. Don’t share it with anyone.",
                    password_reset: "{brand}: Your password was reset with a code sent to this number. If this wasn’t you, contact us right away.",
                    password_sign_in_closed: "{brand}: Too many wrong passwords were tried for your account. New devices can no longer sign in by password: use a code by text message.",
                },
                sentences: include_str!("../../locales/en.ftl"),
                country_names: include_str!("../../locales/countries/en.tsv"),
            },
            Self::Japanese => &Row {
                tag: "ja",
                name: "日本語",
                countries: &["JP"],
                voice: Voice::English,
                messages: MessageTexts {
                    code: "【{brand}】認証コードは{code}です。{minutes}分以内に入力してください。他の人には教えないでください。",
                    password_reset: "【{brand}】SMS認証によりパスワードが再設定されました。心当たりがない場合は、すぐにお問い合わせください。",
                    password_sign_in_closed: "【{brand}】パスワードの間違いが続いたため、新しい端末ではパスワードでログインできません。SMSの認証コードでログインしてください。",
                },
                sentences: include_str!("../../locales/ja.ftl"),
                country_names: include_str!("../../locales/countries/ja.tsv"),
            },
            Self::Korean => &Row {
                tag: "ko",
                name: "한국어",
                countries: &["KR"],
                voice: Voice::English,
                messages: MessageTexts {
                    code: "[{brand}] 인증번호는 {code}입니다. {minutes}분 안에 입력해 주세요. 다른 사람에게 알려 주지 마세요.",
                    password_reset: "[{brand}] 문자 인증으로 비밀번호가 재설정되었습니다. 본인이 아니라면 바로 문의해 주세요.",
                    password_sign_in_closed: "[{brand}] 비밀번호를 여러 번 틀려 새 기기에서는 비밀번호로 로그인할 수 없습니다. 문자 인증번호로 로그인해 주세요.",
                },
                sentences: include_str!("../../locales/ko.ftl"),
                country_names: include_str!("../../locales/countries/ko.tsv"),
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

    /// Returns the texts of messages.
    pub fn messages(self) -> &'static MessageTexts {
        &self.row().messages
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_in_the_language_of_its_number() {
        for (number, language) in [
            ("13800138000", Language::Chinese),
            ("+886912345678", Language::TraditionalChinese),
            ("+85251234567", Language::TraditionalChinese),
            ("+85366123456", Language::TraditionalChinese),
            ("+819012345678", Language::Japanese),
            ("+821020000000", Language::Korean),
            ("+6581234567", Language::English),
        ] {
            let mobile = Mobile::from_stored(number.to_owned());
            assert_eq!(Language::of_number(&mobile), language, "{number}");
        }
        assert_eq!(Language::TraditionalChinese.setting("SMS_TEXT"), "SMS_TEXT_ZH_TW");
    }
}
