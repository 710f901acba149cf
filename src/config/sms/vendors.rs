//! The accounts with SMS vendors. Forms are checked only as far as the vendors document them.

use url::Url;

use super::safe_url;
use crate::{
    config::Env,
    sms::{Secret, TemplateParam, Templates, aliyun, tencent, twilio, yuntongxun},
};

/// The region of the vendor's own samples; it does not decide where requests go.
const TENCENT_REGION: &str = "ap-guangzhou";

pub(super) fn yuntongxun(env: &mut Env) -> Option<yuntongxun::Settings> {
    let mut of = Vendor { env, name: "yuntongxun" };
    let base_url = of.base_url("SMS_YUNTONGXUN_BASE_URL", "https://app.cloopen.com:8883");
    let account_sid = of.letters_and_digits("SMS_YUNTONGXUN_ACCOUNT_SID");
    let auth_token = of.secret("SMS_YUNTONGXUN_AUTH_TOKEN");
    let app_id = of.letters_and_digits("SMS_YUNTONGXUN_APP_ID");
    let variables = [
        "SMS_YUNTONGXUN_TEMPLATE_ID",
        "SMS_YUNTONGXUN_TEMPLATE_PARAMS",
        "SMS_YUNTONGXUN_NOTICE_TEMPLATE_ID",
    ];
    let templates = of.templates(variables, CODE_AND_MINUTES, ("digits", is_digits));
    Some(yuntongxun::Settings {
        base_url: base_url?,
        account_sid: account_sid?,
        auth_token: auth_token?,
        app_id: app_id?,
        templates: templates?,
    })
}

pub(super) fn tencent(env: &mut Env) -> Option<tencent::Settings> {
    let mut of = Vendor { env, name: "tencent" };
    let base_url = of.base_url("SMS_TENCENT_BASE_URL", "https://sms.tencentcloudapi.com");
    let secret_id = of.ascii_word("SMS_TENCENT_SECRET_ID");
    let secret_key = of.secret("SMS_TENCENT_SECRET_KEY");
    let sdk_app_id = of.digits("SMS_TENCENT_SDK_APP_ID");
    let sign_name = of.text("SMS_TENCENT_SIGN_NAME");
    let region = of.optional("SMS_TENCENT_REGION", TENCENT_REGION, "a region", |it| {
        let is_region = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        it.bytes().all(is_region).then(|| it.to_owned())
    });
    let variables = [
        "SMS_TENCENT_TEMPLATE_ID",
        "SMS_TENCENT_TEMPLATE_PARAMS",
        "SMS_TENCENT_NOTICE_TEMPLATE_ID",
    ];
    let templates = of.templates(variables, CODE_AND_MINUTES, ("digits", is_digits));
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
    let mut of = Vendor { env, name: "aliyun" };
    let base_url = of.base_url("SMS_ALIYUN_BASE_URL", "https://dysmsapi.aliyuncs.com");
    let access_key_id = of.ascii_word("SMS_ALIYUN_ACCESS_KEY_ID");
    let access_key_secret = of.secret("SMS_ALIYUN_ACCESS_KEY_SECRET");
    let sign_name = of.text("SMS_ALIYUN_SIGN_NAME");
    let variables = [
        "SMS_ALIYUN_TEMPLATE_CODE",
        "SMS_ALIYUN_TEMPLATE_PARAMS",
        "SMS_ALIYUN_NOTICE_TEMPLATE_CODE",
    ];
    let is_template = |it: &str| it.strip_prefix("SMS_").is_some_and(is_letters_and_digits);
    // A template for codes may have one variable.
    let templates = of.templates(variables, "code", ("`SMS_` and letters and digits", is_template));
    Some(aliyun::Settings {
        base_url: base_url?,
        access_key_id: access_key_id?,
        access_key_secret: access_key_secret?,
        sign_name: sign_name?,
        templates: templates?,
    })
}

