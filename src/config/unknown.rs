//! Reports variables that look like settings but are none, and unusable values of settings that this set-up does not
//! read.

use std::collections::{BTreeMap, BTreeSet};

use super::{Env, spelling};

/// The setting that lists names which begin like a setting but belong to other programs.
const IGNORED: &str = "IGNORED_VARIABLES";
/// A prefix that many expect settings to have.
const OWN_PREFIX: &str = "HAOMA_";
/// Variables of other programs that begin like settings. This one is the address of an X11 session manager.
const OTHER_PROGRAMS: [&str; 1] = ["SESSION_MANAGER"];
/// Settings of the log, which people may also set for a single command.
const LOG_SETTINGS: [&str; 2] = ["RUST_LOG", "LOG_FORMAT"];
/// The first word of `RUST_LOG`, which many variables of Rust itself share.
const SHARED_PREFIX: &str = "RUST";

/// Tells whether a setting is among these variables, apart from those of the log.
pub(super) fn has_settings(values: &BTreeMap<String, Option<String>>) -> bool {
    let settings = super::known_names();
    let mut settings = settings.iter().filter(|name| !LOG_SETTINGS.contains(&name.as_ref()));
    settings.any(|name| values.contains_key(name.as_ref()))
}

/// Returns the names that the operator wants to be ignored.
pub(super) fn ignored(env: &mut Env) -> Vec<String> {
    let names = env.text(IGNORED).unwrap_or_default();
    names.split(',').map(|name| name.trim().to_owned()).collect()
}

/// Reports every variable that looks like a setting but is none, and every setting whose value cannot be read.
pub(super) fn report_unknown(env: &mut Env) {
    let names = super::known_names();
    for name in &names {
        env.text(name.clone());
    }
    let known: BTreeSet<&str> = names.iter().map(AsRef::as_ref).collect();
    let ignored = ignored(env);
    let is_unknown = |name: &str, value: &str| {
        !known.contains(name)
            && looks_like_a_setting(name, &known)
            && !OTHER_PROGRAMS.contains(&name)
            && !is_service_link(name, value)
            && !ignored.iter().any(|other| other == name)
    };
    let unknown: Vec<_> = env
        .values()
        .filter(|(name, value)| is_unknown(name, value))
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in unknown {
        let message = message(&name, &known);
        env.report(name, message);
    }
}

fn looks_like_a_setting(name: &str, known: &BTreeSet<&str>) -> bool {
    let name = name.to_ascii_uppercase();
    let begins_alike = || {
        let (word, _) = name.split_once('_')?;
        let mut words = known.iter().filter_map(|setting| setting.split('_').next());
        words.find(|other| *other == word && *other != SHARED_PREFIX)
    };
    name.starts_with(OWN_PREFIX)
        || begins_alike().is_some()
        || known
            .iter()
            .any(|setting| spelling::distance(&name, setting, max_typos(setting)).is_some())
}

/// Returns how many typing errors are assumed at most. Two of them turn a short name into another word.
fn max_typos(name: &str) -> usize {
    if name.len() < 6 { 1 } else { 2 }
}

/// Tells whether a variable describes another service. Kubernetes sets such variables for every service, and older
/// container engines for linked containers: a service called `redis` sets `REDIS_SERVICE_HOST`, `REDIS_PORT=tcp://…`
/// and `REDIS_PORT_6379_TCP_ADDR`.
fn is_service_link(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let of_port = || {
        let (_, port) = name.split_once("_PORT_")?;
        let (number, protocol) = port.split_once('_')?;
        let protocol = protocol.split('_').next()?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        (is_number && ["TCP", "UDP", "SCTP"].contains(&protocol)).then_some(())
    };
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.ends_with("_PORT") && is_address
        || of_port().is_some()
}

fn message(name: &str, known: &BTreeSet<&str>) -> String {
    let advice = format!("If another program needs it, name it in {IGNORED}.");
    match closest_setting(name, known) {
        Some(meant) => format!("is unknown; did you mean {meant}? {advice}"),
        None => format!("is unknown; .env.example lists all settings. {advice}"),
    }
}

