//! `STATIC_ROOT`: a folder of the operator's own files, served at `/` beside everything else.

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

/// An older front-end has scripts in its pages and loads others from elsewhere: what it may do is the
/// operator's to say. Only that other sites must not frame it is said here, as its own pages may.
const POLICY: &str = "frame-ancestors 'self'";
const FRAMES: (&str, &str) = ("x-frame-options", "SAMEORIGIN");

const EVERYTHING: &str = "/{path:.*}";

/// A folder; nothing outside it is ever found.
#[derive(Clone, Debug)]
pub struct StaticRoot(PathBuf);

impl StaticRoot {
    /// A folder that exists.
    pub fn open(folder: &Path) -> io::Result<Self> {
        folder.canonicalize().map(Self)
    }

    /// The file that a path stands for; a folder stands for its `index.html`.
    ///
    /// Names that begin with a dot are not for everybody, and a link that leads out of the folder leads
    /// nowhere.
    fn find(&self, path: &str) -> Option<PathBuf> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let mut file = self.0.clone();
        for name in path.split('/').filter(|it| !it.is_empty()) {
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

/// Puts the folder in front of everything that is configured after it: our own pages give way where it
/// has the file. What programs ask for does not.
pub fn service(config: &mut ServiceConfig) {
    let reads = guard::Any(guard::Get()).or(guard::Head());
    let files = resource(EVERYTHING).guard(reads).guard(guard::fn_guard(has_file));
    config.service(files.route(route().to(get)));
}

fn has_file(request: &GuardContext<'_>) -> bool {
    let Some(web) = request.app_data::<Data<WebState>>() else { return false };
    find(web, request.head().uri.path()).is_some()
}

fn find(web: &WebState, path: &str) -> Option<PathBuf> {
    let is_of_programs = path == "/api" || path.starts_with("/api/");
    web.static_root.as_ref().filter(|_| !is_of_programs)?.find(path)
}

async fn get(request: HttpRequest, web: Data<WebState>) -> Result<HttpResponse, Error> {
    let file = find(&web, request.path()).ok_or(Error::NotFound)?;
    let file = NamedFile::open(file).map_err(Error::internal)?;
    let mut response = file.into_response(&request);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(HeaderName::from_static(FRAMES.0), HeaderValue::from_static(FRAMES.1));
    // Kept, but asked about each time: a file of that name may change.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
