//! Serves the embedded files.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, Encoding,
        Header as _, LOCATION, VARY,
    },
    web::{Data, Path},
};

use super::embedded::Assets;
use crate::{errors::Error, http::state::WebState};

/// `GET /static/{name}`. The content under a name never changes, so caches may keep it for a year.
pub async fn get(
    web: Data<WebState>,
    name: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Assets { css, js, proof, countries_js, countries_css, continue_js, icon, icon_picture } =
        &*web.assets;
    let assets = [css, js, proof, countries_js, countries_css, continue_js, icon, icon_picture];
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

/// `GET /favicon.ico`, which browsers ask for where a page names no icon, such as a file of `STATIC_ROOT`.
pub async fn get_favicon(web: Data<WebState>) -> HttpResponse {
    let cached = (CACHE_CONTROL, "public, max-age=300");
    if let Some(logo) = &web.brand.logo {
        return HttpResponse::Found()
            .insert_header((LOCATION, logo.href.as_str()))
            .insert_header(cached)
            .finish();
    }
    let picture = &web.assets.icon_picture;
    HttpResponse::Ok()
        .content_type(picture.content_type)
        .insert_header(cached)
        .body(picture.body.clone())
}

/// Returns whether the client accepts gzip.
///
/// These files are compressed, and pages that say nothing about a person. Any other page may contain text that another site
/// chose beside secrets, and the compressed length of both together would reveal the secrets (BREACH).
pub(crate) fn accepts_gzip(request: &HttpRequest) -> bool {
    let choices = [Encoding::identity(), Encoding::gzip()];
    let chosen =
        AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(choices.iter()));
    chosen == Some(Encoding::gzip())
}
