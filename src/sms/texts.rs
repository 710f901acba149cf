//! The texts of messages by language, for providers without templates.

use crate::domain::{
    brand::BrandName,
    by_language::ByLanguage,
    language::Language,
    sms_code::SmsCode,
    sms_message::{Notice, SmsMessage, SmsPurpose},
};

/// The most characters of a text, before its places are filled.
const MAX_LENGTH: usize = 300;
/// The places of a text that are filled for each message.
const PLACES: [&str; 4] = ["{brand}", "{code}", "{minutes}", "{host}"];
/// The last line of our own texts: by it a browser offers the code on a page of this host and on no other (`WebOTP`).
const BOUND_TO_HOST: &str = "\n\n@{host} #{code}";

/// The text of a message with a code, with places for the code, its life in minutes, the brand and the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeText(String);

impl CodeText {
    /// Reads a text of at most 300 characters that has `{code}`, and may have `{brand}`, `{minutes}` and `{host}`. `\n` in
    /// it begins a new line.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = PLACES.iter().fold(text.to_owned(), |text, place| text.replace(place, ""));
        let fits = text.contains("{code}")
            && !rest.contains(['{', '}'])
            && text.chars().count() <= MAX_LENGTH;
        fits.then(|| Self(text.replace("\\n", "\n")))
    }

    /// Returns whether it has a place for the host.
    pub fn has_host(&self) -> bool {
        self.0.contains("{host}")
    }

    fn usual(language: Language, has_host: bool) -> Self {
        let end = if has_host { BOUND_TO_HOST } else { "" };
        Self(format!("{}{end}", language.messages().code))
    }
}

/// The texts of messages.
#[derive(Clone, Debug)]
pub struct Texts {
    /// A text with a code for each language.
    codes: ByLanguage<CodeText>,
    brand: BrandName,
    /// The host of the pages; empty if it is not known.
    host: String,
}

impl Texts {
    /// Takes the operator's texts, in place of which ours stand where there is none.
    pub fn new(
        own: impl Fn(Language) -> Option<CodeText>,
        brand: BrandName,
        host: Option<String>,
    ) -> Self {
        let text = |language| {
            let usual = || CodeText::usual(language, host.is_some());
            own(language).unwrap_or_else(usual)
        };
        Self { codes: ByLanguage::new(text), brand, host: host.unwrap_or_default() }
    }

    /// Returns the text of a message with a code that is valid for so many minutes.
    pub(super) fn of_code(&self, language: Language, code: &SmsCode, minutes: u64) -> String {
        let CodeText(text) = self.codes.of(language);
        // The brand comes last, so that nothing in it is taken for a place.
        let text = text.replace("{code}", code.digits()).replace("{minutes}", &minutes.to_string());
        text.replace("{host}", &self.host).replace("{brand}", self.brand.as_str())
    }

    /// Returns the text of a notice.
    pub(super) fn of_notice(&self, notice: &SmsMessage) -> String {
        let texts = notice.language.messages();
        let text = match notice.purpose {
            SmsPurpose::Notice(Notice::PasswordSignInClosed) => texts.password_sign_in_closed,
            SmsPurpose::Notice(Notice::PasswordReset) | SmsPurpose::Code(_) => texts.password_reset,
        };
        text.replace("{brand}", self.brand.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{mobile::Mobile, sms_message::MessageId};

    fn text(own: Option<&str>, host: Option<&str>, language: Language) -> String {
        let own = own.map(|own| CodeText::parse(own).unwrap());
        let brand = BrandName::parse("Ada {code}").unwrap();
        let texts = Texts::new(|_| own.clone(), brand, host.map(str::to_owned));
        texts.of_code(language, &SmsCode::parse("042137").unwrap(), 5)
    }

    #[test]
    fn a_code_is_written_in_the_language_of_its_reader_and_bound_to_the_host() {
        assert_eq!(
            text(None, Some("example.com"), Language::English),
            "042137 is your Ada {code} code. It is valid for 5 min. Don’t share it with anyone.\n\n@example.com #042137"
        );
        assert_eq!(
            text(None, None, Language::Chinese),
            "【Ada {code}】验证码 042137，5 分钟内有效，请勿告诉他人。"
        );
    }

    #[test]
    fn every_notice_begins_with_the_brand() {
        let texts = Texts::new(|_| None, BrandName::parse("Ada").unwrap(), None);
        for notice in [Notice::PasswordReset, Notice::PasswordSignInClosed] {
            for (language, begin) in [(Language::Chinese, "【Ada】"), (Language::English, "Ada: ")]
            {
                let notice = SmsMessage {
                    id: MessageId::new(""),
                    mobile: Mobile::parse("13800138000").unwrap(),
                    language,
                    purpose: SmsPurpose::Notice(notice),
                };
                let text = texts.of_notice(&notice);
                assert!(text.starts_with(begin) && !text.contains('{'), "{text}");
            }
        }
    }

    #[test]
    fn a_text_of_the_operator_has_the_code_and_no_unknown_place() {
        let own = Some("{brand}: {code}\\n@{host} #{code}");
        assert_eq!(
            text(own, Some("example.com"), Language::English),
            "Ada {code}: 042137\n@example.com #042137"
        );
        for wrong in
            ["", "no code", "{code} {name}", "{code} {", &format!("{{code}}{}", "x".repeat(300))]
        {
            assert_eq!(CodeText::parse(wrong), None, "{wrong}");
        }
    }
}
