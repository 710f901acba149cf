//! `haoma doctor`: what is wrong with this set-up, a line each, with what to do.

use std::{iter, iter::zip, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::Url;

use super::print;
use crate::{
    application::{sms_providers, web_state},
    checks,
    checks::Finding,
    config::{Config, ProviderConfig, ProviderRoute},
    domain::{clock::Clock, keys::SecretKey, region::Regions},
    metrics::Metrics,
    sms::{Checkup, Class, Route, VendorLimits},
};

/// Vendors refuse signatures whose clock is further off: Tencent 5 minutes, Aliyun 15; this warns early.
const LARGEST_SKEW: Duration = Duration::from_mins(1);

/// Messages a day for one number, as Tencent's international site has it.
const TENCENT_ABROAD: u32 = 2;

/// Looks at everything that can be looked at without sending a message; false if anything is wrong.
pub async fn doctor(config: &Config) -> anyhow::Result<bool> {
    let mut findings = settings(config);
    findings.extend(checks::network::check(config));
    if let Some(url) = &config.http.public_url {
        findings.push(checks::public_url::check(url).await?);
    }
    findings.extend(checks::database::check(&config.database_url, config.database_pool).await);
    match &config.redis {
        Some(address) => findings.extend(checks::redis::check(address).await),
        None if config.notes().iter().any(|it| it.setting == "REDIS_URL") => {}
        None => findings.push(memory()),
    }
    for (route, ProviderRoute { provider: configured, limits }) in
        zip(sms_providers::routes(config)?, &config.providers)
    {
        findings.extend(provider(&route, configured).await);
        findings.extend(vendor_limits(route.name(), limits));
        findings.extend(notices(route.name(), configured));
    }
    for finding in &findings {
        print(&match finding {
            Finding::Good(line) => format!("ok       {line}"),
            Finding::Note(line) => format!("note     {line}"),
            Finding::Bad(line) => format!("WRONG    {line}"),
            Finding::Unknown(line) => format!("unknown  {line}"),
        })?;
    }
    Ok(!findings.iter().any(|it| matches!(it, Finding::Bad(_))))
}

/// What the start says of the settings, too.
fn settings(config: &Config) -> Vec<Finding> {
    let file = config.env_file.as_ref();
    let file = file.map(|it| format!(", those of {} among them", it.display())).unwrap_or_default();
    let notes = config.notes().into_iter();
    let notes = notes.map(|it| Finding::Note(format!("{} {}", it.setting, it.message)));
    // No page shows what is made of the key.
    let key = SecretKey::new(Vec::new());
    let usable = match web_state(config, (Metrics::default(), Clock::default()), &key) {
        Ok(_) => Finding::Good(format!("settings: can be used{file}")),
        Err(error) => Finding::Bad(format!("settings: {error}")),
    };
    iter::once(usable).chain(notes).collect()
}

fn memory() -> Finding {
    Finding::Good("codes and limits: in memory, for one instance (REDIS_URL is not set)".to_owned())
}

async fn provider(route: &Route, configured: &ProviderConfig) -> Vec<Finding> {
    let name = route.name();
    let Some(checkup) = route.check().await else {
        return vec![Finding::Unknown(format!(
            "{name}: can only be tried by `haoma sms send --provider {name} --to <your number>`"
        ))];
    };
    if let ProviderConfig::Webhook { url, .. } = configured {
        return vec![gateway(url, &checkup)];
    }
    let mut findings = Vec::new();
    if let Some(date) = checkup.date {
        findings.push(judge_clock(name, date, Utc::now()));
    }
    let detail = &checkup.verdict.detail;
    findings.push(match checkup.verdict.class {
        Class::Sent if detail.is_empty() => Finding::Good(format!("{name}: takes our credentials")),
        Class::Sent => Finding::Good(format!(
            "{name}: takes our credentials, which may not look at more ({detail})"
        )),
        Class::Config => {
            Finding::Bad(format!("{name}: refuses our account or settings ({detail})"))
        }
        Class::Balance => Finding::Bad(format!("{name}: the account is empty ({detail})")),
        Class::Busy | Class::Unknown | Class::TooFrequent | Class::BadNumber => {
            Finding::Bad(format!("{name}: does not answer clearly ({detail})"))
        }
    });
    findings
}

/// Whether anybody is there; only a message would tell whether it is taken. Of the address no path is told, which may be
/// a secret.
fn gateway(url: &Url, checkup: &Checkup) -> Finding {
    let (place, detail) = (url.origin().ascii_serialization(), &checkup.verdict.detail);
    if checkup.verdict.class == Class::Sent {
        return Finding::Good(format!(
            "webhook: {place} answers; `haoma sms send --provider webhook --to <your number>` tells whether it sends"
        ));
    }
    Finding::Bad(format!(
        "webhook: {place} does not answer ({detail}): start the gateway, or correct SMS_WEBHOOK_URL"
    ))
}

/// What a vendor is taken to send one number by its own rules, which no request can ask it for.
fn vendor_limits(name: &str, limits: &VendorLimits) -> Vec<Finding> {
    if limits.per_mobile.is_empty() {
        return Vec::new();
    }
    let mut windows = limits.per_mobile.clone();
    windows.sort();
    let told = windows.iter().map(|(span, most)| format!("{most} in {} s", span.as_secs()));
    let (told, prefix) = (told.collect::<Vec<_>>().join(", "), name.to_uppercase());
    let mut findings = vec![Finding::Good(format!(
        "{name}: is taken to text a number {told} at the most (SMS_{prefix}_SECONDS_PER_MOBILE, \
         SMS_{prefix}_PER_MOBILE_HOUR, SMS_{prefix}_PER_MOBILE_DAY)"
    ))];
    let is_abroad = !matches!(&limits.regions, Regions::Only(only) if *only == ["CN"]);
    let of_day = windows.iter().find(|(span, _)| *span == Duration::from_hours(24));
    if name == "tencent" && is_abroad && of_day.is_none_or(|(_, most)| *most > TENCENT_ABROAD) {
        findings.push(Finding::Note(format!(
            "tencent: ten a day is the default of the mainland; for other numbers it says \
             {TENCENT_ABROAD}: set SMS_TENCENT_PER_MOBILE_DAY={TENCENT_ABROAD}, or raise it in the console"
        )));
    }
    findings
}

/// Whether owners can be told through this provider that their password was reset.
fn notices(name: &str, provider: &ProviderConfig) -> Option<Finding> {
    let variable = provider.missing_notice_template()?;
    Some(Finding::Note(format!(
        "{name}: owners are not told through it that their password was reset, but through the next \
         provider that can ({variable} is not set)"
    )))
}

fn judge_clock(name: &str, theirs: DateTime<Utc>, ours: DateTime<Utc>) -> Finding {
    let skew = (theirs - ours).abs();
    if skew.to_std().unwrap_or_default() < LARGEST_SKEW {
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
    fn limits_of_tencent_are_told_and_those_of_abroad_are_another() {
        let limits = |regions: &str, per_day| VendorLimits {
            regions: Regions::parse(regions).unwrap(),
            per_mobile: vec![(Duration::from_hours(24), per_day), (Duration::from_secs(30), 1)],
        };

        let mainland = vendor_limits("tencent", &limits("CN", 10));
        let abroad = vendor_limits("tencent", &limits("CN,SG", 10));
        let lowered = vendor_limits("tencent", &limits("*", 2));

        let [Finding::Good(told)] = mainland.as_slice() else { panic!("{mainland:?}") };
        assert!(told.contains("1 in 30 s, 10 in 86400 s at the most"), "{told}");
        assert!(matches!(abroad.as_slice(), [Finding::Good(_), Finding::Note(_)]), "{abroad:?}");
        assert!(matches!(lowered.as_slice(), [Finding::Good(_)]), "{lowered:?}");
    }

    #[test]
    fn a_clock_a_minute_off_is_wrong() {
        let now = Utc::now();

        assert!(matches!(judge_clock("x", now, now), Finding::Good(_)));
        assert!(matches!(judge_clock("x", now + LARGEST_SKEW, now), Finding::Bad(_)));
        assert!(matches!(judge_clock("x", now - LARGEST_SKEW, now), Finding::Bad(_)));
    }
}
