//! The settings, and the errors in them.

pub(crate) mod example;
mod looks;
mod security;
mod start;

use std::{collections::BTreeSet, path::Path};

use haoma::config::{Config, ConfigError, Env};
use tempfile::TempDir;
use test_support::{app::KEY as SECRET, databases::sqlite_url, sms_gateway};

const KEY: (&str, &str) = ("SECRET_KEY", SECRET);

fn env(pairs: &[(&str, &str)]) -> Env {
    Env::from_pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn mistakes(pairs: &[(&str, &str)]) -> Vec<ConfigError> {
    Config::from_env(env(pairs)).err().unwrap_or_default()
}

fn names(mistakes: &[ConfigError]) -> BTreeSet<&str> {
    mistakes.iter().map(|mistake| mistake.name.as_ref()).collect()
}

#[test]
fn no_setting_is_required() {
    let config = Config::from_env(env(&[KEY])).expect("the defaults");

    assert_eq!(config.http.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database_url.as_str(), "sqlite://data/haoma.db");
    assert_eq!(config.password_iterations, 600_000);
    assert!(config.redis.is_none());
}

#[test]
fn an_empty_setting_is_reported_once() {
    for name in Config::setting_names() {
        for value in ["", "  "] {
            let found = mistakes(&[KEY, (&name, value)]);

            let [mistake] = &found[..] else { panic!("{name}: {found:?}") };
            assert_eq!(mistake.name, name);
            assert!(mistake.message.starts_with("is set and empty"), "{mistake:?}");
        }
    }
}

#[test]
fn a_start_on_an_empty_address_leaves_nothing_behind() {
    let default = || Path::new("data/haoma.key").exists();
    let before = default();
    for name in ["DATABASE_URL", "SECRET_KEY"] {
        let folder = TempDir::new().expect("a folder");
        let url = sqlite_url(&folder);
        let url = if name == "DATABASE_URL" { "" } else { &url };
        let settings = [("DATABASE_URL", url), ("SECRET_KEY", "")];

        assert!(names(&mistakes(&settings)).contains(name));
        assert!(!folder.path().join("data").exists() && default() == before);
    }
}

#[test]
fn every_command_refuses_a_misspelt_setting() {
    let misspelt = [KEY, ("SMS_PROVIDER", "webhook")];
    let message = "is unknown; did you mean SMS_PROVIDERS?";
    let found = [
        mistakes(&misspelt),
        Config::database_from_env(env(&misspelt)).expect_err("no address"),
        Config::import_from_env(env(&misspelt)).expect_err("no regions"),
    ];
    for found in found {
        let [mistake] = &found[..] else { panic!("{found:?}") };
        assert_eq!(mistake.name, "SMS_PROVIDER");
        assert!(mistake.message.starts_with(message), "{mistake:?}");
    }
}

/// One wrong letter is found in the name of any setting.
#[test]
fn every_misspelling_of_a_setting_is_found() {
    let known = Config::setting_names();
    for name in &known {
        for (index, _) in name.char_indices() {
            let (front, back) = name.split_at(index);
            let misspelt = format!("{front}{}", &back[1..]);
            if known.contains(misspelt.as_str()) || misspelt.is_empty() {
                continue;
            }
            let found = mistakes(&[KEY, (&misspelt, "1")]);
            assert_eq!(names(&found), [misspelt.as_str()].into(), "for {name}");
        }
    }
}

#[test]
fn codes_in_memory_are_noted_with_a_real_provider() {
    let noted = |pairs: &[(&str, &str)]| {
        let config = Config::from_env(env(&[&[KEY], pairs].concat())).expect("settings");
        config.notes().iter().any(|note| note.event == "codes_in_memory" && note.is_warning)
    };
    let mysql = ("DATABASE_URL", "mysql://haoma:geheim@127.0.0.1/haoma");
    let url = ("SMS_WEBHOOK_URL", "https://gateway.example.com/sms");
    let webhook =
        [("SMS_PROVIDERS", "console,webhook"), url, ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET)];
    let redis = ("REDIS_URL", "redis://127.0.0.1");

    assert!(noted(&webhook) && noted(&[mysql, ("SMS_PROVIDERS", "console")]));
    assert!(!noted(&[]) && !noted(&[&webhook[..], &[redis]].concat()));
    assert!(!noted(&[mysql, ("SMS_PROVIDERS", "console"), redis]));
}

