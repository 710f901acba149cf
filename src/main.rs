//! The command line of Haoma.

use std::{
    error, fmt, io,
    io::{IsTerminal as _, Write as _},
    panic::AssertUnwindSafe,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use futures_util::FutureExt as _;
use haoma::{
    application::Application,
    commands,
    config::{Config, ConfigError, Env, LogConfig},
    domain::{account::AccountSelector, clock::Clock},
    logging,
    logging::Format,
    stores::db::Db,
};

/// Sign-up and sign-in by mobile number. Without a command it serves; settings come from the
/// environment (see .env.example).
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Read settings from this file too; the environment stands above it. Without this option: `.env` in the
    /// working directory; else, where the environment has none, /etc/haoma.env.
    #[arg(long, global = true, value_name = "FILE")]
    env_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages and JSON (the default).
    Serve,
    /// Bring the database named by `DATABASE_URL` up to date.
    Migrate,
    /// Look for what is wrong with the set-up; nothing is sent or changed.
    Doctor,
    /// The keys that sign JWTs.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Text messages: what happened to a number, a test message.
    Sms {
        #[command(subcommand)]
        command: SmsCommand,
    },
    /// Accounts: look at one, lock it, take many in.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Take in people from another system, with the passwords they have.
    Import {
        /// CSV: mobile, name, `password_hash`, `created_at`, `avatar_url`, `external_id`; only the first and third must be.
        file: PathBuf,
    },
    /// Find accounts by number, id, external id or the beginning of the name.
    Find {
        /// What to look for.
        text: String,
    },
    /// Show an account, without its full number.
    Show(Whose),
    /// Lock an account and end its sessions and tokens.
    Lock(Whose),
    /// Let an account sign in again.
    Unlock(Whose),
    /// End every session and token of an account.
    SignOut(Whose),
    /// Print everything that is kept about a person, as JSON.
    Export(Whose),
    /// Delete an account for good, with its sessions and tokens.
    Delete {
        #[command(flatten)]
        whose: Whose,
        /// Without it, nothing is deleted.
        #[arg(long)]
        yes: bool,
    },
}

/// Which account.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The number.
    mobile: Option<String>,
    /// The id.
    #[arg(long)]
    id: Option<i64>,
    /// The whole name.
    #[arg(long)]
    name: Option<String>,
}

impl Whose {
    fn selector(&self) -> anyhow::Result<AccountSelector> {
        commands::user::selector(self.mobile.as_deref(), self.id, self.name.as_deref())
    }
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Show the keys that sign JWTs, and when each signs.
    List,
    /// Make a new key; the old one is followed by it a few minutes later.
    Rotate,
}

#[derive(Subcommand)]
enum SmsCommand {
    /// Show what was sent to a number, and why a code did not arrive.
    Timeline {
        /// The number.
        mobile: String,
        /// Show the whole number and the addresses that asked.
        #[arg(long)]
        full: bool,
    },
    /// Send one real test message.
    Send {
        /// The number.
        #[arg(long)]
        to: String,
        /// One of `SMS_PROVIDERS`.
        #[arg(long)]
        provider: String,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    let Arguments { env_file, command } = Arguments::parse();
    let env = Env::from_process(env_file.as_deref());
    let LogConfig { format, filter } = Config::log_from_env(env.clone());
    if let Err(error) = logging::init(format, &filter) {
        say(&format!("haoma: nothing will be logged: {error}"));
    }
    if let Some(file) = env.file() {
        log::info!("event=settings file={:?}", file.display().to_string());
    }
    let command = command.unwrap_or(Command::Serve);
    let is_for_log = matches!(command, Command::Serve) && is_read_as_log(format);
    match AssertUnwindSafe(run(command, env)).catch_unwind().await {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) if is_for_log => log_failure(&error),
        Ok(Err(error)) => say(&format!("haoma: {error}")),
        Err(_) => {
            say("haoma: a fault of its own, at the place that event=panic names: please report it");
        }
    }
    ExitCode::FAILURE
}

async fn run(command: Command, env: Env) -> anyhow::Result<()> {
    match command {
        Command::Serve => serve(env).await,
        Command::Migrate => migrate(env).await,
        Command::Doctor => doctor(env).await,
        Command::Keys { command: KeysCommand::List } => list_keys(env).await,
        Command::Keys { command: KeysCommand::Rotate } => rotate_keys(env).await,
        Command::Sms { command: SmsCommand::Timeline { mobile, full } } => {
            timeline(env, &mobile, full).await
        }
        Command::Sms { command: SmsCommand::Send { to, provider } } => {
            send(env, &to, &provider).await
        }
        Command::User { command } => user(env, command).await,
    }
}

