//! The command line of Haoma.

use std::{
    error, fmt, io, io::IsTerminal as _, panic::AssertUnwindSafe, path::PathBuf, process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use futures_util::FutureExt as _;
use haoma::{
    application::Application,
    commands::{self, client::NewClient, print_error},
    config::{Config, ConfigError, Env, LogConfig},
    domain::{account::AccountSelector, clock::Clock, signing_algorithm::SigningAlgorithm},
    logging,
    logging::Format,
    stores::db::Db,
};

/// Sign-up and sign-in by mobile number. Without a command it serves; settings come from the
/// environment (see .env.example).
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Read settings from this file too; a variable in the environment wins. The default is `.env` in the working
    /// directory or, if the environment has no settings, /etc/haoma.env.
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
    /// Check the set-up and report what is wrong; nothing is sent or changed.
    Doctor,
    /// List or rotate the keys that sign JWTs.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Register the applications that people sign in to with their account here (OpenID Connect).
    Client {
        #[command(subcommand)]
        command: ClientCommand,
    },
    /// Show the text messages to a number, or send a test message.
    Sms {
        #[command(subcommand)]
        command: SmsCommand,
    },
    /// Find, show, lock, export, delete or import accounts.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
}

#[derive(Subcommand)]
enum ClientCommand {
    /// Register an application, and print its id and secret.
    Add(ClientArgs),
    /// Show all applications.
    List,
    /// Show an application.
    Show {
        /// Its client id.
        id: String,
    },
    /// Give an application a new secret. The old one is good for another day.
    RotateSecret {
        /// Its client id.
        id: String,
    },
    /// Delete an application; its tokens end at once.
    Remove {
        /// Its client id.
        id: String,
    },
}

/// The arguments of a new application.
#[derive(Args)]
struct ClientArgs {
    /// What people call it.
    name: String,
    /// Where people may be sent back to; may be given several times.
    #[arg(long, value_name = "URI", required = true)]
    redirect_uri: Vec<String>,
    /// Where people may be sent to after signing out; may be given several times.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// Where it is told that a session has ended.
    #[arg(long, value_name = "URI")]
    back_channel_logout_uri: Option<String>,
    /// Its client id; without it one is made.
    #[arg(long)]
    id: Option<String>,
    /// It is your own: people are not asked whether it may know their name, only for their number.
    #[arg(long)]
    own: bool,
    /// It can keep no secret, as an app or a page; it has to use PKCE.
    #[arg(long)]
    public: bool,
    /// A file with its public keys (JWKS): it signs its requests in place of a secret.
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// What its ID tokens are signed with: RS256, ES256 or EdDSA.
    #[arg(long, default_value = "RS256")]
    algorithm: String,
    /// It knows each person by an id that no application on another host knows.
    #[arg(long)]
    pairwise: bool,
}

impl ClientArgs {
    fn into_new(self) -> anyhow::Result<NewClient> {
        let algorithm = SigningAlgorithm::parse(&self.algorithm);
        let algorithm = algorithm.context("--algorithm is RS256, ES256 or EdDSA")?;
        Ok(NewClient {
            name: self.name,
            id: self.id,
            redirect_uris: self.redirect_uri,
            post_logout_redirect_uris: self.post_logout_redirect_uri,
            back_channel_logout_uri: self.back_channel_logout_uri,
            algorithm,
            is_own: self.own,
            is_public: self.public,
            jwks: self.jwks,
            is_pairwise: self.pairwise,
        })
    }
}

#[derive(Subcommand)]
enum UserCommand {
    /// Import users of another system, with the passwords they have there.
    Import {
        /// A CSV file with the columns mobile, `password_hash` (both required), name, `created_at`, `avatar_url` and
        /// `external_id`.
        file: PathBuf,
    },
    /// Find accounts by number, id, external id or the beginning of the name.
    Find {
        /// The text to look for.
        text: String,
    },
    /// Show an account, without its full number.
    Show(AccountArgs),
    /// Lock an account and end its sessions and tokens.
    Lock(AccountArgs),
    /// Let an account sign in again.
    Unlock(AccountArgs),
    /// End every session and token of an account.
    SignOut(AccountArgs),
    /// Print everything that is stored about a person, as JSON.
    Export(AccountArgs),
    /// Delete an account for good, with its sessions and tokens.
    Delete {
        #[command(flatten)]
        account: AccountArgs,
        /// Confirm the deletion; without it, nothing is deleted.
        #[arg(long)]
        yes: bool,
    },
}

