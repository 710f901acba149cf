//! The log: one line an event, in UTC, with the request it belongs to. Nothing in a line can begin another.
//!
//! Lines of ours are `event=… key=value`; whatever came from outside stands in them in quotation marks
//! (`{:?}`), numbers masked, and nothing of R105 at all.

mod json;
mod throttle;

use std::{fmt, fmt::Write as _, future::Future, io::Write as _, net::IpAddr, panic};

use chrono::Utc;
use env_logger::Logger;
use log::{Level, LevelFilter, Log, Metadata, MetadataBuilder, Record, SetLoggerError};

pub use self::throttle::Throttle;

/// Our own lines have targets below this.
const OURS: &str = env!("CARGO_CRATE_NAME");
/// But for the line that every request gets where `RUST_LOG` names this.
pub const ACCESS_TARGET: &str = "access";

tokio::task_local! {
    static REQUEST: Request;
}

/// Which request is being worked on.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its name, in the answer and in every line.
    pub id: RequestId,
    /// Where it came from; proxies that are trusted are looked through.
    pub address: Option<IpAddr>,
}

/// The name of a request: no secret, and nothing hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A new one.
    pub fn random() -> Self {
        Self(format!("{:016x}", rand::random::<u64>()))
    }

    /// One that a proxy of the operator's has given, if it cannot be taken for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        (is_plain && (1..=64).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// As it stands in the answer.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Works on a request: every line that is written meanwhile says for which.
pub async fn with_request<F: Future>(request: Request, work: F) -> F::Output {
    REQUEST.scope(request, work).await
}

/// The request that is being worked on.
pub fn current_request() -> Option<Request> {
    REQUEST.try_with(Clone::clone).ok()
}

/// Work for a task of its own, which goes on with the request of whoever calls this.
pub fn in_request_scope<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let request = current_request();
    async move {
        match request {
            Some(request) => with_request(request, work).await,
            None => work.await,
        }
    }
}

/// The same for a thread.
pub fn in_request_scope_blocking<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let request = current_request();
    move || match request {
        Some(request) => REQUEST.sync_scope(request, work),
        None => work(),
    }
}

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `key=value`, for people and `grep`.
    Text,
    /// A JSON object, for whoever collects logs.
    Json,
}

/// Begins to log, as a value of `RUST_LOG` says.
pub fn init(format: Format, filter: &str) -> Result<(), SetLoggerError> {
    let mut builder = env_logger::Builder::new();
    builder.filter_module(ACCESS_TARGET, LevelFilter::Off).parse_filters(filter);
    builder.format(move |buffer, record| match format {
        Format::Text => writeln!(buffer, "{}", format_line(record)),
        Format::Json => writeln!(buffer, "{}", json::as_json(&format_line(record))),
    });
    let logger = builder.build();
    let most = logger.filter();
    log::set_boxed_logger(Box::new(RedactingLogger(logger)))?;
    log::set_max_level(most);
    log_panics();
    Ok(())
}

/// One event, without the end of the line.
pub fn format_line(record: &Record<'_>) -> String {
    let mut line = Utc::now().format("%Y-%m-%dT%H:%M:%S%.3fZ ").to_string();
    let request = current_request();
    let address = request.as_ref().and_then(|it| it.address);
    let about = [
        Some(format!("{:<5}", effective_level(record.target(), record.level()))),
        request.map(|it| format!("request={}", it.id.as_str())),
        address.map(|it| format!("address={it}")),
    ];
    for part in about.into_iter().flatten() {
        line.push_str(&part);
        line.push(' ');
    }
    if is_ours(record.target()) {
        push_on_one_line(&mut line, *record.args());
    } else {
        let text = record.args().to_string();
        push_on_one_line(
            &mut line,
            format_args!("event=library of={} text={text:?}", record.target()),
        );
    }
    line
}

