//! Everything that this process logs, for tests of what it must not.

use std::sync::{Mutex, Once};

use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use log::{LevelFilter, Log, Metadata, Record};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Capture;

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}: {}", record.level(), record.target(), record.args());
        LINES.lock().expect("lines").push(line);
    }

    fn flush(&self) {}
}

/// From now on every line of every library is kept, those of other tests too; one at a time captures.
pub(crate) async fn capture() -> MutexGuard<'static, ()> {
    static INSTALLED: Once = Once::new();
    static TURN: AsyncMutex<()> = AsyncMutex::const_new(());

    let turn = TURN.lock().await;
    INSTALLED.call_once(|| log::set_boxed_logger(Box::new(Capture)).expect("the only logger"));
    log::set_max_level(LevelFilter::Trace);
    turn
}

/// Ends that, and hands the lines over.
pub(crate) fn captured(_: MutexGuard<'static, ()>) -> Vec<String> {
    log::set_max_level(LevelFilter::Off);
    std::mem::take(&mut *LINES.lock().expect("lines"))
}
