//! Checks of Redis: encryption, version, and whether it could lose or revive codes.

use std::iter;

use super::{Finding, OWN_NETWORK_QUESTION};
use crate::stores::kv::{Redis, RedisServerInfo, RedisUrl};

/// Checks everything.
pub async fn check(url: &RedisUrl) -> Vec<Finding> {
    let redis = match Redis::connect(url).await {
        Ok(redis) => redis,
        Err(error) => return vec![Finding::Bad(format!("redis: {error}"))],
    };
    let line = format!("redis: {url:?} is reached {}", url.transport_security());
    let encryption = if url.is_plaintext() {
        Finding::Unknown(format!("{line}: {OWN_NETWORK_QUESTION}"))
    } else {
        Finding::Good(line)
    };
    iter::once(encryption).chain(check_server(&redis).await).collect()
}

/// Checks the settings of each node on which Haoma's guarantees depend.
pub async fn check_server(redis: &Redis) -> Vec<Finding> {
    match redis.server_info().await {
        Ok(facts) => facts.iter().flat_map(check_node).collect(),
        Err(error) => vec![Finding::Unknown(format!(
            "redis: does not show its settings ({error}): allow INFO and CONFIG GET (docs/security.md)"
        ))],
    }
}

fn check_node(facts: &RedisServerInfo) -> Vec<Finding> {
    let name = if facts.node.is_empty() { "redis" } else { &format!("redis {}", facts.node) };
    let mut findings = vec![match facts.refusal() {
        Some(refusal) => Finding::Bad(format!("{name}: {refusal}")),
        None => Finding::Good(format!("{name}: version {}", facts.version)),
    }];
    findings.push(match facts.maxmemory_policy.as_deref() {
        Some("noeviction") => Finding::Good(format!("{name}: evicts no keys")),
        Some(policy) => Finding::Bad(format!(
            "{name}: maxmemory-policy is {policy}, which drops live codes and limits: set noeviction"
        )),
        None => Finding::Unknown(format!("{name}: maxmemory-policy should be noeviction")),
    });
    let advice = "a used code may come back after a crash: set `save \"\"`, or `appendonly yes` with \
        `appendfsync always`";
    findings.push(match (&facts.save, facts.appendonly.as_deref(), facts.appendfsync.as_deref()) {
        (_, Some("yes"), Some("always")) => {
            Finding::Good(format!("{name}: used codes cannot come back"))
        }
        (Some(save), Some("no"), _) if save.is_empty() => {
            Finding::Good(format!("{name}: used codes cannot come back"))
        }
        (None, _, _) => Finding::Unknown(format!("{name}: {advice}")),
        (Some(_), _, _) => Finding::Bad(format!("{name}: {advice}")),
    });
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(version: &str) -> RedisServerInfo {
        RedisServerInfo { version: version.to_owned(), ..RedisServerInfo::default() }
    }

    fn redis(policy: &str, save: &str, appendonly: &str, appendfsync: &str) -> bool {
        let some = |value: &str| Some(value.to_owned());
        let facts = RedisServerInfo {
            maxmemory_policy: some(policy),
            save: some(save),
            appendonly: some(appendonly),
            appendfsync: some(appendfsync),
            ..facts("7.0.15")
        };
        check_node(&facts).iter().all(|finding| matches!(finding, Finding::Good(_)))
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
        let findings = check_node(&facts("6.0.16"));

        assert!(matches!(findings.first(), Some(Finding::Bad(_))));
        assert!(findings.iter().skip(1).all(|finding| matches!(finding, Finding::Unknown(_))));
    }

    #[test]
    fn the_oldest_redis_that_will_do_is_6_2_and_a_replica_will_not() {
        for (version, is_refused) in [
            ("5.0.14", true),
            ("6.0.16", true),
            ("6.2.0", false),
            ("7.0.15", false),
            ("10.0.1", false),
            ("", false),
        ] {
            assert_eq!(facts(version).refusal().is_some(), is_refused, "{version}");
        }
        let replica = RedisServerInfo { is_replica: true, ..facts("7.0.15") };
        assert!(replica.refusal().is_some());
        let of_cluster = RedisServerInfo { node: "127.0.0.1:7000".to_owned(), ..replica };
        assert_eq!(of_cluster.refusal(), None);
    }
}