/// Whether what the server says is read as a log, and not by somebody at a terminal: each failure is told once, in one of
/// the two forms.
fn is_read_as_log(format: Format) -> bool {
    let has_reader = format == Format::Json || !io::stderr().is_terminal();
    has_reader && log::log_enabled!(log::Level::Error)
}

/// A line for every reason why the server does not run.
fn log_failure(error: &anyhow::Error) {
    if let Some(Mistakes(mistakes)) = error.downcast_ref() {
        for ConfigError { name, message: sentence } in mistakes {
            log::error!("event=start_failed error={:?}", format!("{name} {sentence}"));
        }
    } else if error.is::<Stopped>() {
        log::error!("event=stopped error={:?}", error.to_string());
    } else {
        log::error!("event=start_failed error={:?}", error.to_string());
    }
}

/// The server ran, and has ended by itself.
#[derive(Debug, thiserror::Error)]
#[error("the server has stopped: {0}")]
struct Stopped(io::Error);

/// Settings that cannot be used, each on a line of its own.
#[derive(Debug)]
struct Mistakes(Vec<ConfigError>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {} {}", mistake.name, mistake.message))
    }
}

impl error::Error for Mistakes {}

/// For how long a start waits for MySQL and Redis: at boot they may be slower than we are.
const PATIENCE: Duration = Duration::from_secs(30);

async fn serve(env: Env) -> anyhow::Result<()> {
    let config = config(env)?;
    let application = Application::build_within(&config, Clock::default(), PATIENCE).await?;
    say(&commands::startup_message::startup_message(&config, application.address));
    application.run().await.map_err(Stopped)?;
    Ok(())
}

async fn migrate(env: Env) -> anyhow::Result<()> {
    let url = Config::database_from_env(env).map_err(Mistakes)?;
    let db = Db::open(url.as_str(), 1).await?;
    let pending = db.pending_migrations().await?;
    db.migrate().await?;
    let done = if pending.is_empty() { "nothing to do".to_owned() } else { pending.join(", ") };
    say(&format!("haoma: migrated {url:?}: {done}"));
    Ok(())
}

async fn doctor(env: Env) -> anyhow::Result<()> {
    let config = config(env)?;
    anyhow::ensure!(commands::doctor::doctor(&config).await?, "something is wrong");
    Ok(())
}

async fn list_keys(env: Env) -> anyhow::Result<()> {
    commands::keys::list(&tables(env).await?).await
}

async fn rotate_keys(env: Env) -> anyhow::Result<()> {
    let config = config(env)?;
    let db = Db::open(config.database_url.as_str(), 1).await?;
    commands::keys::rotate(db, &config.secret_key.open()?).await
}

async fn timeline(env: Env, mobile: &str, full: bool) -> anyhow::Result<()> {
    commands::sms::timeline(&tables(env).await?, mobile, full).await
}

async fn send(env: Env, to: &str, provider: &str) -> anyhow::Result<()> {
    commands::sms::send(&config(env)?, to, provider).await
}

async fn user(env: Env, command: UserCommand) -> anyhow::Result<()> {
    let db = tables(env.clone()).await?;
    match command {
        UserCommand::Import { file } => {
            let (regions, iterations) = Config::import_from_env(env).map_err(Mistakes)?;
            commands::import::import(&db, (&regions, iterations), &file).await
        }
        UserCommand::Find { text } => commands::user::search(&db, &text).await,
        UserCommand::Show(whose) => commands::user::show(&db, &whose.selector()?).await,
        UserCommand::Lock(whose) => commands::user::lock(&db, &whose.selector()?).await,
        UserCommand::Unlock(whose) => commands::user::unlock(&db, &whose.selector()?).await,
        UserCommand::SignOut(whose) => commands::user::sign_out(&db, &whose.selector()?).await,
        UserCommand::Export(whose) => commands::user::export(&db, &whose.selector()?).await,
        UserCommand::Delete { whose, yes } => {
            commands::user::delete(&db, &whose.selector()?, yes).await
        }
    }
}

/// The database, up to date: a file gets its tables here, as at a start.
async fn tables(env: Env) -> anyhow::Result<Db> {
    let url = Config::database_from_env(env).map_err(Mistakes)?;
    let db = Db::open(url.as_str(), 1).await?;
    if !db.is_mysql() {
        db.migrate().await?;
    }
    let pending = db.pending_migrations().await?;
    anyhow::ensure!(pending.is_empty(), "the database is not up to date: run `haoma migrate`");
    Ok(db)
}

fn config(env: Env) -> anyhow::Result<Config> {
    Ok(Config::from_env(env).map_err(Mistakes)?)
}

/// Tells the person at the terminal. With nobody to listen there is nothing left to do about it.
fn say(line: &str) {
    writeln!(io::stderr(), "{line}").unwrap_or_default();
}
