//! Serves the files of `STATIC_ROOT`.

use std::path::PathBuf;

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse, guard,
    guard::GuardContext,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue},
    web::{Data, ServiceConfig, resource, route},
};

use crate::{errors::Error, http::state::WebState};

/// The operator's pages may have inline scripts and load files from other sites, so this policy only forbids other
/// sites to frame them. They may frame each other.
const POLICY: &str = "frame-ancestors 'self'";
const FRAME_OPTIONS: (&str, &str) = ("x-frame-options", "SAMEORIGIN");

const ANY_PATH: &str = "/{path:.*}";

/// Adds the folder in front of all routes that are added later: a file in it replaces our own page at its path. Paths
/// of the JSON API cannot be replaced.
pub fn service(config: &mut ServiceConfig) {
    let reads = guard::Any(guard::Get()).or(guard::Head());
    let files = resource(ANY_PATH).guard(reads).guard(guard::fn_guard(has_file));
    config.service(files.route(route().to(get)));
}

fn has_file(request: &GuardContext<'_>) -> bool {
    let Some(web) = request.app_data::<Data<WebState>>() else { return false };
    find(web, request.head().uri.path()).is_some()
}

fn find(web: &WebState, path: &str) -> Option<PathBuf> {
    let is_api = path == "/api" || path.starts_with("/api/");
    web.static_root.as_ref().filter(|_| !is_api)?.find(path)
}

async fn get(request: HttpRequest, web: Data<WebState>) -> Result<HttpResponse, Error> {
    let file = find(&web, request.path()).ok_or(Error::NotFound)?;
    let file = NamedFile::open(file).map_err(Error::internal)?;
    let mut response = file.into_response(&request);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(
        HeaderName::from_static(FRAME_OPTIONS.0),
        HeaderValue::from_static(FRAME_OPTIONS.1),
    );
    // Browsers may cache the file, but have to ask each time whether it has changed.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
