//! Reads the settings of one SMS vendor. Formats are checked only as far as the vendors document them.

use url::Url;

use super::safe_url;
use crate::{
    config::Env,
    domain::by_language::ByLanguage,
    sms::{Secret, TemplateParam, Templates},
};

/// The variables of one vendor.
pub(super) struct Vendor<'a> {
    pub(super) env: &'a mut Env,
    pub(super) name: &'static str,
}

impl Vendor<'_> {
    pub(super) fn required<T>(
        &mut self,
        variable: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let why = format!("the provider `{}` needs it", self.name);
        self.env.required(variable, &why)?;
        self.env.parse(variable, expected, parse)
    }

    pub(super) fn optional<T>(
        &mut self,
        variable: &'static str,
        default: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        match self.env.text(variable) {
            Some(_) => self.env.parse(variable, expected, parse),
            None => parse(default),
        }
    }

    /// Reads the base URL of the vendor. A user name, a password or a query in it would be signed wrongly.
    pub(super) fn base_url(&mut self, variable: &'static str, default: &str) -> Option<Url> {
        let expected = "an https address (http only on loopback) without name, password or query";
        self.optional(variable, default, expected, |text| {
            let is_bare = |url: &Url| {
                url.username().is_empty()
                    && url.password().is_none()
                    && url.query().is_none()
                    && url.fragment().is_none()
            };
            safe_url(text).filter(is_bare)
        })
    }

    /// Reads the template for codes, the values of its variables, and the optional template for notices.
    pub(super) fn templates(
        &mut self,
        [code, params, notice]: [&'static str; 3],
        default_params: &str,
        (expected, is_template): (&str, fn(&str) -> bool),
    ) -> Option<Templates> {
        let templates = self.code_template([code, params], default_params, (expected, is_template));
        let notice = match self.env.text(notice) {
            Some(_) => {
                let parse = |text: &str| is_template(text).then(|| text.to_owned());
                self.env.parse(notice, expected, parse).map(Some)
            }
            None => Some(None),
        };
        Some(Templates { notice: notice?, ..templates? })
    }

    /// Reads the template for codes, those for single languages, and the values of their variables, of a vendor that has
    /// none for notices.
    pub(super) fn code_template(
        &mut self,
        [name, params]: [&'static str; 2],
        default_params: &str,
        (expected, is_template): (&str, fn(&str) -> bool),
    ) -> Option<Templates> {
        let code = self.required(name, expected, |text| is_template(text).then(|| text.to_owned()));
        let list = "a list of `code` and `minutes` that has `code`";
        let params = self.optional(params, default_params, list, TemplateParam::parse_list);
        let by_language = ByLanguage::new(|language| {
            let parse = |text: &str| is_template(text).then(|| text.to_owned());
            self.env.parse(language.setting(name), expected, parse)
        });
        Some(Templates { code: code?, by_language, params: params?, notice: None })
    }

    pub(super) fn text(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "a text", |text| Some(text.to_owned()))
    }

    pub(super) fn secret(&mut self, variable: &'static str) -> Option<Secret> {
        self.required(variable, "printable ASCII without spaces", Secret::parse)
    }

    /// Reads a value that is sent in a header.
    pub(super) fn ascii_word(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "printable ASCII without spaces", |text| {
            text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| text.to_owned())
        })
    }

    /// Reads a value that is sent in a path.
    pub(super) fn letters_and_digits(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "letters and digits", |text| {
            is_letters_and_digits(text).then(|| text.to_owned())
        })
    }

    pub(super) fn digits(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "digits", |text| is_digits(text).then(|| text.to_owned()))
    }
}

pub(super) fn is_letters_and_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
