//! The style sheet, the script and the icon: compiled in, under names that change with their content.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::{Data, Path},
};
use sha2::{Digest as _, Sha256};

use super::web::Web;
use crate::errors::Error;

/// The files and their addresses.
#[derive(Debug)]
pub struct Assets {
    /// The style sheet.
    pub css: Asset,
    /// The script.
    pub js: Asset,
    /// The script that computes proofs of work, loaded when one is wanted.
    pub proof: Asset,
    /// The icon.
    pub icon: Asset,
}

/// One file.
#[derive(Debug)]
pub struct Asset {
    name: String,
    content_type: &'static str,
    body: &'static str,
}

impl Assets {
    pub(super) fn load() -> Self {
        Self {
            css: Asset::new(
                "haoma",
                "css",
                "text/css; charset=utf-8",
                include_str!("../../static/haoma.css"),
            ),
            js: Asset::new(
                "haoma",
                "js",
                "text/javascript; charset=utf-8",
                include_str!("../../static/haoma.js"),
            ),
            proof: Asset::new(
                "proof",
                "js",
                "text/javascript; charset=utf-8",
                include_str!("../../static/proof.js"),
            ),
            icon: Asset::new(
                "favicon",
                "svg",
                "image/svg+xml",
                include_str!("../../static/favicon.svg"),
            ),
        }
    }
}

impl Asset {
    fn new(stem: &str, ending: &str, content_type: &'static str, body: &'static str) -> Self {
        let digest = Sha256::digest(body.as_bytes());
        let hash = digest.iter().take(6).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        Self { name: format!("{stem}.{hash:012x}.{ending}"), content_type, body }
    }

    /// Where browsers find it.
    pub fn href(&self) -> String {
        format!("/static/{}", self.name)
    }
}

/// `GET /static/{name}`; what is under a name never changes, so it is kept for a year.
pub async fn get(web: Data<Web>, name: Path<String>) -> Result<HttpResponse, Error> {
    let assets = [&web.assets.css, &web.assets.js, &web.assets.proof, &web.assets.icon];
    let asset = assets.into_iter().find(|it| it.name == *name).ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.body))
}
