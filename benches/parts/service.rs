//! The state that a flow or a page needs, on SQLite and memory, and its clients.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

use haoma::{
    application::Application,
    config::{Config, Env},
    domain::{client::Client, device::DeviceId, language::Language},
};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// A Haoma without a listener.
pub(crate) struct Service {
    pub(crate) application: Application,
    pub(crate) config: Config,
    /// The folder of its database, deleted with it.
    _folder: TempDir,
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

impl Service {
    /// Starts one with high limits of the whole service and without the SMS abuse guard, because most codes are never
    /// used.
    pub(crate) async fn start() -> Self {
        // The database is in shared memory if there is any, because SQLite waits for the disk at every commit.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        let folder = folder.expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("haoma.db").display());
        let settings = [
            ("BIND", "127.0.0.1:0"),
            ("DATABASE_URL", &url),
            ("SECRET_KEY", "a key of the benchmarks, long enough for them"),
            ("SMS_PROVIDERS", "console"),
            ("SMS_PER_MINUTE", "1000000"),
            ("SMS_PER_HOUR", "1000000"),
            ("SMS_PER_DAY", "1000000"),
            ("SMS_VERIFIED_PERCENT", "0"),
        ];
        let pairs = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_env(Env::from_pairs(pairs)).expect("settings");
        let application = Application::build(&config).await.expect("starts");
        Self { application, config, _folder: folder }
    }
}

/// Returns the client of a turn, which has its own address.
pub(crate) fn client(turn: u32) -> Client {
    let address = IpAddr::V4(Ipv4Addr::from_bits(turn.wrapping_mul(2_654_435_761)));
    Client {
        address,
        user_agent: "a benchmark".to_owned(),
        language: Language::Chinese,
        device: None,
        new_device: DeviceId::random(),
        session: None,
        others: Vec::new(),
        is_app: false,
    }
}
