//! The style sheet, the scripts and the icon: compiled in, and served under names that contain a hash of the content.

use std::io::Read as _;

use actix_web::web::Bytes;
use flate2::{Compression, read::GzEncoder};
use sha2::{Digest as _, Sha256};

use super::{
    compact::{compact_script, compact_style},
    icon, script,
};
use crate::domain::brand::{Palette, Shades};

/// All embedded files.
#[derive(Debug)]
pub struct Assets {
    /// The style sheet.
    pub css: Asset,
    /// The script of the pages.
    pub js: Asset,
    /// The script that computes proofs of work, which a page loads when it needs one.
    pub proof: Asset,
    /// The script for a choice between countries, which pages load where there is one.
    pub countries_js: Asset,
    /// The style sheet for a choice between countries.
    pub countries_css: Asset,
    /// The script that sends the form of an answer on to an OAuth client.
    pub continue_js: Asset,
    /// The icon.
    pub icon: Asset,
    /// The icon as a picture, for home screens and shared links.
    pub icon_picture: Asset,
}

/// An embedded file.
#[derive(Debug)]
pub struct Asset {
    pub(super) name: String,
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
    /// The body compressed by gzip, once at the start.
    pub(super) gzip: Option<Bytes>,
}

impl Assets {
    /// Builds all files in the colours of a brand, or in our own.
    pub(crate) fn load(palette: Option<&Palette>) -> Self {
        Self {
            css: Asset::new(
                "haoma",
                "css",
                "text/css; charset=utf-8",
                compact_style(include_str!("../../../static/haoma.css")) + &colors(palette),
            ),
            js: Asset::new("haoma", "js", "text/javascript; charset=utf-8", script::pack()),
            proof: Asset::new(
                "proof",
                "js",
                "text/javascript; charset=utf-8",
                compact_script(include_str!("../../../static/proof.js")),
            ),
            countries_js: Asset::new(
                "countries",
                "js",
                "text/javascript; charset=utf-8",
                compact_script(include_str!("../../../static/countries.js")),
            ),
            countries_css: Asset::new(
                "countries",
                "css",
                "text/css; charset=utf-8",
                compact_style(include_str!("../../../static/countries.css")),
            ),
            continue_js: Asset::new(
                "continue",
                "js",
                "text/javascript; charset=utf-8",
                compact_script(include_str!("../../../static/continue.js")),
            ),
            icon: Asset::new("favicon", "svg", "image/svg+xml", icon::drawing(palette)),
            icon_picture: Asset::packed("favicon", "png", "image/png", icon::picture(palette)),
        }
    }
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
        let gzip = gzip(body.as_bytes());
        Self { gzip, ..Self::packed(stem, extension, content_type, body) }
    }

    /// Makes a file that is compressed in itself.
    fn packed(
        stem: &str,
        extension: &str,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let body = body.into();
        let digest = Sha256::digest(&body);
        let hash = digest.iter().take(6).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        let name = format!("{stem}.{hash:012x}.{extension}");
        Self { name, content_type, gzip: None, body }
    }

    /// Returns the path of the file for use in pages.
    pub fn href(&self) -> String {
        format!("/static/{}", self.name)
    }
}

/// Returns the body compressed by gzip.
pub(crate) fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut compressed = Vec::new();
    GzEncoder::new(body, Compression::best()).read_to_end(&mut compressed).ok()?;
    Some(compressed.into())
}
