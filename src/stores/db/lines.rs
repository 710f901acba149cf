//! Connections to a server that wait for work: whoever asks drives one of them.
//!
//! A connection belongs to the thread that opened it: that thread's runtime hears of its answers, and no other
//! thread has to be woken. Another thread takes it only where no more may be opened.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    thread::ThreadId,
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::yield_now,
    time::{Instant, sleep, timeout},
};

use super::{WAIT, address::Server, complaints::Complaints, connection::Connection};
use crate::stores::OpenError;

/// A connection that worked so recently is believed; an older one is asked first.
const TRUST: Duration = Duration::from_secs(5);

/// One that is younger tells no news by being refused: its server was like that when it was opened.
const SETTLED: Duration = Duration::from_secs(1);

/// How long a connection may take to say that it lives.
const PING: Duration = Duration::from_millis(500);

/// How long one is kept that nobody needs, and any at all: a server's name may lead elsewhere by then.
const IDLE: Duration = Duration::from_mins(10);
const LIFETIME: Duration = Duration::from_mins(30);

/// Between two attempts to open one.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections to one server.
pub(super) struct Lines {
    server: Server,
    idle: Mutex<Vec<Line>>,
    /// One permit for each that is open, idle or at work.
    rooms: Arc<Semaphore>,
    /// Grows whenever a connection turns out dead; all that were opened before are then asked first.
    scares: AtomicU64,
    /// Grows when a server takes no more writes; all that were opened before are then given up.
    moves: AtomicU64,
    complaints: Complaints,
}

/// A connection, and when it was last seen alive. Dropped, it is closed.
pub(super) struct Line {
    pub(super) connection: Connection,
    opened_by: ThreadId,
    opened_at: Instant,
    seen_at: Instant,
    scares: u64,
    moves: u64,
    _room: OwnedSemaphorePermit,
}

/// What whoever needs a connection finds.
enum Place {
    /// One that was open.
    Taken(Line),
    /// That one more may be opened.
    Room(OwnedSemaphorePermit),
}

impl Lines {
    /// So many at most, of which one is opened now.
    pub(super) async fn open(server: Server, most: u32) -> Result<Self, OpenError> {
        let most = usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS);
        let lines = Self {
            server,
            idle: Mutex::default(),
            rooms: Arc::new(Semaphore::new(most)),
            scares: AtomicU64::default(),
            moves: AtomicU64::default(),
            complaints: Complaints::default(),
        };
        if let Ok(room) = Arc::clone(&lines.rooms).try_acquire_owned() {
            let first = lines.connect(room).await?;
            lines.put_back(first);
        }
        Ok(lines)
    }

    /// A connection that lives, as far as one can know. Of those who ask at once no more may hold one than there may be.
    pub(super) async fn take(&self) -> Result<Line, OpenError> {
        let begun = Instant::now();
        loop {
            match self.place() {
                Some(Place::Taken(mut line)) => {
                    if self.is_alive(&mut line).await {
                        return Ok(line);
                    }
                }
                Some(Place::Room(room)) => match self.connect(room).await {
                    Ok(line) => return Ok(line),
                    Err(error) => {
                        self.complaints.say(&error);
                        if begun.elapsed() + PAUSE > WAIT {
                            return Err(error);
                        }
                        sleep(PAUSE).await;
                    }
                },
                None => yield_now().await,
            }
        }
    }

    /// Takes one back after its work, unless it is of no more use.
    pub(super) fn put_back(&self, mut line: Line) {
        if line.connection.is_misled() && line.opened_at.elapsed() > SETTLED {
            self.moves.fetch_add(1, Ordering::Relaxed);
        }
        if line.connection.is_lost() {
            self.scares.fetch_add(1, Ordering::Relaxed);
        } else {
            line.seen_at = Instant::now();
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }

    /// This thread's own that worked last; else room for another; else somebody's that has rested longest.
    fn place(&self) -> Option<Place> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let (moves, now) = (self.moves.load(Ordering::Relaxed), Instant::now());
        idle.retain(|it| it.moves == moves && !it.is_old(now));
        let here = thread::current().id();
        if let Some(own) = idle.iter().rposition(|it| it.opened_by == here) {
            return Some(Place::Taken(idle.remove(own)));
        }
        match Arc::clone(&self.rooms).try_acquire_owned() {
            Ok(room) => Some(Place::Room(room)),
            Err(_) => (!idle.is_empty()).then(|| Place::Taken(idle.remove(0))),
        }
    }

    async fn is_alive(&self, line: &mut Line) -> bool {
        let scares = self.scares.load(Ordering::Relaxed);
        if line.scares == scares && line.seen_at.elapsed() < TRUST {
            return true;
        }
        line.scares = scares;
        matches!(timeout(PING, line.connection.ping()).await, Ok(Ok(())))
    }

    async fn connect(&self, room: OwnedSemaphorePermit) -> Result<Line, OpenError> {
        let scares = self.scares.load(Ordering::Relaxed);
        let moves = self.moves.load(Ordering::Relaxed);
        let connection = self.server.connect().await?;
        let now = Instant::now();
        Ok(Line {
            connection,
            opened_by: thread::current().id(),
            opened_at: now,
            seen_at: now,
            scares,
            moves,
            _room: room,
        })
    }
}

impl Line {
    fn is_old(&self, now: Instant) -> bool {
        now.duration_since(self.seen_at) > IDLE || now.duration_since(self.opened_at) > LIFETIME
    }
}