/// The arguments that choose an account.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct AccountArgs {
    /// The mobile number of the account.
    mobile: Option<String>,
    /// The id of the account.
    #[arg(long)]
    id: Option<i64>,
    /// The whole name of the account.
    #[arg(long)]
    name: Option<String>,
}

impl AccountArgs {
    fn selector(&self) -> anyhow::Result<AccountSelector> {
        commands::user::selector(self.mobile.as_deref(), self.id, self.name.as_deref())
    }
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Show the keys that sign JWTs, and when each was made and retired.
    List,
    /// Make a new key, which replaces the old one a few minutes later.
    Rotate,
}

#[derive(Subcommand)]
enum SmsCommand {
    /// Show what was sent to a number, and why a code did not arrive.
    Timeline {
        /// The mobile number.
        mobile: String,
        /// Show the whole number, and the IP addresses of the requests.
        #[arg(long)]
        full: bool,
    },
    /// Send one real test message.
    Send {
        /// The mobile number.
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
        print_error(&format!("haoma: nothing will be logged: {error}"));
    }
    if let Some(file) = env.file() {
        log::info!("event=settings file={:?}", file.display().to_string());
    }
    let command = command.unwrap_or(Command::Serve);
    let logs_failure = matches!(command, Command::Serve) && stderr_is_a_log(format);
    match AssertUnwindSafe(run(command, env)).catch_unwind().await {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) if logs_failure => log_failure(&error),
        Ok(Err(error)) => print_error(&format!("haoma: {error}")),
        Err(_) => {
            print_error(
                "haoma: an internal error, at the place that event=panic names: please report it",
            );
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
        Command::Client { command } => client(env, command).await,
        Command::Sms { command: SmsCommand::Timeline { mobile, full } } => {
            timeline(env, &mobile, full).await
        }
        Command::Sms { command: SmsCommand::Send { to, provider } } => {
            send(env, &to, &provider).await
        }
        Command::User { command } => user(env, command).await,
    }
}

/// Tells whether stderr is a log and not a terminal. A failure is reported once: as an event in a log, as plain text at
/// a terminal.
fn stderr_is_a_log(format: Format) -> bool {
    let is_log = format == Format::Json || !io::stderr().is_terminal();
    is_log && log::log_enabled!(log::Level::Error)
}

/// Logs one line for each reason why the server does not run.
fn log_failure(error: &anyhow::Error) {
    if let Some(InvalidSettings(errors)) = error.downcast_ref() {
        for ConfigError { name, message } in errors {
            log::error!("event=start_failed error={:?}", format!("{name} {message}"));
        }
    } else if error.is::<ServerStopped>() {
        log::error!("event=stopped error={:?}", error.to_string());
    } else {
        log::error!("event=start_failed error={:?}", error.to_string());
    }
}

/// The server ran and has stopped because of an error.
#[derive(Debug, thiserror::Error)]
#[error("the server has stopped: {0}")]
struct ServerStopped(io::Error);

/// Every setting that cannot be used; each is printed on its own line.
#[derive(Debug)]
struct InvalidSettings(Vec<ConfigError>);

impl fmt::Display for InvalidSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used:")?;
        self.0.iter().try_for_each(|error| write!(f, "\n  {} {}", error.name, error.message))
    }
}

impl error::Error for InvalidSettings {}

/// How long a start waits for MySQL and Redis, because at boot they may be ready later than Haoma.
const WAIT_FOR_STORES: Duration = Duration::from_secs(30);

