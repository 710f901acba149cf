//! `haoma doctor`: what is wrong with this set-up, a line each, with what to do.

mod database;

use std::{
    iter::{self, zip},
    time::Duration,
};

use chrono::{DateTime, Utc};

use self::database::database;
use super::print;
use crate::{
    application::routes,
    config::{Config, ProviderConfig, ProviderRoute},
    sms::{Class, Route},
    stores::kv::{Redis, RedisAddress, RedisFacts},
};

/// Vendors refuse signatures whose clock is further off: Tencent 5 minutes, Aliyun 15; this warns early.
const LARGEST_SKEW: Duration = Duration::from_mins(1);
/// The oldest Redis that has every command in use (`GETDEL`).
const OLDEST_REDIS: (u32, u32) = (6, 2);
/// What a machine cannot know.
const OWN_NETWORK: &str = "is the whole network between you and it your own?";

/// One line of the answer.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    Good(String),
    /// What works, but for something that is not set.
    Note(String),
    /// What is wrong, and what to do.
    Bad(String),
    /// What could not be looked at.
    Unknown(String),
}

/// Looks at everything that can be looked at without sending a message; false if anything is wrong.
pub async fn doctor(config: &Config) -> anyhow::Result<bool> {
    let mut findings = vec![Finding::Good("settings: can be used".to_owned())];
    findings.extend(database(&config.database_url, config.database_pool).await);
    match &config.redis {
        Some(address) => findings.extend(redis(address).await),
        None => findings.push(memory()),
    }
    for (route, ProviderRoute { provider: configured, .. }) in
        zip(routes(config)?, &config.providers)
    {
        findings.extend(provider(&route).await);
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

async fn redis(address: &RedisAddress) -> Vec<Finding> {
    let facts = match Redis::connect(address).await {
        Ok(redis) => redis.facts().await,
        Err(error) => Err(error),
    };
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => {
            return vec![Finding::Bad(format!("redis: {address:?} does not answer: {error}"))];
        }
    };
    let way = format!("redis: {address:?} is reached {}", address.security());
    let way = if address.is_in_the_open() {
        Finding::Unknown(format!("{way}: {OWN_NETWORK}"))
    } else {
        Finding::Good(way)
    };
    iter::once(way).chain(facts.iter().flat_map(judge_redis)).collect()
}

fn judge_redis(facts: &RedisFacts) -> Vec<Finding> {
    let name = if facts.node.is_empty() { "redis" } else { &format!("redis {}", facts.node) };
    let mut numbers = facts.version.split('.').map(|it| it.parse().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let mut findings = vec![if version >= OLDEST_REDIS {
        Finding::Good(format!("{name}: version {}", facts.version))
    } else {
        Finding::Bad(format!(
            "{name}: version {} is too old: 6.2 or newer is needed",
            facts.version
        ))
    }];
    findings.push(match facts.policy.as_deref() {
        Some("noeviction") => Finding::Good(format!("{name}: drops nothing that is alive")),
        Some(policy) => Finding::Bad(format!(
            "{name}: maxmemory-policy is {policy}, which drops live codes and limits: set noeviction"
        )),
        None => Finding::Unknown(format!("{name}: maxmemory-policy should be noeviction")),
    });
    let advice = "a used code may come back after a crash: set `save \"\"`, or `appendonly yes` with \
        `appendfsync always`";
    findings.push(match (&facts.save, facts.appendonly.as_deref(), facts.appendfsync.as_deref()) {
        (_, Some("yes"), Some("always")) => Finding::Good(format!("{name}: used codes stay dead")),
        (Some(save), Some("no"), _) if save.is_empty() => {
            Finding::Good(format!("{name}: used codes stay dead"))
        }
        (None, _, _) => Finding::Unknown(format!("{name}: {advice}")),
        (Some(_), _, _) => Finding::Bad(format!("{name}: {advice}")),
    });
    findings
}

fn memory() -> Finding {
    Finding::Good("codes and limits: in memory, for one instance (REDIS_URL is not set)".to_owned())
}

async fn provider(route: &Route) -> Vec<Finding> {
    let name = route.name();
    let Some(checkup) = route.check().await else {
        return vec![Finding::Unknown(format!(
            "{name}: can only be tried by `haoma sms send --provider {name} --to <your number>`"
        ))];
    };
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

/// Whether owners can be told through this provider that their password was reset.
fn notices(name: &str, provider: &ProviderConfig) -> Option<Finding> {
    let variable = provider.lacks_for_notices()?;
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

    fn redis(policy: &str, save: &str, appendonly: &str, appendfsync: &str) -> bool {
        let some = |it: &str| Some(it.to_owned());
        let facts = RedisFacts {
            node: String::new(),
            version: "7.0.15".to_owned(),
            policy: some(policy),
            save: some(save),
            appendonly: some(appendonly),
            appendfsync: some(appendfsync),
        };
        judge_redis(&facts).iter().all(|it| matches!(it, Finding::Good(_)))
    }

    #[test]
    fn a_redis_that_could_revive_or_lose_codes_is_wrong() {
        assert!(redis("noeviction", "", "no", "everysec"));
        assert!(redis("noeviction", "3600 1", "yes", "always"));
        assert!(!redis("allkeys-lru", "", "no", "everysec"));
        assert!(!redis("noeviction", "3600 1", "no", "everysec"));
        assert!(!redis("noeviction", "", "yes", "everysec"));
    }

    #[test]
    fn an_old_redis_is_wrong_and_one_that_tells_nothing_is_unknown() {
        let old = RedisFacts { version: "6.0.16".to_owned(), ..RedisFacts::default() };

        let findings = judge_redis(&old);

        assert!(matches!(findings.first(), Some(Finding::Bad(_))));
        assert!(findings.iter().skip(1).all(|it| matches!(it, Finding::Unknown(_))));
    }

    #[test]
    fn a_clock_a_minute_off_is_wrong() {
        let now = Utc::now();

        assert!(matches!(judge_clock("x", now, now), Finding::Good(_)));
        assert!(matches!(judge_clock("x", now + LARGEST_SKEW, now), Finding::Bad(_)));
        assert!(matches!(judge_clock("x", now - LARGEST_SKEW, now), Finding::Bad(_)));
    }
}
