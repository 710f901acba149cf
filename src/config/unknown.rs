//! Variables that look like settings and are none, and settings that nothing asks for in this set-up: neither is
//! passed over in silence.

use std::collections::{BTreeMap, BTreeSet};

use super::{Env, spelling};

/// Names that begin like a setting and belong to other programs.
const IGNORED: &str = "IGNORED_VARIABLES";
/// What many expect settings to begin with.
const OWN_PREFIX: &str = "HAOMA_";
/// Other programs' variables that begin like settings: an X11 session's address.
const OTHER_PROGRAMS: [&str; 1] = ["SESSION_MANAGER"];
/// What only says how the log is written; set for a single command, too.
const LOG_SETTINGS: [&str; 2] = ["RUST_LOG", "LOG_FORMAT"];
/// The only setting that is not ours alone: Rust has many variables that begin like it.
const SHARED_PREFIX: &str = "RUST";

/// Whether a setting is among these variables, those of the log aside.
pub(super) fn has_settings(values: &BTreeMap<String, Option<String>>) -> bool {
    let mut settings = super::known_names().into_iter().filter(|it| !LOG_SETTINGS.contains(it));
    settings.any(|it| values.contains_key(it))
}

/// The names that the operator wants to be passed over.
pub(super) fn ignored(env: &mut Env) -> Vec<String> {
    let names = env.text(IGNORED).unwrap_or_default();
    names.split(',').map(|it| it.trim().to_owned()).collect()
}

/// Notes every variable that is not a setting but looks like one, and every setting whose value cannot be read.
pub(super) fn report_unknown(env: &mut Env) {
    let known = super::known_names();
    for name in &known {
        env.text(name);
    }
    let ignored = ignored(env);
    let is_unknown = |name: &str, value: &str| {
        !known.contains(name)
            && looks_like_a_setting(name, &known)
            && !OTHER_PROGRAMS.contains(&name)
            && !is_service_link(name, value)
            && !ignored.iter().any(|it| it == name)
    };
    let unknown: Vec<_> = env
        .values()
        .filter(|(name, value)| is_unknown(name, value))
        .map(|it| it.0.to_owned())
        .collect();
    for name in unknown {
        let sentence = message(&name, &known);
        env.report(name, sentence);
    }
}

fn looks_like_a_setting(name: &str, known: &BTreeSet<&str>) -> bool {
    let name = name.to_ascii_uppercase();
    let begins_alike = || {
        let (word, _) = name.split_once('_')?;
        let mut words = known.iter().filter_map(|it| it.split('_').next());
        words.find(|it| *it == word && *it != SHARED_PREFIX)
    };
    name.starts_with(OWN_PREFIX)
        || begins_alike().is_some()
        || known.iter().any(|it| spelling::distance(&name, it, typing_errors(it)).is_some())
}

/// How many letters may be wrong: in a short name two of them make another word.
fn typing_errors(name: &str) -> usize {
    if name.len() < 6 { 1 } else { 2 }
}

/// Kubernetes tells a container of every service beside it, and older container engines of linked containers:
/// a service called `redis` sets `REDIS_SERVICE_HOST`, `REDIS_PORT=tcp://…` and `REDIS_PORT_6379_TCP_ADDR`.
fn is_service_link(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|it| value.starts_with(it));
    let of_port = || {
        let (_, port) = name.split_once("_PORT_")?;
        let (number, protocol) = port.split_once('_')?;
        let protocol = protocol.split('_').next()?;
        let is_number = number.bytes().all(|it| it.is_ascii_digit());
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
        None => format!("is unknown; .env.example has all that there are. {advice}"),
    }
}

/// The setting that is likely to be meant.
fn closest_setting<'a>(name: &str, known: &BTreeSet<&'a str>) -> Option<&'a str> {
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix(OWN_PREFIX).unwrap_or(&name);
    let expected = [("LOG_LEVEL", "RUST_LOG"), ("PORT", "BIND"), ("HOST", "BIND")];
    if let Some((_, meant)) = expected.into_iter().find(|it| it.0 == name) {
        return known.get(meant).copied();
    }
    let most = (name.len() / 3).clamp(2, 4);
    let near = known.iter().filter_map(|it| Some((spelling::distance(name, it, most)?, *it)));
    if let Some((_, nearest)) = near.min() {
        return Some(nearest);
    }
    let is_part = |it: &&&str| !name.is_empty() && it.starts_with(name) || name.starts_with(**it);
    known.iter().find(is_part).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, value: &str) -> Option<String> {
        let mut env = Env::from_pairs([(name.to_owned(), value.to_owned())]);
        report_unknown(&mut env);
        env.into_errors().pop().map(|it| format!("{} {}", it.name, it.message))
    }

    #[test]
    fn a_misspelt_setting_is_told_with_the_one_that_is_meant() {
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
            let told = told(name, "1").unwrap_or_else(|| panic!("{name} is passed over"));
            let expected = format!("{name} is unknown; did you mean {meant}?");
            assert!(told.starts_with(&expected), "{told}");
        }
        for name in
            ["REDIS_HOST", "DATABASE_PASSWORD", "SMS_FOO", "HAOMA_", "HAOMA_X", "JWT_SECRET"]
        {
            let told = told(name, "1").unwrap_or_else(|| panic!("{name} is passed over"));
            assert!(told.contains("IGNORED_VARIABLES"), "{told}");
        }
    }

    #[test]
    fn what_stands_in_the_environment_of_machines_and_containers_is_no_mistake() {
        let names = "PATH HOME LANG LC_ALL LANGUAGE HOSTNAME PWD OLDPWD SHLVL SHELL TERM USER LOGNAME MAIL TZ PS1 \
            EDITOR DISPLAY _ PORT HOST SUDO_USER SSH_CONNECTION XDG_SESSION_ID DBUS_SESSION_BUS_ADDRESS \
            SESSION_MANAGER DESKTOP_SESSION WINDOWID LS_COLORS PAGER http_proxy NO_PROXY SSL_CERT_FILE \
            INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID STATE_DIRECTORY LOGS_DIRECTORY \
            CREDENTIALS_DIRECTORY NOTIFY_SOCKET RUST_BACKTRACE RUST_LIB_BACKTRACE RUST_LOG_STYLE \
            RUSTUP_HOME CARGO_HOME KUBERNETES_SERVICE_HOST KUBERNETES_PORT MYSQL_PORT_3306_TCP \
            MYSQL_PASSWORD MYSQL_USER COMPOSE_PROJECT_NAME container POD_NAME NODE_NAME GPG_KEY TMPDIR \
            PM2_HOME CI DEBIAN_FRONTEND";
        for name in names.split_whitespace() {
            assert_eq!(told(name, "1"), None);
        }
    }

    #[test]
    fn services_that_kubernetes_tells_of_are_no_mistake() {
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
                assert_eq!(told(&format!("{service}_{end}"), value), None);
            }
        }
        // A person's, who expects it to be read.
        assert!(told("REDIS_PORT", "6379").is_some());
    }

    #[test]
    fn what_the_operator_names_is_passed_over() {
        let pairs = [("JWT_SECRET", "x"), ("REDIS_HOST", "y"), (IGNORED, "JWT_SECRET, REDIS_HOST")];
        let mut env = Env::from_pairs(pairs.map(|(name, it)| (name.to_owned(), it.to_owned())));
        report_unknown(&mut env);
        assert_eq!(env.into_errors(), []);
    }
}
