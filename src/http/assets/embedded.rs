//! The style sheet, the scripts and the icon: compiled in, and served under names that contain a hash of the content.

use std::io::Read as _;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, Encoding,
        Header as _, VARY,
    },
    web::{Bytes, Data, Path},
};
use flate2::{Compression, read::GzEncoder};
use sha2::{Digest as _, Sha256};

use crate::{
    domain::brand::{Palette, Shades},
    errors::Error,
    http::state::WebState,
};

const ICON: &str = include_str!("../../../static/favicon.svg");
/// The colours in `favicon.svg` that a brand replaces: of the square and of the sign on it.
const ICON_BACKGROUND: &str = "#0b6b57";
const ICON_STROKE: &str = "stroke=\"#fff\"";

/// All embedded files.
#[derive(Debug)]
pub struct Assets {
    /// The style sheet.
    pub css: Asset,
    /// The script of the pages.
    pub js: Asset,
    /// The script that computes proofs of work, which a page loads when it needs one.
    pub proof: Asset,
    /// The icon.
    pub icon: Asset,
}

/// An embedded file.
#[derive(Debug)]
pub struct Asset {
    name: String,
    content_type: &'static str,
    body: Bytes,
    /// The body compressed by gzip, once at the start.
    gzip: Option<Bytes>,
}

impl Assets {
    /// Builds all files in the colours of a brand, or in our own.
    pub(crate) fn load(palette: Option<&Palette>) -> Self {
        Self {
            css: Asset::new(
                "haoma",
                "css",
                "text/css; charset=utf-8",
                format!("{}{}", include_str!("../../../static/haoma.css"), colors(palette)),
            ),
            js: Asset::new(
                "haoma",
                "js",
                "text/javascript; charset=utf-8",
                include_str!("../../../static/haoma.js").to_owned(),
            ),
            proof: Asset::new(
                "proof",
                "js",
                "text/javascript; charset=utf-8",
                include_str!("../../../static/proof.js").to_owned(),
            ),
            icon: Asset::new("favicon", "svg", "image/svg+xml", icon(palette)),
        }
    }
}

/// Returns the icon in the colours of the brand's buttons.
fn icon(palette: Option<&Palette>) -> String {
    let Some(Palette { light, .. }) = palette else { return ICON.to_owned() };
    let icon = ICON.replace(ICON_BACKGROUND, &light.button.to_string());
    icon.replace(ICON_STROKE, &format!("stroke=\"{}\"", light.on_jade))
}

/// Returns the CSS of the brand's colours. It is appended to the style sheet, so that it overrides ours.
fn colors(palette: Option<&Palette>) -> String {
    let Some(Palette { light, dark, .. }) = palette else { return String::new() };
    let root = |shades: &Shades| {
        format!(
            ":root {{ --back: {}; --glow: {}; --jade: {}; --jade-dark: {}; --button: {}; --button-hover: {}; \
             --on-jade: {}; }}",
            shades.back,
            shades.glow,
            shades.jade,
            shades.jade_dark,
            shades.button,
            shades.button_hover,
            shades.on_jade
        )
    };
    format!("{}\n@media (prefers-color-scheme: dark) {{ {} }}\n", root(light), root(dark))
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, body: String) -> Self {
        let digest = Sha256::digest(body.as_bytes());
        let hash = digest.iter().take(6).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        let name = format!("{stem}.{hash:012x}.{extension}");
        Self { name, content_type, gzip: gzip(body.as_bytes()), body: body.into() }
    }

    /// Returns the path of the file for use in pages.
    pub fn href(&self) -> String {
        format!("/static/{}", self.name)
    }
}

fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut compressed = Vec::new();
    GzEncoder::new(body, Compression::best()).read_to_end(&mut compressed).ok()?;
    Some(compressed.into())
}

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
