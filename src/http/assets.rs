//! The style sheet, the script and the icon: compiled in, under names that change with their content.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::{Data, Path},
};
use sha2::{Digest as _, Sha256};

use super::web::Web;
use crate::{
    domain::brand::{Palette, Shades},
    errors::Error,
};

const ICON: &str = include_str!("../../static/favicon.svg");
/// Of the icon.
const OWN_COLOR: &str = "#0b6b57";

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
    body: String,
}

impl Assets {
    /// In the colours of a brand, or in our own.
    pub(super) fn load(palette: Option<&Palette>) -> Self {
        Self {
            css: Asset::new(
                "haoma",
                "css",
                "text/css; charset=utf-8",
                format!("{}{}", include_str!("../../static/haoma.css"), colors(palette)),
            ),
            js: Asset::new(
                "haoma",
                "js",
                "text/javascript; charset=utf-8",
                include_str!("../../static/haoma.js").to_owned(),
            ),
            proof: Asset::new(
                "proof",
                "js",
                "text/javascript; charset=utf-8",
                include_str!("../../static/proof.js").to_owned(),
            ),
            icon: Asset::new(
                "favicon",
                "svg",
                "image/svg+xml",
                palette.map_or_else(
                    || ICON.to_owned(),
                    |it| ICON.replace(OWN_COLOR, &it.light.jade.to_string()),
                ),
            ),
        }
    }
}

/// The brand's colours, behind our own so that they win.
fn colors(palette: Option<&Palette>) -> String {
    let Some(Palette { light, dark }) = palette else { return String::new() };
    let root = |it: &Shades| {
        format!(
            ":root {{ --back: {}; --glow: {}; --jade: {}; --jade-dark: {}; --on-jade: {}; }}",
            it.back, it.glow, it.jade, it.jade_dark, it.on_jade
        )
    };
    format!("{}\n@media (prefers-color-scheme: dark) {{ {} }}\n", root(light), root(dark))
}

impl Asset {
    fn new(stem: &str, ending: &str, content_type: &'static str, body: String) -> Self {
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
        .body(asset.body.clone()))
}