/// Returns the setting that is probably meant.
fn closest_setting<'a>(name: &str, known: &BTreeSet<&'a str>) -> Option<&'a str> {
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix(OWN_PREFIX).unwrap_or(&name);
    let expected = [("LOG_LEVEL", "RUST_LOG"), ("PORT", "BIND"), ("HOST", "BIND")];
    if let Some((_, meant)) = expected.into_iter().find(|(wrong, _)| *wrong == name) {
        return known.get(meant).copied();
    }
    let max = (name.len() / 3).clamp(2, 4);
    let near = known
        .iter()
        .filter_map(|setting| Some((spelling::distance(name, setting, max)?, *setting)));
    if let Some((_, nearest)) = near.min() {
        return Some(nearest);
    }
    let is_part = |setting: &&&str| {
        !name.is_empty() && setting.starts_with(name) || name.starts_with(**setting)
    };
    known.iter().find(is_part).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(name: &str, value: &str) -> Option<String> {
        let mut env = Env::from_pairs([(name.to_owned(), value.to_owned())]);
        report_unknown(&mut env);
        env.into_errors().pop().map(|error| format!("{} {}", error.name, error.message))
    }

    #[test]
    fn a_misspelt_setting_is_reported_with_the_one_that_is_meant() {
        for (name, meant) in [
            ("SMS_PROVIDER", "SMS_PROVIDERS"),
            ("PASSWORD_MIN_LENGHT", "PASSWORD_MIN_LENGTH"),
            ("DATABSE_URL", "DATABASE_URL"),
            ("REDIS_URI", "REDIS_URL"),
            ("REDISURL", "REDIS_URL"),
            ("BIMD", "BIND"),
            ("BIND_ADDRESS", "BIND"),
            ("PUBLIC_ULR", "PUBLIC_URL"),
            ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
            ("BRAND_COLOUR", "BRAND_COLOR"),
            ("SESSION_TTL", "SESSION_TTL_SECONDS"),
            ("SECRET_KEYS", "SECRET_KEY"),
            ("SMS_ALIYUN_ACCESS_KEY", "SMS_ALIYUN_ACCESS_KEY_ID"),
            ("HAOMA_BIND", "BIND"),
            ("HAOMA_PORT", "BIND"),
            ("HAOMA_SECRET_KEY", "SECRET_KEY"),
            ("LOG_LEVEL", "RUST_LOG"),
            ("RUST_LOGS", "RUST_LOG"),
            ("database_url", "DATABASE_URL"),
        ] {
            let reported = reported(name, "1").unwrap_or_else(|| panic!("{name} is not reported"));
            let expected = format!("{name} is unknown; did you mean {meant}?");
            assert!(reported.starts_with(&expected), "{reported}");
        }
        for name in
            ["REDIS_HOST", "DATABASE_PASSWORD", "SMS_FOO", "HAOMA_", "HAOMA_X", "JWT_SECRET"]
        {
            let reported = reported(name, "1").unwrap_or_else(|| panic!("{name} is not reported"));
            assert!(reported.contains("IGNORED_VARIABLES"), "{reported}");
        }
    }

    #[test]
    fn usual_variables_of_machines_and_containers_are_accepted() {
        let names = "PATH HOME LANG LC_ALL LANGUAGE HOSTNAME PWD OLDPWD SHLVL SHELL TERM USER LOGNAME MAIL TZ PS1 \
            EDITOR DISPLAY _ PORT HOST SUDO_USER SSH_CONNECTION XDG_SESSION_ID DBUS_SESSION_BUS_ADDRESS \
            SESSION_MANAGER DESKTOP_SESSION WINDOWID LS_COLORS PAGER http_proxy NO_PROXY SSL_CERT_FILE \
            INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID STATE_DIRECTORY LOGS_DIRECTORY \
            CREDENTIALS_DIRECTORY NOTIFY_SOCKET RUST_BACKTRACE RUST_LIB_BACKTRACE RUST_LOG_STYLE \
            RUSTUP_HOME CARGO_HOME KUBERNETES_SERVICE_HOST KUBERNETES_PORT MYSQL_PORT_3306_TCP \
            MYSQL_PASSWORD MYSQL_USER COMPOSE_PROJECT_NAME container POD_NAME NODE_NAME GPG_KEY TMPDIR \
            PM2_HOME CI DEBIAN_FRONTEND";
        for name in names.split_whitespace() {
            assert_eq!(reported(name, "1"), None);
        }
    }

    #[test]
    fn variables_of_kubernetes_services_are_accepted() {
        for service in ["REDIS", "HAOMA", "DATABASE", "SMS_GATEWAY", "SESSION"] {
            for (end, value) in [
                ("SERVICE_HOST", "10.0.0.1"),
                ("SERVICE_PORT", "6379"),
                ("SERVICE_PORT_CLIENT", "6379"),
                ("PORT", "tcp://10.0.0.1:6379"),
                ("PORT_6379_TCP", "tcp://10.0.0.1:6379"),
                ("PORT_6379_TCP_PROTO", "tcp"),
                ("PORT_6379_TCP_PORT", "6379"),
                ("PORT_53_UDP_ADDR", "10.0.0.1"),
            ] {
                assert_eq!(reported(&format!("{service}_{end}"), value), None);
            }
        }
        // A person has set this one and expects it to be read.
        assert!(reported("REDIS_PORT", "6379").is_some());
    }

    #[test]
    fn names_that_the_operator_lists_are_ignored() {
        let pairs = [("JWT_SECRET", "x"), ("REDIS_HOST", "y"), (IGNORED, "JWT_SECRET, REDIS_HOST")];
        let mut env =
            Env::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        report_unknown(&mut env);
        assert_eq!(env.into_errors(), []);
    }
}
