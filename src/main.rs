//! The command line of Haoma.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use haoma::{
    application::Application,
    commands,
    config::{Config, Env, Mistake},
    journal,
    stores::db::Db,
};

/// Sign-up and sign-in by mobile number. Without a command it serves; settings come from the
/// environment (see .env.example).
#[derive(Parser)]
#[command(version)]
struct Arguments {
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
        /// CSV: mobile, name, `password_hash`, `created_at`, `avatar_url`; only the first and third must be.
        file: PathBuf,
    },
    /// Show an account, without its full number.
    Show {
        /// The number.
        mobile: String,
    },
    /// Lock an account and end its sessions and tokens.
    Lock {
        /// The number.
        mobile: String,
    },
    /// Let an account sign in again.
    Unlock {
        /// The number.
        mobile: String,
    },
    /// End every session and token of an account.
    SignOut {
        /// The number.
        mobile: String,
    },
    /// Print everything that is kept about a person, as JSON.
    Export {
        /// The number.
        mobile: String,
    },
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
    if let Err(error) = journal::begin(Config::log_format_from_env(Env::of_process())) {
        say(&format!("haoma: nothing will be logged: {error}"));
    }
    let done = match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => serve().await,
        Command::Migrate => migrate().await,
        Command::Doctor => doctor().await,
        Command::Keys { command: KeysCommand::List } => list_keys().await,
        Command::Keys { command: KeysCommand::Rotate } => rotate_keys().await,
        Command::Sms { command: SmsCommand::Timeline { mobile, full } } => {
            timeline(&mobile, full).await
        }
        Command::Sms { command: SmsCommand::Send { to, provider } } => send(&to, &provider).await,
        Command::User { command } => user(command).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("haoma: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> anyhow::Result<()> {
    let (config, application) = match start().await {
        Ok(started) => started,
        Err(error) => {
            log::error!("event=start_failed error={:?}", error.to_string());
            return Err(error);
        }
    };
    say(&commands::welcome::welcome(&config, application.address));
    application.run().await?;
    Ok(())
}

async fn start() -> anyhow::Result<(Config, Application)> {
    let config = config()?;
    let application = Application::build(&config).await?;
    Ok((config, application))
}

async fn migrate() -> anyhow::Result<()> {
    let url = Config::database_from_env(Env::of_process()).map_err(|it| listed(&it))?;
    let db = Db::open(url.as_str(), 1).await?;
    let pending = db.pending_migrations().await?;
    db.migrate().await?;
    let done = if pending.is_empty() { "nothing to do".to_owned() } else { pending.join(", ") };
    say(&format!("haoma: migrated {url:?}: {done}"));
    Ok(())
}

async fn doctor() -> anyhow::Result<()> {
    let config = config()?;
    anyhow::ensure!(commands::doctor::doctor(&config).await?, "something is wrong");
    Ok(())
}

async fn list_keys() -> anyhow::Result<()> {
    commands::keys::list(&tables().await?).await
}

async fn rotate_keys() -> anyhow::Result<()> {
    let config = config()?;
    let db = Db::open(config.database_url.as_str(), 1).await?;
    commands::keys::rotate(db, &config.secret_key).await
}

async fn timeline(mobile: &str, full: bool) -> anyhow::Result<()> {
    commands::sms::timeline(&tables().await?, mobile, full).await
}

async fn send(to: &str, provider: &str) -> anyhow::Result<()> {
    commands::sms::send(&config()?, to, provider).await
}

async fn user(command: UserCommand) -> anyhow::Result<()> {
    let db = tables().await?;
    match command {
        UserCommand::Import { file } => {
            let regions = Config::regions_from_env(Env::of_process()).map_err(|it| listed(&it))?;
            commands::import::import(&db, &regions, &file).await
        }
        UserCommand::Show { mobile } => commands::user::show(&db, &mobile).await,
        UserCommand::Lock { mobile } => commands::user::lock(&db, &mobile).await,
        UserCommand::Unlock { mobile } => commands::user::unlock(&db, &mobile).await,
        UserCommand::SignOut { mobile } => commands::user::sign_out(&db, &mobile).await,
        UserCommand::Export { mobile } => commands::user::export(&db, &mobile).await,
    }
}

/// The database, up to date: a file gets its tables here, as at a start.
async fn tables() -> anyhow::Result<Db> {
    let url = Config::database_from_env(Env::of_process()).map_err(|it| listed(&it))?;
    let db = Db::open(url.as_str(), 1).await?;
    if !db.is_mysql() {
        db.migrate().await?;
    }
    let pending = db.pending_migrations().await?;
    anyhow::ensure!(pending.is_empty(), "the database is not up to date: run `haoma migrate`");
    Ok(db)
}

fn config() -> anyhow::Result<Config> {
    Config::from_env(Env::of_process()).map_err(|it| listed(&it))
}

/// Every mistake on a line of its own.
fn listed(mistakes: &[Mistake]) -> anyhow::Error {
    let lines = mistakes.iter().map(|it| format!("\n  {} {}", it.name, it.sentence));
    anyhow::anyhow!("the settings cannot be used:{}", lines.collect::<String>())
}

/// Tells the person at the terminal. With nobody to listen there is nothing left to do about it.
fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").unwrap_or_default();
}