/// Invalid values, with one variable a line.
const BAD: &[(&str, &[&str])] = &[
    ("BIND", &["127.0.0.1", "localhost:80", "8080", ":8080", "127.0.0.1:99999"]),
    (
        "PUBLIC_URL",
        &[
            "id.example.com",
            "ftp://id.example.com",
            "https://id.example.com/path",
            "https://a:b@id.example.com",
            "https://id.example.com?x",
            "https://",
        ],
    ),
    ("SITES", &["www.example.com", "http://www.example.com", "https://www.example.com/shop", ","]),
    ("JWT_ALGORITHM", &["eddsa", "HS256", "none", "RS512"]),
    ("ADDRESS_ALLOW", &["10.0.0.0/33", "office", "10.0.0.1,,"]),
    ("TRUSTED_PROXIES", &["10.0.0.0/33", "proxy", "10.0.0.1,,", "10.0.0.1;10.0.0.2"]),
    (
        "DATABASE_URL",
        &["postgres://h/d", "sqlite://", "sqlite://:memory:", "haoma.db", "mysql://", "MYSQL"],
    ),
    ("BRAND_NAME", &["12345678901234567890123456789012345678901", "two\nlines"]),
    ("BRAND_LOGO_URL", &["http://cdn.example.com/a.png", "//cdn.example.com/a.png", "a.png"]),
    ("BRAND_COLOR", &["green", "#fff", "0b6b57", "#ffd4000"]),
    ("TEMPLATES_DIR", &["/nowhere", "Cargo.toml"]),
    ("DATABASE_POOL", &["0", "-1", "many", "1001"]),
    (
        "REDIS_URL",
        &[
            "127.0.0.1:6379",
            "http://127.0.0.1",
            "redis://",
            "redis",
            "redis://127.0.0.1:port",
            "redis://127.0.0.1,127.0.0.2",
            "redis://127.0.0.1/first",
            // The client library would disable verification for this.
            "rediss://redis.example/0#insecure",
            "redis+sentinel://127.0.0.1",
            "redis+sentinel://127.0.0.1,/master",
            "redis+cluster://127.0.0.1/1",
            "redis+swarm://127.0.0.1",
            // This connection would cross a network without TLS.
            "redis://redis.example",
            "redis+sentinel://127.0.0.1,redis.example/master",
            "redis+cluster://10.0.0.1,10.0.0.2",
        ],
    ),
    ("REDIS_CA_FILE", &["/nowhere/ca.pem", "Cargo.toml"]),
    ("ALLOW_PLAIN_REDIS", &["yes"]),
    (
        "SECRET_KEY",
        &[
            "short",
            "change-me-change-me-change-me-change-me",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "0000000000000000000000000000000000",
        ],
    ),
    ("CAPTCHA_TTL_SECONDS", &["29", "301", "3m"]),
    ("SMS_RESEND_SECONDS", &["0", "601", "1.5"]),
    ("SMS_CODE_TTL_SECONDS", &["59", "601"]),
    ("SMS_CODE_TRIES", &["0", "11"]),
    ("SMS_CODE_TRIES_PER_MOBILE_DAY", &["4", "51"]),
    ("SMS_PER_MOBILE_HOUR", &["0", "-5"]),
    ("SMS_PER_MOBILE_DAY", &["0", "x"]),
    ("SMS_PER_ADDRESS_10_MINUTES", &["0", "x"]),
    ("SMS_PER_ADDRESS_HOUR", &["0", "x"]),
    ("SMS_PER_ADDRESS_DAY", &["0", "x"]),
    ("SMS_PER_MINUTE", &["-1", "x"]),
    ("SMS_PER_HOUR", &["-1", "x"]),
    ("SMS_PER_DAY", &["-1", "unlimited"]),
    ("SMS_PROVIDERS", &["pigeon", "console,pigeon", ",", "console;webhook", "Console"]),
    ("PASSWORD_ITERATIONS", &["0", "599999", "10000001", "600k"]),
    ("ALLOW_WEAK_HASHES", &["yes", "1", "ON", "true"]),
    ("SESSION_IDLE_SECONDS", &["59", "86401"]),
    ("SESSION_TTL_SECONDS", &["59", "86401"]),
    ("SESSION_REMEMBERED_IDLE_SECONDS", &["59", "2592001"]),
    ("SESSION_REMEMBERED_TTL_SECONDS", &["59", "2592001"]),
];

