//! Settings of the log.

use env_filter::Builder;

use super::{Env, spelling};
use crate::logging::Format;

/// The filter if `RUST_LOG` is not set.
const DEFAULT_FILTER: &str = "info";
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The format of the log, and the filter of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `LOG_FORMAT`.
    pub format: Format,
    /// `RUST_LOG`, in the syntax of `env_logger`.
    pub filter: String,
}

pub(super) fn read(env: &mut Env) -> LogConfig {
    let parse = |text: &str| match text {
        "text" => Some(Format::Text),
        "json" => Some(Format::Json),
        _ => None,
    };
    let format = env.parse("LOG_FORMAT", "`text` or `json`", parse).unwrap_or(Format::Text);
    let expected = "a level (`error`, `warn`, `info`, `debug`, `trace`, `off`) or a list like `haoma=debug,info`";
    let filter = env.parse("RUST_LOG", expected, |text| is_filter(text).then(|| text.to_owned()));
    LogConfig { format, filter: filter.unwrap_or_else(|| DEFAULT_FILTER.to_owned()) }
}

/// Refuses misspelt levels: `env_logger` would take one for the name of a module and drop all other lines.
fn is_filter(text: &str) -> bool {
    let is_misspelt_level = |part: &str| {
        let part = part.trim().to_ascii_lowercase();
        let is_word = part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_like =
            |level: &str| part.starts_with(level) || spelling::distance(&part, level, 2).is_some();
        let is_level = LEVELS.contains(&part.as_str());
        is_word && !is_level && LEVELS.iter().any(|level| level.len() > 3 && is_like(level))
    };
    Builder::new().try_parse(text).is_ok() && !text.split(',').any(is_misspelt_level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_filters_that_the_logger_can_read_are_accepted() {
        for text in [
            "info",
            "WARN",
            "off",
            "haoma=debug,info",
            "info,access=info",
            "haoma::sms",
            "mysql_async=warn",
        ] {
            assert!(is_filter(text), "{text}");
        }
        for text in
            ["inof", "debg", "warning", "info,access=inof", "haoma=debug=info", "warn,infos"]
        {
            assert!(!is_filter(text), "{text}");
        }
    }
}
