//! What actix-web costs by itself: an answer in JSON, and a page of the size it is asked for.

use actix_web::{App, HttpResponse, HttpServer, web};

/// Serves on `BIND` until it is killed.
pub async fn serve() -> anyhow::Result<()> {
    let bind = std::env::var("BIND")?;
    HttpServer::new(|| {
        App::new().route("/json", web::get().to(json)).route("/page/{bytes}", web::get().to(page))
    })
    .bind(bind)?
    .run()
    .await?;
    Ok(())
}

async fn json() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"errno":"0"}"#)
}

async fn page(bytes: web::Path<usize>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body("x".repeat(*bytes))
}