#[test]
fn a_bad_value_is_refused_by_the_name_of_its_variable() {
    for (name, values) in BAD {
        for value in *values {
            let found = mistakes(&[KEY, (name, value)]);
            assert!(names(&found).contains(name), "{name}={value}: {found:?}");
            assert!(found.iter().all(|item| !item.message.is_empty()));
        }
    }
}

#[test]
fn the_bounds_themselves_are_allowed() {
    let good = [
        ("CAPTCHA_TTL_SECONDS", ["30", "300"]),
        ("SMS_RESEND_SECONDS", ["1", "600"]),
        ("SMS_CODE_TTL_SECONDS", ["60", "600"]),
        ("SMS_CODE_TRIES", ["1", "10"]),
        ("SMS_CODE_TRIES_PER_MOBILE_DAY", ["5", "50"]),
        ("SMS_PER_MINUTE", ["0", "1000000"]),
        ("PASSWORD_ITERATIONS", ["600000", "10000000"]),
        ("SESSION_IDLE_SECONDS", ["60", "86400"]),
        ("PUBLIC_URL", ["https://id.example.com", "http://127.0.0.1:8080/"]),
        ("SITES", ["https://www.example.com, https://shop.example.net", "http://localhost:3000"]),
        ("JWT_ALGORITHM", ["ES256", "RS256"]),
        ("TRUSTED_PROXIES", ["10.0.0.0/8, 192.168.1.5", "::1"]),
        ("ADDRESS_ALLOW", ["203.0.113.0/24, 192.0.2.5", "2001:db8::/32"]),
    ];
    for (name, values) in good {
        for value in values {
            assert_eq!(mistakes(&[KEY, (name, value)]), [], "{name}={value}");
        }
    }
}

