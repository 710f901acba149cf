//! The running service: state built once, a socket, and an orderly end.

mod open_stores;
pub mod sms_providers;
mod sockets;

use std::{
    error::Error as _, net::SocketAddr, sync::Arc, thread::available_parallelism, time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    web::{Data, get},
};
use anyhow::Context as _;
use chrono::Utc;
use log::Level;
use tokio::{net::TcpSocket, runtime::Handle, time::timeout};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use self::{open_stores::StartDeadline, sockets::Sockets};
use crate::{
    checks,
    config::{Config, HttpConfig, Note},
    domain::{captcha::Letters, clock::Clock, keys::SecretKey},
    flows::{
        State, cleanup::run_cleanup_forever, hasher::Hasher,
        oauth::notify_clients::notify_clients_forever,
    },
    http::{
        self, assets::static_root::StaticRoot, middleware::connection_limit::ConnectionLimit,
        pages::template_check::render_all_templates, state::WebState,
    },
    metrics::Metrics,
    sms::Sms,
    stores::{
        captchas::Captchas, client_assertions::ClientAssertions, codes::Codes, db::Db,
        hand_over_tickets::HandOverTickets, jwt_keys::JwtKeys, kv::Kv,
        pow_challenges::PowChallenges, rate_limits::RateLimiter, session_cache::SessionCache,
        sms_abuse_guard::SmsAbuseGuard, tables::sms_events::PendingSmsEvents,
    },
};

/// Seconds that requests in flight get to finish after the signal to stop (R125).
const DRAIN_SECONDS: u64 = 15;

/// A service that listens, and serves once it is run.
pub struct Application {
    /// The state of the flows, for tests in the same process.
    pub state: State,
    /// The address that it listens on, with the actual port if the setting left it open.
    pub address: SocketAddr,
    /// The server of pages and APIs, which runs once it is awaited.
    pub server: Server,
    /// The address and the server of the metrics.
    pub metrics: Option<(SocketAddr, Server)>,
}

impl Application {
    /// Opens the sockets and the stores. Whatever does not answer now stops the start, with a sentence
    /// that says what to do (R113).
    pub async fn build(config: &Config) -> anyhow::Result<Self> {
        Self::build_with(config, Clock::default()).await
    }

    /// Does the same with a clock that a test can move forward.
    pub async fn build_with(config: &Config, clock: Clock) -> anyhow::Result<Self> {
        Self::build_within(config, clock, Duration::ZERO).await
    }

    /// Does the same, and waits this long for stores that do not answer. A store that refuses the connection ends the
    /// start at once.
    pub async fn build_within(
        config: &Config,
        clock: Clock,
        deadline: Duration,
    ) -> anyhow::Result<Self> {
        let deadline = StartDeadline::after(deadline);
        // Errors that need no file are found before the first file is created.
        let sockets = Sockets::bind(&config.http)?;
        if config.branding.templates_dir.is_some() || config.http.static_root.is_some() {
            web_state(config, (Metrics::default(), clock.clone()), &SecretKey::new(Vec::new()))?;
        }
        let metrics = Metrics::new(config.http.metrics_bind.is_some());
        let kv = open_stores::kv(config, &clock, &deadline).await?;
        let secret_key = config.secret_key.open()?;
        log_settings(config, &secret_key);
        let db = open_stores::database(config, &deadline).await?.counted_in(metrics.clone());
        let counted = (metrics, clock);
        let state = state(config, &secret_key, (db, kv), counted.clone()).await?;
        let web = web_state(config, counted, &secret_key)?;
        let (server, address) = listen(&config.http, sockets.http, state.clone(), web)?;
        let serve_metrics = |socket| listen_for_metrics(socket, state.clone());
        let metrics = sockets.metrics.map(serve_metrics).transpose()?;
        Ok(Self { state, address, server, metrics })
    }

    /// Ends the service from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until SIGTERM, SIGINT or the handle ends it, and lets what is in flight finish.
    pub async fn run(self) -> std::io::Result<()> {
        let keeper = AbortOnDropHandle::new(tokio::spawn(run_cleanup_forever(self.state.clone())));
        let notifier =
            AbortOnDropHandle::new(tokio::spawn(notify_clients_forever(self.state.clone())));
        let watchers = self.metrics.map(|(_, server)| server);
        let hang_up = watchers.as_ref().map(Server::handle);
        let watched = watchers.map(|server| Handle::current().spawn(server));
        let ended = self.server.await;
        drop(keeper);
        drop(notifier);
        self.state.tasks.close();
        let drain = Duration::from_secs(DRAIN_SECONDS);
        if timeout(drain, self.state.tasks.wait()).await.is_err() {
            log::error!("event=drain_incomplete tasks={}", self.state.tasks.len());
        }
        // The metrics server stops last, so that the end can be observed too.
        if let (Some(handle), Some(watched)) = (hang_up, watched) {
            handle.stop(false).await;
            watched.await??;
        }
        ended
    }
}

