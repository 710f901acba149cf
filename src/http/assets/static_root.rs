//! `STATIC_ROOT`: a folder of the operator's own files, served at `/`.

use std::{
    io,
    path::{Path, PathBuf},
};

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse, guard,
    guard::GuardContext,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue},
    web::{Data, ServiceConfig, resource, route},
};
use percent_encoding::percent_decode_str;

use crate::{errors::Error, http::state::WebState};

/// The operator's pages may have inline scripts and load files from other sites, so this policy only forbids other
/// sites to frame them. They may frame each other.
const POLICY: &str = "frame-ancestors 'self'";
const FRAME_OPTIONS: (&str, &str) = ("x-frame-options", "SAMEORIGIN");

const ANY_PATH: &str = "/{path:.*}";

/// The folder. Nothing outside it can be served.
#[derive(Clone, Debug)]
pub struct StaticRoot(PathBuf);

impl StaticRoot {
    /// Opens a folder, which has to exist.
    pub fn open(folder: &Path) -> io::Result<Self> {
        folder.canonicalize().map(Self)
    }

    /// Finds the file of a path; for a folder, its `index.html`.
    ///
    /// Names that begin with a dot are hidden, and symbolic links that lead out of the folder are not followed.
    fn find(&self, path: &str) -> Option<PathBuf> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let mut file = self.0.clone();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            if name.starts_with('.') || name.contains(['\\', '\0', ':']) {
                return None;
            }
            file.push(name);
        }
        if file.is_dir() {
            file.push("index.html");
        }
        let file = file.canonicalize().ok()?;
        (file.is_file() && file.starts_with(&self.0)).then_some(file)
    }
}

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
