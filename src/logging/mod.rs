//! The log: one line per event, in UTC, with the request that it belongs to. No value in a line can forge another line.
//!
//! Haoma's own messages are `event=… key=value`. Values from outside are printed with `{:?}`, in quotation marks, and
//! mobile numbers are masked. The secrets that R105 lists are never logged.

mod json;
mod throttle;

use std::{fmt, fmt::Write as _, future::Future, io::Write as _, net::IpAddr, panic};

use chrono::Utc;
use env_logger::Logger;
use log::{Level, LevelFilter, Log, Metadata, MetadataBuilder, Record, SetLoggerError};

pub use self::throttle::Throttle;

/// The crates whose lines are Haoma's own: their targets begin with the name of the crate.
const OWN_CRATES: [&str; 2] = [env!("CARGO_CRATE_NAME"), "haoma_db"];
/// The target of the access log, one line per request, which is off unless `RUST_LOG` names it.
pub const ACCESS_TARGET: &str = "access";

tokio::task_local! {
    static REQUEST: Request;
}

/// The request that a task is working on, as far as the log names it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The id, which is in the response and in every line.
    pub id: RequestId,
    /// The address of the client, as trusted proxies report it.
    pub address: Option<IpAddr>,
}

/// The id of a request. It is no secret, and nothing depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Returns a new random id.
    pub fn random() -> Self {
        Self(format!("{:016x}", rand::random::<u64>()))
    }

    /// Parses an id that a trusted proxy has set. It must be 1 to 64 letters, digits and `-`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (is_plain && (1..=64).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// Returns the id as it is written in the response.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Runs `work` for a request: every line logged meanwhile names that request.
pub async fn with_request<F: Future>(request: Request, work: F) -> F::Output {
    REQUEST.scope(request, work).await
}

/// Returns the request that this task or thread is working on.
pub fn current_request() -> Option<Request> {
    REQUEST.try_with(Clone::clone).ok()
}

/// Wraps work for a new task, so that its lines name the request of the caller.
pub fn in_request_scope<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let request = current_request();
    async move {
        match request {
            Some(request) => with_request(request, work).await,
            None => work.await,
        }
    }
}

/// Wraps work for a new thread, so that its lines name the request of the caller.
pub fn in_request_scope_blocking<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let request = current_request();
    move || match request {
        Some(request) => REQUEST.sync_scope(request, work),
        None => work(),
    }
}

/// The format of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `key=value`, for people and `grep`.
    Text,
    /// A JSON object, for programs that collect logs.
    Json,
}

/// Installs the logger. `filter` has the syntax of `RUST_LOG`.
pub fn init(format: Format, filter: &str) -> Result<(), SetLoggerError> {
    let mut builder = env_logger::Builder::new();
    builder.filter_module(ACCESS_TARGET, LevelFilter::Off).parse_filters(filter);
    builder.format(move |buffer, record| {
        let line = Line::from_record(record);
        match format {
            Format::Text => writeln!(buffer, "{line}"),
            Format::Json => writeln!(buffer, "{}", json::to_json(&line)),
        }
    });
    let logger = builder.build();
    let max_level = logger.filter();
    log::set_boxed_logger(Box::new(RedactingLogger(logger)))?;
    log::set_max_level(max_level);
    log_panics();
    Ok(())
}

/// Returns a record as a line of text, without the line end.
pub fn format_line(record: &Record<'_>) -> String {
    Line::from_record(record).to_string()
}

/// A line of the log, which both formats are made of.
struct Line {
    time: String,
    level: Level,
    request: Option<Request>,
    /// `event=… key=value`, without line ends and control characters.
    message: String,
}

impl Line {
    fn from_record(record: &Record<'_>) -> Self {
        let mut message = String::new();
        if is_own(record.target()) {
            push_on_one_line(&mut message, *record.args());
        } else {
            let text = record.args().to_string();
            push_on_one_line(
                &mut message,
                format_args!("event=library of={} text={text:?}", record.target()),
            );
        }
        Self {
            time: Utc::now().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            level: effective_level(record.target(), record.level()),
            request: current_request(),
            message,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:<5} ", self.time, self.level)?;
        if let Some(request) = &self.request {
            write!(f, "request={} ", request.id.as_str())?;
            if let Some(address) = request.address {
                write!(f, "address={address} ")?;
            }
        }
        f.write_str(&self.message)
    }
}

/// Returns whether a line may be logged at all, whatever `RUST_LOG` says.
///
/// At `trace`, libraries log what they send and receive: passwords of databases, codes sent to a vendor, cookies of
/// users (R105).
pub fn may_log(target: &str, level: Level) -> bool {
    level < Level::Trace || is_own(target)
}

fn is_own(target: &str) -> bool {
    let crate_name = target.split_once("::").map_or(target, |(crate_name, _)| crate_name);
    target == ACCESS_TARGET || OWN_CRATES.contains(&crate_name)
}

