//! `haoma doctor`: checks the set-up and prints one line per finding, with advice where something is wrong.

use std::{iter, iter::zip, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::Url;

use super::print;
use crate::{
    application::{sms_providers, web_state},
    checks,
    checks::Finding,
    config::{Config, ProviderConfig, ProviderRoute},
    domain::{
        clock::Clock,
        keys::SecretKey,
        language::{LANGUAGES, Language},
        region::Regions,
    },
    metrics::Metrics,
    sms::{AnswerClass, CredentialCheck, Route, VendorLimits},
};

/// Vendors refuse signatures from a clock that differs by more: Tencent by 5 minutes, Aliyun by 15. This warns early.
const MAX_CLOCK_SKEW: Duration = Duration::from_mins(1);

/// Messages a day to one number outside mainland China, according to Tencent's international site.
const TENCENT_INTERNATIONAL_PER_DAY: u32 = 2;

/// Checks everything that can be checked without sending a message. Returns false if anything is wrong.
pub async fn doctor(config: &Config) -> anyhow::Result<bool> {
    let mut findings = check_settings(config);
    findings.extend(checks::network::check(config));
    if let Some(url) = &config.http.public_url {
        findings.push(checks::public_url::check(url).await?);
        findings.push(checks::issuer::check(url).await?);
    }
    findings.extend(checks::sites::check(&config.http).await?);
    findings.extend(checks::database::check(&config.database_url, config.database_pool).await);
    match &config.redis {
        Some(url) => findings.extend(checks::redis::check(url).await),
        None if config.notes().iter().any(|note| note.setting == "REDIS_URL") => {}
        None => findings.push(memory_store()),
    }
    for (route, ProviderRoute { provider: configured, limits }) in
        zip(sms_providers::routes(config)?, &config.providers)
    {
        findings.extend(check_provider(&route, configured).await);
        findings.extend(checks::papers::check(configured));
        findings.extend(check_templates(route.name(), configured));
        findings.extend(check_vendor_limits(route.name(), limits));
        findings.extend(check_notices(route.name(), configured));
    }
    findings.iter().try_for_each(print_finding)?;
    Ok(!findings.iter().any(|finding| matches!(finding, Finding::Bad(_))))
}

fn print_finding(finding: &Finding) -> anyhow::Result<()> {
    print(&match finding {
        Finding::Good(line) => format!("ok       {line}"),
        Finding::Note(line) => format!("note     {line}"),
        Finding::Bad(line) => format!("WRONG    {line}"),
        Finding::Unknown(line) => format!("unknown  {line}"),
    })
}

/// Reports what a start would log about the settings.
fn check_settings(config: &Config) -> Vec<Finding> {
    let file = config.env_file.as_ref();
    let file =
        file.map(|path| format!(", those of {} among them", path.display())).unwrap_or_default();
    let notes = config.notes().into_iter();
    let notes = notes.map(|note| Finding::Note(format!("{} {}", note.setting, note.message)));
    // An empty key will do, because no page shows anything that depends on it.
    let key = SecretKey::new(Vec::new());
    let usable = match web_state(config, (Metrics::default(), Clock::default()), &key) {
        Ok(_) => Finding::Good(format!("settings: can be used{file}")),
        Err(error) => Finding::Bad(format!("settings: {error}")),
    };
    iter::once(usable).chain(notes).collect()
}

fn memory_store() -> Finding {
    Finding::Good("codes and limits: in memory, for one instance (REDIS_URL is not set)".to_owned())
}

async fn check_provider(route: &Route, configured: &ProviderConfig) -> Vec<Finding> {
    let name = route.name();
    let Some(checkup) = route.check().await else {
        return vec![Finding::Unknown(format!(
            "{name}: can only be tried by `haoma sms send --provider {name} --to <your number>`"
        ))];
    };
    if let ProviderConfig::Webhook { url, .. } = configured {
        return vec![check_gateway(url, &checkup)];
    }
    let mut findings = Vec::new();
    if let Some(date) = checkup.date {
        findings.push(check_clock(name, date, Utc::now()));
    }
    let detail = &checkup.answer.detail;
    findings.push(match checkup.answer.class {
        AnswerClass::Sent if detail.is_empty() => {
            Finding::Good(format!("{name}: takes our credentials"))
        }
        AnswerClass::Sent => Finding::Good(format!(
            "{name}: takes our credentials, which may not look at more ({detail})"
        )),
        AnswerClass::Config => {
            Finding::Bad(format!("{name}: refuses our account or settings ({detail})"))
        }
        AnswerClass::Balance => Finding::Bad(format!("{name}: the account is empty ({detail})")),
        AnswerClass::Busy
        | AnswerClass::Unknown
        | AnswerClass::TooFrequent
        | AnswerClass::BadNumber => {
            Finding::Bad(format!("{name}: does not answer clearly ({detail})"))
        }
    });
    findings
}

/// Reports whether the gateway answers; only a real message would show whether it sends. The path of its address is not
/// printed because it may be a secret.
fn check_gateway(url: &Url, checkup: &CredentialCheck) -> Finding {
    let (origin, detail) = (url.origin().ascii_serialization(), &checkup.answer.detail);
    if checkup.answer.class == AnswerClass::Sent {
        return Finding::Good(format!(
            "webhook: {origin} answers; `haoma sms send --provider webhook --to <your number>` shows whether it sends"
        ));
    }
    Finding::Bad(format!(
        "webhook: {origin} does not answer ({detail}): start the gateway, or correct SMS_WEBHOOK_URL"
    ))
}

/// Reports which languages have templates of their own.
fn check_templates(name: &str, configured: &ProviderConfig) -> Option<Finding> {
    let templates = configured.templates()?;
    let has_own = |language: &Language| templates.by_language.of(*language).is_some();
    let tags: Vec<_> = LANGUAGES.into_iter().filter(has_own).map(Language::tag).collect();
    (!tags.is_empty()).then(|| {
        let tags = tags.join(", ");
        Finding::Good(format!(
            "{name}: has templates of their own for {tags}; {} serves the rest",
            templates.code
        ))
    })
}

/// Reports the limits per number that Haoma assumes for a vendor. No vendor has an endpoint that returns its own.
fn check_vendor_limits(name: &str, limits: &VendorLimits) -> Vec<Finding> {
    if limits.per_mobile.is_empty() {
        return Vec::new();
    }
    let mut windows = limits.per_mobile.clone();
    windows.sort();
    let list = windows.iter().map(|(span, limit)| format!("{limit} in {} s", span.as_secs()));
    let (list, prefix) = (list.collect::<Vec<_>>().join(", "), name.to_uppercase());
    let mut findings = vec![Finding::Good(format!(
        "{name}: is assumed to send a number {list} at most (SMS_{prefix}_SECONDS_PER_MOBILE, \
         SMS_{prefix}_PER_MOBILE_HOUR, SMS_{prefix}_PER_MOBILE_DAY)"
    ))];
    let is_international = !matches!(&limits.regions, Regions::Only(only) if *only == ["CN"]);
    let per_day = windows.iter().find(|(span, _)| *span == Duration::from_hours(24));
    let is_too_high = per_day.is_none_or(|(_, limit)| *limit > TENCENT_INTERNATIONAL_PER_DAY);
    if name == "tencent" && is_international && is_too_high {
        findings.push(Finding::Note(format!(
            "tencent: ten a day is its limit for mainland China; for other numbers it says \
             {TENCENT_INTERNATIONAL_PER_DAY}: set SMS_TENCENT_PER_MOBILE_DAY={TENCENT_INTERNATIONAL_PER_DAY}, \
             or raise it in the console"
        )));
    }
    findings
}

/// Notes that a provider cannot tell owners of a reset of their password, if it cannot.
fn check_notices(name: &str, provider: &ProviderConfig) -> Option<Finding> {
    let why = provider.why_no_notices()?;
    Some(Finding::Note(format!(
        "{name}: owners are not told through it that their password was reset, but through the next \
         provider that can ({why})"
    )))
}

fn check_clock(name: &str, theirs: DateTime<Utc>, ours: DateTime<Utc>) -> Finding {
    let skew = (theirs - ours).abs();
    if skew.to_std().unwrap_or_default() < MAX_CLOCK_SKEW {
        return Finding::Good(format!("{name}: our clocks agree"));
    }
    let seconds = skew.num_seconds();
    Finding::Bad(format!(
        "{name}: our clock is {seconds} s off; signatures fail: run an NTP client"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_tencent_are_reported_with_a_note_on_international_numbers() {
        let limits = |regions: &str, per_day| VendorLimits {
            regions: Regions::parse(regions).unwrap(),
            per_mobile: vec![(Duration::from_hours(24), per_day), (Duration::from_secs(30), 1)],
        };

        let mainland = check_vendor_limits("tencent", &limits("CN", 10));
        let international = check_vendor_limits("tencent", &limits("CN,SG", 10));
        let lowered = check_vendor_limits("tencent", &limits("*", 2));

        let [Finding::Good(line)] = mainland.as_slice() else { panic!("{mainland:?}") };
        assert!(line.contains("1 in 30 s, 10 in 86400 s at most"), "{line}");
        assert!(
            matches!(international.as_slice(), [Finding::Good(_), Finding::Note(_)]),
            "{international:?}"
        );
        assert!(matches!(lowered.as_slice(), [Finding::Good(_)]), "{lowered:?}");
    }

    #[test]
    fn a_clock_a_minute_off_is_wrong() {
        let now = Utc::now();

        assert!(matches!(check_clock("x", now, now), Finding::Good(_)));
        assert!(matches!(check_clock("x", now + MAX_CLOCK_SKEW, now), Finding::Bad(_)));
        assert!(matches!(check_clock("x", now - MAX_CLOCK_SKEW, now), Finding::Bad(_)));
    }
}
