//! Checks of the settings for the network: the public address, the proxies, and the provider of messages.

use super::Finding;
use crate::{config::Config, domain::loopback::is_loopback};

/// Checks everything, without sending anything.
pub fn check(config: &Config) -> Vec<Finding> {
    let mut findings = vec![check_public_url(config), check_trusted_proxies(config)];
    findings.extend(check_console(config));
    findings
}

fn check_public_url(config: &Config) -> Finding {
    let Some(url) = &config.http.public_url else {
        return Finding::Good(
            "PUBLIC_URL: is not set: only browsers on this machine are served".to_owned(),
        );
    };
    let origin = url.origin().ascii_serialization();
    if url.scheme() == "https" || is_loopback(url) {
        return Finding::Good(format!("PUBLIC_URL: people type {origin}"));
    }
    let unencrypted = format!(
        "PUBLIC_URL: {origin} is not encrypted: whoever is on the way reads passwords, codes and cookies: end TLS in a \
         proxy (docs/install.md) and write https://"
    );
    // With SQLite this may be a trial in a private network.
    if is_production(config) { Finding::Bad(unencrypted) } else { Finding::Note(unencrypted) }
}

fn check_trusted_proxies(config: &Config) -> Finding {
    let proxies = &config.http.trusted_proxies;
    if let Some(everybody) = proxies.iter().find(|network| network.prefix_len() == 0) {
        return Finding::Bad(format!(
            "TRUSTED_PROXIES: {everybody} is everybody: any visitor can claim any address with X-Forwarded-For: name your \
             proxies alone"
        ));
    }
    if !proxies.is_empty() {
        let list: Vec<_> = proxies.iter().map(ToString::to_string).collect();
        return Finding::Good(format!("TRUSTED_PROXIES: {} may name visitors", list.join(", ")));
    }
    match &config.http.public_url {
        // Haoma itself does not terminate TLS.
        Some(url) if url.scheme() == "https" => Finding::Bad(
            "TRUSTED_PROXIES: is not set, though a proxy ends TLS for PUBLIC_URL: all visitors share its address and the \
             limits of that: name the proxy's address"
                .to_owned(),
        ),
        _ => Finding::Good("TRUSTED_PROXIES: is not set: X-Forwarded-For is not read".to_owned()),
    }
}

/// Finds codes printed in a terminal although the service is public.
fn check_console(config: &Config) -> Option<Finding> {
    let is_https = config.http.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    (config.is_development() && is_https).then(|| {
        Finding::Bad(
            "SMS_PROVIDERS: `console` prints codes in the terminal, though PUBLIC_URL is https: nobody is texted, and \
             whoever reads the terminal can sign in as anybody: name a provider"
                .to_owned(),
        )
    })
}

fn is_production(config: &Config) -> bool {
    config.database_url.as_str().starts_with("mysql:")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Env;

    const MYSQL: (&str, &str) = ("DATABASE_URL", "mysql://u:p@127.0.0.1/d");
    const GATEWAY: [(&str, &str); 3] = [
        ("SMS_PROVIDERS", "webhook"),
        ("SMS_WEBHOOK_URL", "https://gateway.example/"),
        ("SMS_WEBHOOK_SECRET", "whsec_bG9vcGJhY2stb25seS13ZWJob29rLXNlY3JldC0zMmI="),
    ];

    /// Returns the variables with which something is wrong.
    fn wrong(settings: &[(&str, &str)]) -> Vec<String> {
        let key = ("SECRET_KEY", "0123456789abcdef0123456789abcdef");
        let pairs = [&GATEWAY[..], &[key], settings].concat();
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_env(Env::from_pairs(pairs)).expect("settings");
        let bad = check(&config).into_iter().filter_map(|finding| match finding {
            Finding::Bad(line) => line.split(':').next().map(str::to_owned),
            Finding::Good(_) | Finding::Note(_) | Finding::Unknown(_) => None,
        });
        bad.collect()
    }

    #[test]
    fn wrong_addresses_proxies_and_providers_are_found() {
        let (https, proxy) =
            (("PUBLIC_URL", "https://id.example.com"), ("TRUSTED_PROXIES", "10.0.0.1"));
        let http = ("PUBLIC_URL", "http://id.example.com");

        assert!(wrong(&[]).is_empty());
        assert!(wrong(&[https, proxy]).is_empty());
        assert!(wrong(&[("PUBLIC_URL", "http://localhost:8080"), MYSQL]).is_empty());
        assert_eq!(wrong(&[https]), ["TRUSTED_PROXIES"]);
        assert_eq!(wrong(&[https, ("TRUSTED_PROXIES", "10.0.0.1,::/0")]), ["TRUSTED_PROXIES"]);
        assert_eq!(wrong(&[http, MYSQL]), ["PUBLIC_URL"]);
        assert!(wrong(&[http]).is_empty(), "a file may be a trial");
        assert_eq!(wrong(&[https, proxy, ("SMS_PROVIDERS", "console")]), ["SMS_PROVIDERS"]);
        assert!(wrong(&[("SMS_PROVIDERS", "console")]).is_empty());
    }
}
