//! Settings of the accounts with SMS vendors. Formats are checked only as far as the vendors document them.

use url::Url;

use super::safe_url;
use crate::{
    config::Env,
    sms::{Secret, TemplateParam, Templates, aliyun, tencent, twilio, yuntongxun},
};

/// The region in the vendor's own samples. It does not decide where requests are sent.
const TENCENT_REGION: &str = "ap-guangzhou";

pub(super) fn yuntongxun(env: &mut Env) -> Option<yuntongxun::Settings> {
    let mut vendor = Vendor { env, name: "yuntongxun" };
    let base_url = vendor.base_url("SMS_YUNTONGXUN_BASE_URL", "https://app.cloopen.com:8883");
    let account_sid = vendor.letters_and_digits("SMS_YUNTONGXUN_ACCOUNT_SID");
    let auth_token = vendor.secret("SMS_YUNTONGXUN_AUTH_TOKEN");
    let app_id = vendor.letters_and_digits("SMS_YUNTONGXUN_APP_ID");
    let variables = [
        "SMS_YUNTONGXUN_TEMPLATE_ID",
        "SMS_YUNTONGXUN_TEMPLATE_PARAMS",
        "SMS_YUNTONGXUN_NOTICE_TEMPLATE_ID",
    ];
    let templates = vendor.templates(variables, CODE_AND_MINUTES, ("digits", is_digits));
    Some(yuntongxun::Settings {
        base_url: base_url?,
        account_sid: account_sid?,
        auth_token: auth_token?,
        app_id: app_id?,
        templates: templates?,
    })
}

pub(super) fn tencent(env: &mut Env) -> Option<tencent::Settings> {
    let mut vendor = Vendor { env, name: "tencent" };
    let base_url = vendor.base_url("SMS_TENCENT_BASE_URL", "https://sms.tencentcloudapi.com");
    let secret_id = vendor.ascii_word("SMS_TENCENT_SECRET_ID");
    let secret_key = vendor.secret("SMS_TENCENT_SECRET_KEY");
    let sdk_app_id = vendor.digits("SMS_TENCENT_SDK_APP_ID");
    let sign_name = vendor.text("SMS_TENCENT_SIGN_NAME");
    let region = vendor.optional("SMS_TENCENT_REGION", TENCENT_REGION, "a region", |text| {
        let is_region =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        text.bytes().all(is_region).then(|| text.to_owned())
    });
    let variables = [
        "SMS_TENCENT_TEMPLATE_ID",
        "SMS_TENCENT_TEMPLATE_PARAMS",
        "SMS_TENCENT_NOTICE_TEMPLATE_ID",
    ];
    let templates = vendor.templates(variables, CODE_AND_MINUTES, ("digits", is_digits));
    Some(tencent::Settings {
        base_url: base_url?,
        secret_id: secret_id?,
        secret_key: secret_key?,
        sdk_app_id: sdk_app_id?,
        sign_name: sign_name?,
        region: region?,
        templates: templates?,
    })
}

pub(super) fn aliyun(env: &mut Env) -> Option<aliyun::Settings> {
    let mut vendor = Vendor { env, name: "aliyun" };
    let base_url = vendor.base_url("SMS_ALIYUN_BASE_URL", "https://dysmsapi.aliyuncs.com");
    let access_key_id = vendor.ascii_word("SMS_ALIYUN_ACCESS_KEY_ID");
    let access_key_secret = vendor.secret("SMS_ALIYUN_ACCESS_KEY_SECRET");
    let sign_name = vendor.text("SMS_ALIYUN_SIGN_NAME");
    let variables = [
        "SMS_ALIYUN_TEMPLATE_CODE",
        "SMS_ALIYUN_TEMPLATE_PARAMS",
        "SMS_ALIYUN_NOTICE_TEMPLATE_CODE",
    ];
    let is_template = |text: &str| text.strip_prefix("SMS_").is_some_and(is_letters_and_digits);
    // Aliyun allows one variable in a template for codes.
    let templates =
        vendor.templates(variables, "code", ("`SMS_` and letters and digits", is_template));
    Some(aliyun::Settings {
        base_url: base_url?,
        access_key_id: access_key_id?,
        access_key_secret: access_key_secret?,
        sign_name: sign_name?,
        templates: templates?,
    })
}

pub(super) fn twilio(env: &mut Env) -> Option<twilio::Settings> {
    let mut vendor = Vendor { env, name: "twilio" };
    let base_url = vendor.base_url("SMS_TWILIO_BASE_URL", "https://api.twilio.com");
    let account_sid =
        vendor.required("SMS_TWILIO_ACCOUNT_SID", "`AC` and letters and digits", |text| {
            (text.starts_with("AC") && is_letters_and_digits(text)).then(|| text.to_owned())
        });
    let auth_token = vendor.secret("SMS_TWILIO_AUTH_TOKEN");
    let from = vendor.text("SMS_TWILIO_FROM");
    Some(twilio::Settings {
        base_url: base_url?,
        account_sid: account_sid?,
        auth_token: auth_token?,
        from: from?,
    })
}

const CODE_AND_MINUTES: &str = "code,minutes";

/// The variables of one vendor.
struct Vendor<'a> {
    env: &'a mut Env,
    name: &'static str,
}