/// Appends text with line ends, control characters and marks of text direction escaped (R106).
fn push_on_one_line(line: &mut String, text: fmt::Arguments<'_>) {
    struct OneLine<'a>(&'a mut String);

    impl fmt::Write for OneLine<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for letter in text.chars() {
                if letter.is_control() || is_separator_or_direction(letter) {
                    self.0.extend(letter.escape_default());
                } else {
                    self.0.push(letter);
                }
            }
            Ok(())
        }
    }

    if OneLine(line).write_fmt(text).is_err() {
        line.push('…');
    }
}

/// Tells whether a character is one of Unicode's line separators or marks of text direction.
fn is_separator_or_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the level at which a line is logged. Information from libraries counts as debug, because it is no event of
/// this service.
pub fn effective_level(target: &str, level: Level) -> Level {
    if level == Level::Info && !is_own(target) { Level::Debug } else { level }
}

/// Drops the lines that [`may_log`] forbids, and one error that is expected.
struct RedactingLogger(Logger);

/// Tells whether a record is the error that each worker's acceptor logs while the server stops.
///
/// `http::ops::shutdown` then shuts down the listening socket, so that the kernel refuses new connections at once. The
/// acceptor of `actix_server` still calls `accept` on it, gets EINVAL (22), and logs that at error.
fn is_expected_accept_error(record: &Record<'_>) -> bool {
    record.target() == "actix_server::accept" && record.args().to_string().contains("(os error 22)")
}

impl Log for RedactingLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let (target, level) = (metadata.target(), metadata.level());
        let effective = effective_level(target, level);
        let metadata = MetadataBuilder::new().target(target).level(effective).build();
        may_log(target, level) && self.0.enabled(&metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) && !is_expected_accept_error(record) {
            self.0.log(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

/// Logs where a panic happened, but not its message, which may quote a secret (R103).
fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        log::error!("event=panic at={location:?}");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(target: &str, text: &str) -> String {
        let args = format_args!("{text}");
        let record = Record::builder().target(target).level(Level::Warn).args(args).build();
        format_line(&record).split_once("WARN  ").expect("the level").1.to_owned()
    }

    /// R106.
    #[test]
    fn no_text_can_forge_a_log_line() {
        let forged =
            "x\n2026-01-01T00:00:00.000Z INFO  event=signed_in\r\u{1b}[2K\u{2028}\u{202e}\u{85}\0";
        for target in ["haoma::http", "hyper", "haoma_but_not_ours"] {
            let line = line_of(target, forged);
            assert!(
                !line
                    .chars()
                    .any(|letter| letter.is_control() || is_separator_or_direction(letter)),
                "{line}"
            );
        }
        assert_eq!(line_of("haoma", "event=x a=1"), "event=x a=1");
        assert_eq!(
            line_of("hyper", "a \"quoted\" event=signed_in"),
            r#"event=library of=hyper text="a \"quoted\" event=signed_in""#
        );
    }

    #[test]
    fn libraries_never_log_at_trace() {
        assert!(!may_log("hyper::proto", Level::Trace) && !may_log("haomax", Level::Trace));
        assert!(may_log("hyper::proto", Level::Debug));
        assert!(may_log("haoma", Level::Trace) && may_log("haoma::sms", Level::Trace));
        assert!(may_log("haoma_db::mysql::pool", Level::Trace));
    }

    #[test]
    fn information_from_libraries_is_logged_at_debug() {
        assert_eq!(effective_level("actix_server::server", Level::Info), Level::Debug);
        assert_eq!(effective_level("actix_server::server", Level::Warn), Level::Warn);
        assert_eq!(effective_level("haoma::flows", Level::Info), Level::Info);
        assert_eq!(effective_level(ACCESS_TARGET, Level::Info), Level::Info);
    }

    #[tokio::test]
    async fn a_log_line_has_its_request_id_in_tasks_and_threads_too() {
        let line = || line_of("haoma", "event=x");
        let id = RequestId::parse("abc").expect("plain");
        let request = Request { id, address: "192.0.2.7".parse().ok() };

        let of_request = "request=abc address=192.0.2.7 event=x";
        with_request(request, async {
            assert_eq!(line(), of_request);
            let task = tokio::spawn(in_request_scope(async move { line() }));
            assert_eq!(task.await.expect("no panic"), of_request);
            let thread = tokio::task::spawn_blocking(in_request_scope_blocking(line));
            assert_eq!(thread.await.expect("no panic"), of_request);
            assert_eq!(tokio::spawn(async move { line() }).await.expect("no panic"), "event=x");
        })
        .await;
    }

    #[test]
    fn an_id_from_a_proxy_is_plain_and_short() {
        for text in ["a", "0190-Ab", &"x".repeat(64)] {
            assert!(RequestId::parse(text).is_some(), "{text}");
        }
        for text in ["", "a b", "a\n", "a_b", "é", "<", &"x".repeat(65)] {
            assert!(RequestId::parse(text).is_none(), "{text}");
        }
    }
}