pub(super) fn twilio(env: &mut Env) -> Option<twilio::Settings> {
    let mut of = Vendor { env, name: "twilio" };
    let base_url = of.base_url("SMS_TWILIO_BASE_URL", "https://api.twilio.com");
    let account_sid = of.required("SMS_TWILIO_ACCOUNT_SID", "`AC` and letters and digits", |it| {
        (it.starts_with("AC") && is_letters_and_digits(it)).then(|| it.to_owned())
    });
    let auth_token = of.secret("SMS_TWILIO_AUTH_TOKEN");
    let from = of.text("SMS_TWILIO_FROM");
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

    /// Where the vendor listens. A name, a password or a query in it would be signed wrongly.
    fn base_url(&mut self, variable: &'static str, default: &str) -> Option<Url> {
        let expected = "an https address (http only on loopback) without name, password or query";
        self.optional(variable, default, expected, |it| {
            let is_bare = |it: &Url| {
                it.username().is_empty()
                    && it.password().is_none()
                    && it.query().is_none()
                    && it.fragment().is_none()
            };
            safe_url(it).filter(is_bare)
        })
    }

    /// The template for codes, what fills its variables, and the template for notices, which need not be
    /// there.
    fn templates(
        &mut self,
        [code, params, notice]: [&'static str; 3],
        default_params: &str,
        (expected, is_template): (&str, fn(&str) -> bool),
    ) -> Option<Templates> {
        let parse = |it: &str| is_template(it).then(|| it.to_owned());
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
        self.required(variable, "a text", |it| Some(it.to_owned()))
    }

    fn secret(&mut self, variable: &'static str) -> Option<Secret> {
        self.required(variable, "printable ASCII without spaces", Secret::parse)
    }

    /// What travels in a header.
    fn ascii_word(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "printable ASCII without spaces", |it| {
            it.bytes().all(|it| it.is_ascii_graphic()).then(|| it.to_owned())
        })
    }

    /// What travels in a path.
    fn letters_and_digits(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "letters and digits", |it| {
            is_letters_and_digits(it).then(|| it.to_owned())
        })
    }

    fn digits(&mut self, variable: &'static str) -> Option<String> {
        self.required(variable, "digits", |it| is_digits(it).then(|| it.to_owned()))
    }
}

fn is_letters_and_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
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
        let providers = providers.into_iter().map(|it| it.provider).collect();
        let name = |it: ConfigError| match it.name {
            Cow::Borrowed(name) => name,
            Cow::Owned(name) => panic!("{name} is no setting"),
        };
        (providers, env.into_errors().into_iter().map(name).collect())
    }

    #[test]
    fn everything_that_is_missing_or_malformed_is_told_at_once() {
        let (providers, mistakes) = read(&[
            ("SMS_PROVIDERS", "twilio,aliyun"),
            ("SMS_TWILIO_BASE_URL", "http://example.com"),
            ("SMS_TWILIO_ACCOUNT_SID", "SK00"),
            ("SMS_ALIYUN_BASE_URL", "https://user:password@example.com"),
            ("SMS_ALIYUN_TEMPLATE_PARAMS", "minutes"),
        ]);

        assert!(providers.is_empty());
        assert_eq!(
            mistakes,
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
    fn a_template_for_notices_need_not_be_there_and_is_read_as_the_one_for_codes() {
        let account = [
            ("SMS_PROVIDERS", "aliyun"),
            ("SMS_ALIYUN_ACCESS_KEY_ID", "LTAIexample"),
            ("SMS_ALIYUN_ACCESS_KEY_SECRET", "hush"),
            ("SMS_ALIYUN_SIGN_NAME", "示例科技"),
            ("SMS_ALIYUN_TEMPLATE_CODE", "SMS_154950909"),
        ];
        let with = |notice: Option<&str>| {
            let notice = notice.map(|it| ("SMS_ALIYUN_NOTICE_TEMPLATE_CODE", it));
            let pairs: Vec<_> = account.into_iter().chain(notice).collect();
            let (providers, mistakes) = read(&pairs);
            (providers.first().map(ProviderConfig::missing_notice_template), mistakes)
        };

        assert_eq!(with(Some("SMS_154950910")), (Some(None), vec![]));
        assert_eq!(with(None), (Some(Some("SMS_ALIYUN_NOTICE_TEMPLATE_CODE")), vec![]));
        assert_eq!(with(Some("154950910")), (None, vec!["SMS_ALIYUN_NOTICE_TEMPLATE_CODE"]));
    }

    #[test]
    fn what_is_not_set_has_the_default_and_secrets_do_not_print() {
        let (providers, mistakes) = read(&[
            ("SMS_PROVIDERS", "tencent"),
            ("SMS_TENCENT_SECRET_ID", "AKIDexample"),
            ("SMS_TENCENT_SECRET_KEY", "hush"),
            ("SMS_TENCENT_SDK_APP_ID", "1400006666"),
            ("SMS_TENCENT_SIGN_NAME", "示例科技"),
            ("SMS_TENCENT_TEMPLATE_ID", "449739"),
        ]);

        assert!(mistakes.is_empty(), "{mistakes:?}");
        let printed = format!("{providers:?}");
        assert!(printed.contains("sms.tencentcloudapi.com"), "{printed}");
        assert!(printed.contains("ap-guangzhou"), "{printed}");
        assert!(printed.contains("[Code, Minutes]"), "{printed}");
        assert!(printed.contains("secret_key: ***"), "{printed}");
        assert!(!printed.contains("hush"), "{printed}");
    }
}
