//! `SMS_TEXT_…`: the texts of messages, by language.

use url::Url;

use crate::{
    config::{Env, HttpConfig},
    domain::{
        brand::BrandName,
        language::{LANGUAGES, Language},
    },
    sms::texts::{CodeText, Texts},
};

/// Reads the texts. A text that names the host needs `PUBLIC_URL`.
pub(in crate::config) fn read(
    env: &mut Env,
    brand: &BrandName,
    http: Option<&HttpConfig>,
) -> Texts {
    let public_url = http.and_then(|http| http.public_url.as_ref());
    // A browser offers a code only to pages with https.
    let host = public_url.filter(|url| url.scheme() == "https").and_then(Url::host_str);
    let mut own = |language: Language| {
        let variable = language.setting("SMS_TEXT");
        let expected = "at most 300 characters with `{code}`, and `{brand}`, `{minutes}` or `{host}` if you like";
        let text = env.parse(variable.clone(), expected, CodeText::parse)?;
        if text.has_host() && host.is_none() {
            env.report(variable, "has `{host}`, which needs PUBLIC_URL with https");
        }
        Some((language, text))
    };
    let own: Vec<_> = LANGUAGES.into_iter().filter_map(&mut own).collect();
    let text = |language| {
        let mut found = own.iter().filter(|(other, _)| *other == language);
        found.next().map(|(_, text)| text.clone())
    };
    Texts::new(text, brand.clone(), host.map(str::to_owned))
}
