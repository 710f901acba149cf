//! What somebody who has just started it wants to know.

use std::net::SocketAddr;

use crate::config::Config;

/// Where it listens; in development also where things are, and what is missing for real users.
pub fn startup_message(config: &Config, address: SocketAddr) -> String {
    let here = format!("http://{address}");
    let (base, place) = match &config.http.public_url {
        Some(url) => (url.to_string(), format!("{here} as {url}")),
        None => (here.clone(), here),
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
