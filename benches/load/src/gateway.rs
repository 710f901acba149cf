//! The other end of every SMS provider: takes messages, remembers their codes, and waits if told to.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread::sleep,
    time::Duration,
};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::Value;
use tokio::sync::watch;

/// A key as the specification of Standard Webhooks makes them.
pub const SECRET: &str = "whsec_bG9vcGJhY2stb25seS13ZWJob29rLXNlY3JldC0zMmI=";

#[derive(Clone, Default)]
pub struct Gateway {
    codes: Arc<Mutex<HashMap<String, String>>>,
    delay_ms: Arc<AtomicU64>,
    /// Whether messages wait until they are let go.
    is_holding: Arc<watch::Sender<bool>>,
    held: Arc<AtomicUsize>,
}

impl Gateway {
    /// Listens, and tells where.
    pub fn start(&self) -> anyhow::Result<String> {
        let own = self.clone();
        let server = HttpServer::new(move || {
            App::new().app_data(web::Data::new(own.clone())).default_service(web::to(take))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))?;
        let address = server.addrs()[0];
        tokio::spawn(server.run());
        Ok(format!("http://{address}/sms"))
    }

    /// How long it thinks about a message from now on.
    pub fn delay(&self, delay: Duration) {
        let ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.delay_ms.store(ms, Ordering::Relaxed);
    }

    /// Lets every message wait from now on.
    pub fn hold(&self) {
        self.is_holding.send_replace(true);
    }

    /// How many wait.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Answers all that wait.
    pub fn let_go(&self) {
        self.is_holding.send_replace(false);
    }

    /// The code that was texted to a number.
    pub fn code(&self, mobile: &str) -> Option<String> {
        self.codes.lock().ok()?.get(&format!("+86{mobile}")).cloned()
    }
}

async fn take(gateway: web::Data<Gateway>, message: web::Json<Value>) -> HttpResponse {
    let data = &message["data"];
    if let (Some(to), Some(code)) = (data["to"].as_str(), data["code"].as_str())
        && let Ok(mut codes) = gateway.codes.lock()
    {
        codes.insert(to.to_owned(), code.to_owned());
    }
    match gateway.delay_ms.load(Ordering::Relaxed) {
        0 => {}
        // On a thread: tokio's timer, which counts in milliseconds, would be late by one.
        ms => web::block(move || sleep(Duration::from_millis(ms))).await.unwrap_or_default(),
    }
    let mut holding = gateway.is_holding.subscribe();
    if *holding.borrow() {
        gateway.held.fetch_add(1, Ordering::Relaxed);
        // The other end of it lives as long as the gateway.
        holding.wait_for(|is_held| !is_held).await.ok();
        gateway.held.fetch_sub(1, Ordering::Relaxed);
    }
    HttpResponse::NoContent().finish()
}
