//! What cannot be had for less: an answer in JSON, a page of the size it is asked for, a password's hash, and what
//! somebody else is asked for first.

use actix_web::{App, HttpResponse, HttpServer, web};
use reqwest::Client;
use serde_json::json;

use crate::wire::PASSWORD;

const SALT: &[u8] = b"salt of the load";

/// Whom to ask for what is asked for here.
#[derive(Clone)]
struct Gateway {
    client: Client,
    url: String,
}

/// Serves on `BIND` until it is killed, with the gateway at `SMS_WEBHOOK_URL` behind it.
pub async fn serve() -> anyhow::Result<()> {
    let bind = std::env::var("BIND")?;
    let gateway = Gateway { client: Client::new(), url: std::env::var("SMS_WEBHOOK_URL")? };
    HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(gateway.clone()))
            .route("/message", web::get().to(message))
            .route("/json", web::get().to(json))
            .route("/page/{bytes}", web::get().to(page))
            .route("/hash/{iterations}", web::get().to(hash))
    })
    .bind(bind)?
    .run()
    .await?;
    Ok(())
}

async fn json() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"errno":"0"}"#)
}

async fn message(gateway: web::Data<Gateway>) -> HttpResponse {
    match gateway.client.post(&gateway.url).json(&json!({})).send().await {
        Ok(answer) if answer.status().is_success() => json().await,
        _ => HttpResponse::BadGateway().finish(),
    }
}

async fn page(bytes: web::Path<usize>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body("x".repeat(*bytes))
}

async fn hash(iterations: web::Path<u32>) -> actix_web::Result<HttpResponse> {
    let derive = move || pbkdf2_sha256::derive(PASSWORD.as_bytes(), SALT, *iterations);
    let derived = web::block(derive).await?;
    Ok(HttpResponse::Ok().body(derived.to_vec()))
}
