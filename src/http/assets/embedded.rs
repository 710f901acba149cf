//! The style sheet, the script and the icon: compiled in, under names that change with their content.

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
/// Of the icon.
const OWN_COLOR: &str = "#0b6b57";
const OWN_SIGN: &str = "stroke=\"#fff\"";

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
    body: Bytes,
    /// The same, packed once.
    gzip: Option<Bytes>,
}

impl Assets {
    /// In the colours of a brand, or in our own.
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

/// The sign on a square, in the colours of a button.
fn icon(palette: Option<&Palette>) -> String {
    let Some(Palette { light, .. }) = palette else { return ICON.to_owned() };
    let icon = ICON.replace(OWN_COLOR, &light.button.to_string());
    icon.replace(OWN_SIGN, &format!("stroke=\"{}\"", light.on_jade))
}

/// The brand's colours, behind our own so that they win.
fn colors(palette: Option<&Palette>) -> String {
    let Some(Palette { light, dark, .. }) = palette else { return String::new() };
    let root = |it: &Shades| {
        format!(
            ":root {{ --back: {}; --glow: {}; --jade: {}; --jade-dark: {}; --button: {}; --button-hover: {}; \
             --on-jade: {}; }}",
            it.back, it.glow, it.jade, it.jade_dark, it.button, it.button_hover, it.on_jade
        )
    };
    format!("{}\n@media (prefers-color-scheme: dark) {{ {} }}\n", root(light), root(dark))
}

impl Asset {
    fn new(stem: &str, ending: &str, content_type: &'static str, body: String) -> Self {
        let digest = Sha256::digest(body.as_bytes());
        let hash = digest.iter().take(6).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        let name = format!("{stem}.{hash:012x}.{ending}");
        Self { name, content_type, gzip: gzip(body.as_bytes()), body: body.into() }
    }

    /// Where browsers find it.
    pub fn href(&self) -> String {
        format!("/static/{}", self.name)
    }
}

fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut packed = Vec::new();
    GzEncoder::new(body, Compression::best()).read_to_end(&mut packed).ok()?;
    Some(packed.into())
}

/// `GET /static/{name}`; what is under a name never changes, so it is kept for a year.
pub async fn get(
    web: Data<WebState>,
    name: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let assets = [&web.assets.css, &web.assets.js, &web.assets.proof, &web.assets.icon];
    let asset = assets.into_iter().find(|it| it.name == *name).ok_or(Error::NotFound)?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, ACCEPT_ENCODING.as_str()));
    Ok(match asset.gzip.as_ref().filter(|_| takes_gzip(&request)) {
        Some(packed) => response.insert_header((CONTENT_ENCODING, "gzip")).body(packed.clone()),
        None => response.body(asset.body.clone()),
    })
}

/// Only files are packed: in a page what somebody sent stands beside what is secret, and the length of
/// both packed together would tell of it (BREACH).
fn takes_gzip(request: &HttpRequest) -> bool {
    let choices = [Encoding::identity(), Encoding::gzip()];
    let chosen = AcceptEncoding::parse(request).ok().and_then(|it| it.negotiate(choices.iter()));
    chosen == Some(Encoding::gzip())
}