#[test]
fn every_mistake_is_reported_at_once() {
    let all: Vec<_> = BAD.iter().map(|(name, values)| (*name, values[0])).collect();

    let found = mistakes(&all);
    let found = names(&found);

    // Without a database, the place of the key file is unknown; other mistakes are independent of it.
    let missing: Vec<_> =
        BAD.iter().map(|row| row.0).filter(|name| !found.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn mysql_wants_a_key_and_providers() {
    let url = ("DATABASE_URL", "mysql://haoma:geheim@127.0.0.1/haoma");
    assert_eq!(names(&mistakes(&[url])), ["SECRET_KEY", "SMS_PROVIDERS"].into());
    assert_eq!(mistakes(&[url, KEY, ("SMS_PROVIDERS", "console")]), []);
}

#[test]
fn a_gateway_needs_an_encrypted_address_and_a_key() {
    let webhook = ("SMS_PROVIDERS", "webhook");
    let secret = ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET);
    let needed = ["SMS_WEBHOOK_SECRET", "SMS_WEBHOOK_URL"];
    assert_eq!(names(&mistakes(&[KEY, webhook])), needed.into());
    for url in ["http://gateway.example.com/sms", "http://10.0.0.1/", "ftp://127.0.0.1/", "x"] {
        let found = mistakes(&[KEY, webhook, secret, ("SMS_WEBHOOK_URL", url)]);
        assert_eq!(names(&found), ["SMS_WEBHOOK_URL"].into(), "{url}");
    }
    for bad in
        ["bG9vcGJhY2stb25seS13ZWJob29rLXNlY3JldC0zMmI=", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%"]
    {
        let url = ("SMS_WEBHOOK_URL", "https://gateway.example.com/sms");
        let found = mistakes(&[KEY, webhook, url, ("SMS_WEBHOOK_SECRET", bad)]);
        assert_eq!(names(&found), ["SMS_WEBHOOK_SECRET"].into(), "{bad}");
    }
}

/// R116.
#[test]
fn a_remote_redis_without_tls_has_to_be_allowed() {
    let plain = ("REDIS_URL", "redis://haoma:geheim@redis.example:7000/3");
    let found = mistakes(&[KEY, plain]);
    assert_eq!(names(&found), ["REDIS_URL"].into());
    assert!(found[0].message.contains("rediss://"), "{found:?}");
    assert_eq!(mistakes(&[KEY, plain, ("ALLOW_PLAIN_REDIS", "on")]), []);
}

#[test]
fn every_kind_of_redis_is_understood_and_printed_without_its_password() {
    for (url, printed) in [
        ("redis://127.0.0.1", "redis://127.0.0.1:6379/0"),
        ("redis://:geheim@localhost:7000/3", "redis://localhost:7000/3"),
        ("rediss://haoma:ge%2Fhe%40im@redis.example", "rediss://redis.example:6379/0"),
        ("redis://geheim@redis.example", "redis://redis.example:6379/0"),
        ("redis://[::1]:7000/", "redis://[::1]:7000/0"),
        (
            "rediss+sentinel://haoma:geheim@a.example,b.example:7000/the%20master/2",
            "rediss+sentinel://a.example:26379,b.example:7000/the master/2",
        ),
        (
            "rediss+cluster://haoma:geheim@a.example:7000,b.example",
            "rediss+cluster://a.example:7000,b.example:6379/0",
        ),
    ] {
        let plain = ("ALLOW_PLAIN_REDIS", "on");
        let config = Config::from_env(env(&[KEY, plain, ("REDIS_URL", url)])).expect("settings");
        assert_eq!(format!("{:?}", config.redis.expect("one")), printed);
    }
}

/// With an unescaped `@` or `/`, a part of the password would become the host, which every message names.
#[test]
fn a_password_with_unescaped_characters_is_refused_without_quoting_it() {
    let gateway = [KEY, ("SMS_PROVIDERS", "webhook"), ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET)];
    for (name, url) in [
        ("DATABASE_URL", "mysql://haoma:Ab@Secret99/x@db.example/haoma"),
        ("DATABASE_URL", "mysql://haoma:99/Secret99@db.example/haoma"),
        ("DATABASE_URL", "mysql://haoma:Ab@Secret99?x@db.example/haoma"),
        ("REDIS_URL", "rediss://haoma:Ab@Secret99/x@redis.example/0"),
        ("REDIS_URL", "rediss+sentinel://haoma:Ab@Secret99/x@redis.example/0"),
        ("REDIS_URL", "rediss+sentinel://haoma:99/Secret99@redis.example/master/0"),
        ("REDIS_URL", "rediss+cluster://haoma:Ab@Secret99/x@redis.example"),
        ("SMS_WEBHOOK_URL", "https://haoma:Ab@Secret99/x@gateway.example/sms"),
        ("SMS_WEBHOOK_URL", "https://haoma:99/Secret99@gateway.example/sms"),
    ] {
        let fine = [("SMS_WEBHOOK_URL", "https://haoma:Ab%40Secret99@gateway.example/sms")];
        let found = mistakes(&[&gateway[..], &fine, &[(name, url)]].concat());

        assert_eq!(names(&found), [name].into(), "{url}");
        let sentence = &found[0].message;
        assert!(sentence.contains("write @ and / as %40 and %2F"), "{url}: {sentence}");
        let parts = ["Secret99", "Ab", "db.example", "redis.example", "gateway.example"];
        assert!(!parts.iter().any(|part| sentence.contains(part)), "{sentence}");
    }
}

#[test]
fn urls_are_printed_without_credentials() {
    let stores = [
        ("DATABASE_URL", "mysql://geheim1:geheim2@db.example/haoma?ssl_mode=DISABLED"),
        ("REDIS_URL", "rediss://geheim3@redis.example"),
        ("SMS_PROVIDERS", "webhook"),
        ("SMS_WEBHOOK_URL", "https://geheim4:geheim5@gateway.example/geheim6"),
        ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET),
    ];
    let config = Config::from_env(env(&[&stores[..], &[KEY]].concat())).expect("settings");

    assert!(!format!("{config:?}").contains("geheim"), "{config:?}");
    assert_eq!(format!("{:?}", config.database_url), "mysql://db.example/haoma?ssl_mode=DISABLED");
    let file = ("DATABASE_URL", "sqlite://da@ta/haoma.db");
    let config = Config::from_env(env(&[KEY, file])).expect("settings");
    assert_eq!(format!("{:?}", config.database_url), "sqlite://da@ta/haoma.db");
}

