//! Serves the embedded files.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, Encoding,
        Header as _, VARY,
    },
    web::{Data, Path},
};

use crate::{errors::Error, http::state::WebState};

/// `GET /static/{name}`. The content under a name never changes, so caches may keep it for a year.
pub async fn get(
    web: Data<WebState>,
    name: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let assets = [&web.assets.css, &web.assets.js, &web.assets.proof, &web.assets.icon];
    let asset = assets.into_iter().find(|asset| asset.name == *name).ok_or(Error::NotFound)?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, ACCEPT_ENCODING.as_str()));
    Ok(match asset.gzip.as_ref().filter(|_| accepts_gzip(&request)) {
        Some(compressed) => {
            response.insert_header((CONTENT_ENCODING, "gzip")).body(compressed.clone())
        }
        None => response.body(asset.body.clone()),
    })
}

/// Returns whether the client accepts gzip.
///
/// Only these files are compressed. A page may contain text that another site chose beside secrets, and the compressed
/// length of both together would reveal the secrets (BREACH).
fn accepts_gzip(request: &HttpRequest) -> bool {
    let choices = [Encoding::identity(), Encoding::gzip()];
    let chosen =
        AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(choices.iter()));
    chosen == Some(Encoding::gzip())
}