async fn serve(env: Env) -> anyhow::Result<()> {
    let config = load_config(env)?;
    let application = Application::build_within(&config, Clock::default(), WAIT_FOR_STORES).await?;
    print_error(&commands::startup_message::startup_message(&config, application.address));
    application.run().await.map_err(ServerStopped)?;
    Ok(())
}

async fn migrate(env: Env) -> anyhow::Result<()> {
    let url = Config::database_from_env(env).map_err(InvalidSettings)?;
    let db = Db::open(url.as_str(), 1).await?;
    let pending = db.pending_migrations().await?;
    db.migrate().await?;
    let done = if pending.is_empty() { "nothing to do".to_owned() } else { pending.join(", ") };
    print_error(&format!("haoma: migrated {url:?}: {done}"));
    Ok(())
}

async fn doctor(env: Env) -> anyhow::Result<()> {
    let config = load_config(env)?;
    anyhow::ensure!(commands::doctor::doctor(&config).await?, "something is wrong");
    Ok(())
}

async fn list_keys(env: Env) -> anyhow::Result<()> {
    commands::keys::list(&open_database(env).await?).await
}

async fn rotate_keys(env: Env) -> anyhow::Result<()> {
    let config = load_config(env)?;
    let db = Db::open(config.database_url.as_str(), 1).await?;
    commands::keys::rotate(db, &config.secret_key.open()?).await
}

async fn client(env: Env, command: ClientCommand) -> anyhow::Result<()> {
    if let ClientCommand::Add(new) = command {
        let config = load_config(env.clone())?;
        let db = open_database(env).await?;
        return commands::client::add(db, &config.secret_key.open()?, new.into_new()?).await;
    }
    let db = open_database(env).await?;
    match command {
        ClientCommand::Add(_) | ClientCommand::List => commands::client::list(&db).await,
        ClientCommand::Show { id } => commands::client::show(&db, &id).await,
        ClientCommand::RotateSecret { id } => commands::client::rotate_secret(&db, &id).await,
        ClientCommand::Remove { id } => commands::client::remove(&db, &id).await,
    }
}

async fn timeline(env: Env, mobile: &str, full: bool) -> anyhow::Result<()> {
    commands::sms::timeline(&open_database(env).await?, mobile, full).await
}

async fn send(env: Env, to: &str, provider: &str) -> anyhow::Result<()> {
    commands::sms::send(&load_config(env)?, to, provider).await
}

async fn user(env: Env, command: UserCommand) -> anyhow::Result<()> {
    let db = open_database(env.clone()).await?;
    match command {
        UserCommand::Import { file } => {
            let (regions, iterations) = Config::import_from_env(env).map_err(InvalidSettings)?;
            commands::import::import(&db, (&regions, iterations), &file).await
        }
        UserCommand::Find { text } => commands::user::search(&db, &text).await,
        UserCommand::Show(account) => commands::user::show(&db, &account.selector()?).await,
        UserCommand::Lock(account) => commands::user::lock(&db, &account.selector()?).await,
        UserCommand::Unlock(account) => commands::user::unlock(&db, &account.selector()?).await,
        UserCommand::SignOut(account) => commands::user::sign_out(&db, &account.selector()?).await,
        UserCommand::Export(account) => commands::user::export(&db, &account.selector()?).await,
        UserCommand::Delete { account, yes } => {
            commands::user::delete(&db, &account.selector()?, yes).await
        }
    }
}

/// Opens the database and checks that its tables are up to date. An SQLite file is migrated here, as at a start.
async fn open_database(env: Env) -> anyhow::Result<Db> {
    let url = Config::database_from_env(env).map_err(InvalidSettings)?;
    let db = Db::open(url.as_str(), 1).await?;
    if !db.is_mysql() {
        db.migrate().await?;
    }
    let pending = db.pending_migrations().await?;
    anyhow::ensure!(pending.is_empty(), "the database is not up to date: run `haoma migrate`");
    Ok(db)
}

fn load_config(env: Env) -> anyhow::Result<Config> {
    Ok(Config::from_env(env).map_err(InvalidSettings)?)
}