/// Builds the state that the flows share.
async fn state(
    config: &Config,
    secret_key: &SecretKey,
    (db, kv): (Db, Kv),
    (metrics, clock): (Metrics, Clock),
) -> anyhow::Result<State> {
    let cores = available_parallelism().map_or(1, usize::from);
    let jwt_keys = JwtKeys::open(db.clone(), secret_key, clock.clone()).await?;
    jwt_keys.ensure(config.http.jwt_algorithm).await?;
    Ok(State {
        jwt_keys,
        db,
        captcha_mode: config.captcha_mode,
        captchas: Captchas::new(kv.clone(), config.captcha_ttl),
        hand_over_tickets: HandOverTickets::new(kv.clone()),
        client_assertions: ClientAssertions::new(kv.clone()),
        codes: Codes::new(kv.clone(), config.codes, secret_key),
        sms_abuse_guard: SmsAbuseGuard::new(kv.clone(), config.sms_abuse, metrics.clone()),
        pow_challenges: PowChallenges::new(
            (kv.clone(), clock.clone()),
            config.pow,
            config.captcha_ttl,
            secret_key,
        ),
        rate_limits: RateLimiter::new(
            (kv, clock.clone()),
            config.limits.clone(),
            config.address_allow.clone(),
            metrics.clone(),
        ),
        sms: Sms::new(sms_providers::routes(config)?, config.sms_texts.clone(), metrics.clone()),
        hasher: Hasher::new(config.password_iterations, cores, metrics.clone()),
        session_cache: SessionCache::new(config.session_cache_ttl, clock.clone()),
        clock,
        metrics,
        lifetimes: config.sessions,
        session_limits: config.session_limits,
        sms_events: PendingSmsEvents::default(),
        sms_log_retention: config.sms_log_retention,
        reveals_registered: config.reveals_registered,
        account_rules: config.account_rules,
        test_numbers: config.test_numbers.clone().into(),
        tasks: TaskTracker::new(),
        runtime: Handle::current(),
        speech: secret_key.derive("speech"),
        typed_logins: secret_key.derive("typed logins"),
        letters: Arc::new(Letters::load().context("the captcha crate lacks a letter")?),
    })
}

/// Builds the state of handlers and layers. Fails if a template of the operator's cannot be used.
pub fn web_state(
    config: &Config,
    shared: (Metrics, Clock),
    secret_key: &SecretKey,
) -> anyhow::Result<WebState> {
    let static_root = config.http.static_root.as_deref().map(StaticRoot::open).transpose()?;
    let web = WebState::new(config, static_root, shared, secret_key);
    let Some(templates_dir) = config.branding.templates_dir.as_deref() else { return Ok(web?) };
    web.and_then(|web| render_all_templates(&web, templates_dir).map(|()| web)).map_err(|error| {
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        anyhow::anyhow!("TEMPLATES_DIR: {cause}")
    })
}

/// Logs what an operator should know of the settings.
fn log_settings(config: &Config, secret_key: &SecretKey) {
    if let [id, fallbacks @ ..] = &*secret_key.ids() {
        log::info!("event=secret_key id={id} fallbacks={}", fallbacks.join(","));
    }
    for Note { event, setting, is_warning, message } in config.notes() {
        let level = if is_warning { Level::Warn } else { Level::Info };
        log::log!(
            level,
            "event={event} setting={setting} text={:?}",
            format!("{setting} {message}")
        );
    }
    if config.http.drf_sends_without_captcha {
        log::warn!("event=sms_without_captcha setting=DRF_SEND_WITHOUT_CAPTCHA");
    }
    checks::log_problems(&checks::network::check(config));
    for it in &config.test_numbers {
        let is_in_force = it.is_active(Utc::now().date_naive());
        log::warn!(
            "event=test_number mobile={:?} ends_on={} in_force={is_in_force}",
            it.mobile,
            it.ends_on
        );
    }
}

fn listen(
    config: &HttpConfig,
    socket: TcpSocket,
    state: State,
    web: WebState,
) -> anyhow::Result<(Server, SocketAddr)> {
    let workers = available_parallelism().map_or(1, usize::from);
    let connections = ConnectionLimit::new(config.max_connections_per_address, web.proxies.clone());
    let (listener, second_handle) = http::ops::shutdown::listen(socket)
        .map_err(|error| anyhow::anyhow!("BIND: cannot listen on {}: {error}", config.bind))?;
    http::middleware::connection_limit::end_stalled_writes(&listener, config.write_stall)
        .context("cannot set TCP_USER_TIMEOUT")?;
    let (address, shutdown_signal) =
        (listener.local_addr()?, web.shutdown.clone().wait_for_signal(second_handle)?);
    let (state, web) = (Data::new(state), Data::new(web));
    let server = HttpServer::new(move || {
        http::middleware::app(&state, &web)
            .configure(|config| http::routes::configure(config, &web))
    })
    .on_connect(move |connection, extensions| connections.admit(connection, extensions))
    .workers(workers)
    // Counted by each worker for itself.
    .max_connections(config.max_connections.div_ceil(workers))
    .client_request_timeout(Duration::from_secs(5))
    .keep_alive(Duration::from_secs(10))
    .shutdown_timeout(DRAIN_SECONDS)
    .shutdown_signal(shutdown_signal)
    .listen(listener)?;
    Ok((server.run(), address))
}

/// Serves metrics at an address of their own, which need not be reachable from outside (R101).
fn listen_for_metrics(socket: TcpSocket, state: State) -> anyhow::Result<(SocketAddr, Server)> {
    let (listener, _) = http::ops::shutdown::listen(socket)
        .map_err(|error| anyhow::anyhow!("METRICS_BIND: cannot listen: {error}"))?;
    let (address, state) = (listener.local_addr()?, Data::new(state));
    let server = HttpServer::new(move || {
        App::new().app_data(state.clone()).route("/metrics", get().to(http::ops::metrics::get))
    })
    .workers(1)
    .max_connections(100)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)?;
    log::info!("event=metrics address={address}");
    Ok((address, server.run()))
}
