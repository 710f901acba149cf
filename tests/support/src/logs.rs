//! Everything that this process logs, as the program itself would write it.

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

/// From now on every line of every library is kept, those of other tests too, until the process ends.
pub fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| log::set_boxed_logger(Box::new(Capture)).expect("the only logger"));
    log::set_max_level(LevelFilter::Trace);
}

/// All lines so far.
pub fn all() -> Vec<String> {
    LINES.lock().expect("lines").clone()
}

/// One test at a time counts lines, of those that were written since.
pub struct Turn {
    since: usize,
    _turn: MutexGuard<'static, ()>,
}

/// Begins to count.
pub async fn capture() -> Turn {
    static TURN: AsyncMutex<()> = AsyncMutex::const_new(());

    install();
    let turn = TURN.lock().await;
    Turn { since: LINES.lock().expect("lines").len(), _turn: turn }
}

impl Turn {
    /// The lines of this turn so far.
    pub fn lines(&self) -> Vec<String> {
        LINES.lock().expect("lines")[self.since..].to_vec()
    }
}

/// The lines of a turn, which ends.
pub fn captured(turn: Turn) -> Vec<String> {
    turn.lines()
}

/// The lines that were written for a request, by its name in the answer.
pub fn lines_of(request_id: &str) -> Vec<String> {
    let name = format!(" request={request_id} ");
    let lines = LINES.lock().expect("lines");
    lines.iter().filter(|line| line.contains(&name)).cloned().collect()
}

/// Whether a line holds a text, not counting six digits within a longer number or an id of a message,
/// which are random; in a URL a quotation mark is `%22`.
pub fn tells(line: &str, hidden: &str) -> bool {
    let is_hex = |character: char| character.is_ascii_hexdigit();
    line.split(hidden).collect::<Vec<_>>().windows(2).any(|around| {
        let [before, after] = around else { return false };
        let is_alone = !before.ends_with(is_hex) && !after.starts_with(is_hex);
        is_alone || hidden.len() > 6 || before.ends_with("%22")
    })
}