/// Errors that the driver would report are reported together with all others.
#[test]
fn parameters_of_a_database_url_are_checked_with_the_other_settings() {
    for (parameters, part) in [
        ("?ssl_mode=REQUIRED", "neither VERIFY_IDENTITY nor"),
        ("?require_ssl=true", "`require_ssl`"),
        ("?geheim=1", "is not of the form"),
    ] {
        let url = format!("mysql://u:p@127.0.0.1/d{parameters}");
        let found = mistakes(&[
            ("DATABASE_URL", &url),
            ("BIND", "8080"),
            KEY,
            ("SMS_PROVIDERS", "console"),
        ]);
        assert_eq!(names(&found), ["BIND", "DATABASE_URL"].into(), "{parameters}");
        let sentence = &found.iter().find(|item| item.name == "DATABASE_URL").expect("one").message;
        assert!(sentence.contains(part) && !sentence.contains("geheim"), "{sentence}");
    }
    let absent = ("REDIS_CA_FILE", "/nowhere/ca.pem");
    assert!(mistakes(&[KEY, absent])[0].message.contains("/nowhere/ca.pem"));
}

#[test]
fn weak_hashes_have_to_be_allowed() {
    let weak = ("PASSWORD_ITERATIONS", "1000");
    assert_eq!(names(&mistakes(&[KEY, weak])), ["PASSWORD_ITERATIONS"].into());
    assert_eq!(
        names(&mistakes(&[KEY, weak, ("ALLOW_WEAK_HASHES", "off")])),
        ["PASSWORD_ITERATIONS"].into()
    );
    assert_eq!(mistakes(&[KEY, weak, ("ALLOW_WEAK_HASHES", "on")]), []);
}

#[test]
fn a_listener_beyond_loopback_needs_a_public_url() {
    for bind in ["0.0.0.0:8080", "[::]:8080", "192.168.1.5:80"] {
        assert_eq!(names(&mistakes(&[KEY, ("BIND", bind)])), ["PUBLIC_URL"].into(), "{bind}");
        let public = ("PUBLIC_URL", "https://id.example.com");
        assert_eq!(mistakes(&[KEY, ("BIND", bind), public]), []);
    }
    for bind in ["127.0.0.2:0", "[::1]:80"] {
        assert_eq!(mistakes(&[KEY, ("BIND", bind)]), [], "{bind}");
    }
}

#[test]
fn no_mistake_and_no_configuration_prints_a_secret() {
    let secrets = [
        ("DATABASE_URL", "mysql://haoma:geheim1@db.example/haoma"),
        ("REDIS_URL", "rediss://haoma:geheim2@redis.example/0"),
        ("SECRET_KEY", "geheim3 geheim3 geheim3 geheim3 0123456789"),
        ("SMS_PROVIDERS", "webhook"),
        ("SMS_WEBHOOK_URL", "https://gateway.example/"),
        ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET),
    ];
    let config = format!("{:?}", Config::from_env(env(&secrets)).expect("settings"));
    assert!(!config.contains("geheim") && !config.contains(&sms_gateway::SECRET[6..]), "{config}");
    // Any text is a valid name here, and an error names a path that does not exist.
    let fine = ["SMS_PROVIDERS", "BRAND_NAME", "REDIS_CA_FILE"];
    let bad = BAD.iter().map(|row| row.0).filter(|name| !fine.contains(name));
    for name in bad.chain(["SMS_WEBHOOK_URL", "SMS_WEBHOOK_SECRET"]) {
        let found = mistakes(&[KEY, ("SMS_PROVIDERS", "webhook"), (name, "geheim")]);
        assert!(names(&found).contains(name), "{name}");
        assert!(!format!("{found:?}").contains("geheim"), "{found:?}");
    }
}