/// Whether a line may be written at all, whatever `RUST_LOG` asks for.
///
/// At `trace` libraries tell what goes over the wire: passwords to databases, codes on their way to a
/// vendor, our customers' cookies (R105).
pub fn may_log(target: &str, level: Level) -> bool {
    level < Level::Trace || is_ours(target)
}

fn is_ours(target: &str) -> bool {
    target == ACCESS_TARGET
        || target.strip_prefix(OURS).is_some_and(|it| it.is_empty() || it.starts_with("::"))
}

/// Line ends, escape sequences and marks that turn a text around become visible (R106).
fn push_on_one_line(line: &mut String, text: fmt::Arguments<'_>) {
    struct OneLine<'a>(&'a mut String);

    impl fmt::Write for OneLine<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for letter in text.chars() {
                if letter.is_control() || is_mark(letter) {
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

/// Separators of lines, and marks of direction.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The level at which a line counts: what libraries take for information is no event of this service, and some of
/// it comes with every request of an old cookie.
pub fn effective_level(target: &str, level: Level) -> Level {
    if level == Level::Info && !is_ours(target) { Level::Debug } else { level }
}

/// Keeps silent about what [`may_tell`] forbids.
struct RedactingLogger(Logger);

/// Our own doing, though the server calls it an error: it still accepts where `http::leaving` has closed (EINVAL).
fn is_expected_accept_error(record: &Record<'_>) -> bool {
    record.target() == "actix_server::accept" && record.args().to_string().contains("(os error 22)")
}

impl Log for RedactingLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let (target, level) = (metadata.target(), metadata.level());
        let counts_as = effective_level(target, level);
        let metadata = MetadataBuilder::new().target(target).level(counts_as).build();
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

/// Says where, and not what: the text of a panic may quote what it fell over (R103).
fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        log::error!("event=panic at={place:?}");
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
    fn no_text_can_forge_a_line() {
        let forged =
            "x\n2026-01-01T00:00:00.000Z INFO  event=signed_in\r\u{1b}[2K\u{2028}\u{202e}\u{85}\0";
        for target in ["haoma::http", "hyper", "haoma_but_not_ours"] {
            let line = line_of(target, forged);
            assert!(!line.chars().any(|it| it.is_control() || is_mark(it)), "{line}");
        }
        assert_eq!(line_of("haoma", "event=x a=1"), "event=x a=1");
        assert_eq!(
            line_of("hyper", "a \"quoted\" event=signed_in"),
            r#"event=library of=hyper text="a \"quoted\" event=signed_in""#
        );
    }

    #[test]
    fn libraries_never_tell_what_goes_over_the_wire() {
        assert!(!may_log("hyper::proto", Level::Trace) && !may_log("haomax", Level::Trace));
        assert!(may_log("hyper::proto", Level::Debug));
        assert!(may_log("haoma", Level::Trace) && may_log("haoma::sms", Level::Trace));
    }

    #[tokio::test]
    async fn a_line_names_its_request_also_in_tasks_and_threads() {
        let told = || line_of("haoma", "event=x");
        let id = RequestId::parse("abc").expect("plain");
        let request = Request { id, address: "192.0.2.7".parse().ok() };

        let of_request = "request=abc address=192.0.2.7 event=x";
        with_request(request, async {
            assert_eq!(told(), of_request);
            let task = tokio::spawn(in_request_scope(async move { told() }));
            assert_eq!(task.await.expect("no panic"), of_request);
            let thread = tokio::task::spawn_blocking(in_request_scope_blocking(told));
            assert_eq!(thread.await.expect("no panic"), of_request);
            assert_eq!(tokio::spawn(async move { told() }).await.expect("no panic"), "event=x");
        })
        .await;
    }

    #[test]
    fn a_foreign_id_is_plain_and_short() {
        for text in ["a", "0190-Ab", &"x".repeat(64)] {
            assert!(RequestId::parse(text).is_some(), "{text}");
        }
        for text in ["", "a b", "a\n", "a_b", "é", "<", &"x".repeat(65)] {
            assert!(RequestId::parse(text).is_none(), "{text}");
        }
    }
}
