//! A fake SMS provider: it accepts messages, stores their codes, and delays its answers if told to.

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

/// A key in the format of the Standard Webhooks specification.
pub const SECRET: &str = "whsec_bG9vcGJhY2stb25seS13ZWJob29rLXNlY3JldC0zMmI=";

#[derive(Clone, Default)]
pub struct Gateway {
    codes: Arc<Mutex<HashMap<String, String>>>,
    delay_ms: Arc<AtomicU64>,
    /// Whether messages are held until they are released.
    is_holding: Arc<watch::Sender<bool>>,
    held: Arc<AtomicUsize>,
}

impl Gateway {
    /// Starts the gateway and returns its URL.
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

    /// Sets the delay of all further answers.
    pub fn delay(&self, delay: Duration) {
        let ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.delay_ms.store(ms, Ordering::Relaxed);
    }

    /// Holds all further messages.
    pub fn hold(&self) {
        self.is_holding.send_replace(true);
    }

    /// Returns how many messages are held.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Answers all held messages.
    pub fn release(&self) {
        self.is_holding.send_replace(false);
    }

    /// Returns the code that was sent to a number.
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
        // The wait is on a thread, because tokio's timer counts in milliseconds and would be late by one.
        ms => web::block(move || sleep(Duration::from_millis(ms))).await.unwrap_or_default(),
    }
    let mut holding = gateway.is_holding.subscribe();
    if *holding.borrow() {
        gateway.held.fetch_add(1, Ordering::Relaxed);
        // The sender lives as long as the gateway, so waiting cannot fail.
        holding.wait_for(|is_held| !is_held).await.ok();
        gateway.held.fetch_sub(1, Ordering::Relaxed);
    }
    HttpResponse::NoContent().finish()
}
