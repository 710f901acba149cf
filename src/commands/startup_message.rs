//! The message that the server prints when it has started.

use std::net::SocketAddr;

use crate::config::Config;

/// Returns where the server listens. In development it adds the addresses to begin with and what real users would need.
pub fn startup_message(config: &Config, address: SocketAddr) -> String {
    let listening = format!("http://{address}");
    let (base, place) = match &config.http.public_url {
        Some(url) => (url.to_string(), format!("{listening} as {url}")),
        None => (listening.clone(), listening),
    };
    if !config.is_development() {
        return format!("haoma: listening on {place}");
    }
    let accounts = match config.database_url.as_str().strip_prefix("sqlite://") {
        Some(path) => path.to_owned(),
        None => format!("{:?}", config.database_url),
    };
    let codes = match &config.redis {
        Some(redis) => format!("{redis:?}"),
        None => "memory, gone when this ends".to_owned(),
    };
    format!(
        "haoma: listening on {place}; SMS are printed here\n\
         \x20 begin     {}/register\n\
         \x20 accounts  {accounts}\n\
         \x20 codes     {codes}\n\
         \x20 For real users: \"In production\" in README.md; `haoma doctor` tells what is missing.",
        base.trim_end_matches('/')
    )
}