impl Vendor<'_> {
    fn required<T>(
        &mut self,
        variable: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let why = format!("the provider `{}` needs it", self.name);
        self.env.required(variable, &why)?;
        self.env.parse(variable, expected, parse)
    }

    fn optional<T>(
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
    fn base_url(&mut self, variable: &'static str, default: &str) -> Option<Url> {
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
    fn templates(
        &mut self,
        [code, params, notice]: [&'static str; 3],
        default_params: &str,
        (expected, is_template): (&str, fn(&str) -> bool),
    ) -> Option<Templates> {
        let parse = |text: &str| is_template(text).then(|| text.to_owned());
        let code = self.required(code, expected, parse);
        let list = "a list of `code` and `minutes` that has `code`";
        let params = self.optional(params, default_params, list, TemplateParam::parse_list);
        let notice = match self.env.text(notice) {
            Some(_) => self.env.parse(notice, expected, parse).map(Some),
            None => Some(None),
        };
        Some(Templates { code: code?, params: params?, notice: notice? })
    }

    fn text(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "a text", |text| Some(text.to_owned()))
    }

    fn secret(&mut self, variable: &'static str) -> Option<Secret> {
        self.required(variable, "printable ASCII without spaces", Secret::parse)
    }

    /// Reads a value that is sent in a header.
    fn ascii_word(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "printable ASCII without spaces", |text| {
            text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| text.to_owned())
        })
    }

    /// Reads a value that is sent in a path.
    fn letters_and_digits(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "letters and digits", |text| {
            is_letters_and_digits(text).then(|| text.to_owned())
        })
    }

    fn digits(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "digits", |text| is_digits(text).then(|| text.to_owned()))
    }
}

fn is_letters_and_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::config::{ConfigError, ProviderConfig};

    fn read(pairs: &[(&str, &str)]) -> (Vec<ProviderConfig>, Vec<&'static str>) {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut env = Env::from_pairs(pairs);
        let providers = super::super::read(&mut env, false);
        let providers = providers.into_iter().map(|route| route.provider).collect();
        let name = |error: ConfigError| match error.name {
            Cow::Borrowed(name) => name,
            Cow::Owned(name) => panic!("{name} is no setting"),
        };
        (providers, env.into_errors().into_iter().map(name).collect())
    }

    #[test]
    fn everything_missing_or_malformed_is_reported_at_once() {
        let (providers, errors) = read(&[
            ("SMS_PROVIDERS", "twilio,aliyun"),
            ("SMS_TWILIO_BASE_URL", "http://example.com"),
            ("SMS_TWILIO_ACCOUNT_SID", "SK00"),
            ("SMS_ALIYUN_BASE_URL", "https://user:password@example.com"),
            ("SMS_ALIYUN_TEMPLATE_PARAMS", "minutes"),
        ]);

        assert!(providers.is_empty());
        assert_eq!(
            errors,
            [
                "SMS_TWILIO_BASE_URL",
                "SMS_TWILIO_ACCOUNT_SID",
                "SMS_TWILIO_AUTH_TOKEN",
                "SMS_TWILIO_FROM",
                "SMS_ALIYUN_BASE_URL",
                "SMS_ALIYUN_ACCESS_KEY_ID",
                "SMS_ALIYUN_ACCESS_KEY_SECRET",
                "SMS_ALIYUN_SIGN_NAME",
                "SMS_ALIYUN_TEMPLATE_CODE",
                "SMS_ALIYUN_TEMPLATE_PARAMS",
            ]
        );
    }

    #[test]
    fn a_template_for_notices_is_optional_and_checked_like_the_one_for_codes() {
        let account = [
            ("SMS_PROVIDERS", "aliyun"),
            ("SMS_ALIYUN_ACCESS_KEY_ID", "LTAIexample"),
            ("SMS_ALIYUN_ACCESS_KEY_SECRET", "hush"),
            ("SMS_ALIYUN_SIGN_NAME", "示例科技"),
            ("SMS_ALIYUN_TEMPLATE_CODE", "SMS_154950909"),
        ];
        let with = |notice: Option<&str>| {
            let notice = notice.map(|notice| ("SMS_ALIYUN_NOTICE_TEMPLATE_CODE", notice));
            let pairs: Vec<_> = account.into_iter().chain(notice).collect();
            let (providers, errors) = read(&pairs);
            (providers.first().map(ProviderConfig::missing_notice_template), errors)
        };

        assert_eq!(with(Some("SMS_154950910")), (Some(None), vec![]));
        assert_eq!(with(None), (Some(Some("SMS_ALIYUN_NOTICE_TEMPLATE_CODE")), vec![]));
        assert_eq!(with(Some("154950910")), (None, vec!["SMS_ALIYUN_NOTICE_TEMPLATE_CODE"]));
    }

    #[test]
    fn unset_variables_have_defaults_and_secrets_are_not_printed() {
        let (providers, errors) = read(&[
            ("SMS_PROVIDERS", "tencent"),
            ("SMS_TENCENT_SECRET_ID", "AKIDexample"),
            ("SMS_TENCENT_SECRET_KEY", "hush"),
            ("SMS_TENCENT_SDK_APP_ID", "1400006666"),
            ("SMS_TENCENT_SIGN_NAME", "示例科技"),
            ("SMS_TENCENT_TEMPLATE_ID", "449739"),
        ]);

        assert!(errors.is_empty(), "{errors:?}");
        let printed = format!("{providers:?}");
        assert!(printed.contains("sms.tencentcloudapi.com"), "{printed}");
        assert!(printed.contains("ap-guangzhou"), "{printed}");
        assert!(printed.contains("[Code, Minutes]"), "{printed}");
        assert!(printed.contains("secret_key: ***"), "{printed}");
        assert!(!printed.contains("hush"), "{printed}");
    }
}
