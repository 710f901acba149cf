//! A minimal server to compare with: an answer in JSON, a page of a given size, and a password hash.

use actix_web::{App, HttpResponse, HttpServer, web};
use reqwest::Client;
use serde_json::json;

use crate::wire::PASSWORD;

const SALT: &[u8] = b"salt of the load";

/// Serves on `BIND` until it is killed.
pub async fn serve() -> anyhow::Result<()> {
    let bind = std::env::var("BIND")?;
    let client = Client::new();
    HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(client.clone()))
            .route("/message/{gateway:.*}", web::get().to(message))
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

async fn message(client: web::Data<Client>, gateway: web::Path<String>) -> HttpResponse {
    match client.post(gateway.as_str()).json(&json!({})).send().await {
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
