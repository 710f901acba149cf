//! Captures all log lines of this process, in the format of the program.

use std::sync::{Mutex, Once};

use haoma::logging;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use log::{LevelFilter, Log, Metadata, Record};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Capture;

impl Log for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        logging::may_log(metadata.target(), metadata.level())
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            LINES.lock().expect("lines").push(logging::format_line(record));
        }
    }

    fn flush(&self) {}
}

/// Captures every line of every library from now on, also those of other tests, until the process ends.
pub fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| log::set_boxed_logger(Box::new(Capture)).expect("the only logger"));
    log::set_max_level(LevelFilter::Trace);
}

/// Returns all lines so far.
pub fn all() -> Vec<String> {
    LINES.lock().expect("lines").clone()
}

/// The exclusive right of a test to count lines written from now on.
pub struct Turn {
    since: usize,
    _turn: MutexGuard<'static, ()>,
}

/// Waits for the right to count lines, and begins to.
pub async fn capture() -> Turn {
    static TURN: AsyncMutex<()> = AsyncMutex::const_new(());

    install();
    let turn = TURN.lock().await;
    Turn { since: LINES.lock().expect("lines").len(), _turn: turn }
}

impl Turn {
    /// Returns the lines written since the beginning.
    pub fn lines(&self) -> Vec<String> {
        LINES.lock().expect("lines")[self.since..].to_vec()
    }
}

/// Returns the lines written since the beginning, and ends the right to count.
#[expect(clippy::needless_pass_by_value, reason = "the turn ends")]
pub fn captured(turn: Turn) -> Vec<String> {
    turn.lines()
}

/// Returns the lines written for a request.
pub fn lines_of(request_id: &str) -> Vec<String> {
    let name = format!(" request={request_id} ");
    let lines = LINES.lock().expect("lines");
    lines.iter().filter(|line| line.contains(&name)).cloned().collect()
}

/// Whether a line contains a text. Six digits inside a longer number or the id of a message do not count, because those
/// are random. In a URL a quotation mark is `%22`.
pub fn contains_secret(line: &str, hidden: &str) -> bool {
    let is_hex = |character: char| character.is_ascii_hexdigit();
    line.split(hidden).collect::<Vec<_>>().windows(2).any(|around| {
        let [before, after] = around else { return false };
        let is_alone = !before.ends_with(is_hex) && !after.starts_with(is_hex);
        is_alone || hidden.len() > 6 || before.ends_with("%22")
    })
}
