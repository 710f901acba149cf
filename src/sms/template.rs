//! The templates that vendors have approved, and the values of their variables.

use super::CodeMessage;
use crate::domain::{
    by_language::ByLanguage,
    language::Language,
    mobile::Mobile,
    sms_message::{Notice, SmsMessage, SmsPurpose},
};

/// The templates of an account.
#[derive(Clone, Debug)]
pub struct Templates {
    /// The vendor's id of the template for codes.
    pub code: String,
    /// Those for codes in single languages, which take the place of that one.
    pub by_language: ByLanguage<Option<String>>,
    /// The values for its variables.
    pub params: Vec<TemplateParam>,
    /// The vendor's id of the template for notices, which has no variables. Without it no notices are sent.
    pub notice: Option<String>,
}

/// A template with its values, for one number.
pub(super) struct FilledTemplate<'a> {
    pub(super) id: &'a str,
    pub(super) mobile: &'a Mobile,
    pub(super) template: &'a str,
    /// Names and values, in the order of the variables.
    pub(super) values: Vec<(&'static str, String)>,
}

impl Templates {
    pub(super) fn fill_code<'a>(&'a self, message: &'a CodeMessage) -> FilledTemplate<'a> {
        let values = self.params.iter().map(|param| (param.name(), param.value(message))).collect();
        FilledTemplate {
            id: message.sms.id.as_str(),
            mobile: &message.sms.mobile,
            template: self.of_code(message.sms.language),
            values,
        }
    }

    fn of_code(&self, language: Language) -> &str {
        self.by_language.of(language).as_ref().unwrap_or(&self.code)
    }

    pub(super) fn fill_notice<'a>(&'a self, notice: &'a SmsMessage) -> Option<FilledTemplate<'a>> {
        // The vendor has approved one sentence, which is about a reset.
        if notice.purpose != SmsPurpose::Notice(Notice::PasswordReset) {
            return None;
        }
        let template = self.notice.as_ref()?;
        Some(FilledTemplate {
            id: notice.id.as_str(),
            mobile: &notice.mobile,
            template,
            values: Vec::new(),
        })
    }
}

/// A variable of a template. Vendors approve templates with few variables, and a message needs no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateParam {
    /// The six digits of the code.
    Code,
    /// The life of the code in whole minutes, without a unit: Tencent refuses `5分钟`.
    Minutes,
}

impl TemplateParam {
    /// Reads a list like `code,minutes`. Returns `None` if `code` is missing.
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        let list: Option<Vec<Self>> =
            text.split(',').map(|name| Self::parse(name.trim())).collect();
        list.filter(|list| list.contains(&Self::Code))
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "code" => Some(Self::Code),
            "minutes" => Some(Self::Minutes),
            _ => None,
        }
    }

    /// Returns the name of the variable, for vendors whose variables have names.
    fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Minutes => "minutes",
        }
    }

    /// Returns the value of the variable as text, since a number would lose leading zeros.
    fn value(self, message: &CodeMessage) -> String {
        match self {
            Self::Code => message.code.digits().to_owned(),
            Self::Minutes => message.minutes().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_list_has_known_names_and_the_code() {
        use TemplateParam::{Code, Minutes};

        assert_eq!(TemplateParam::parse_list("code"), Some(vec![Code]));
        assert_eq!(TemplateParam::parse_list("minutes , code"), Some(vec![Minutes, Code]));
        for text in ["", "minutes", "code,", "code,name", "Code"] {
            assert_eq!(TemplateParam::parse_list(text), None, "{text:?}");
        }
    }
}
