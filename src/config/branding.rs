//! Settings of the pages: brand, colour and templates.

use std::path::{Path, PathBuf};

use super::Env;
use crate::domain::{
    brand::{Brand, BrandName, Logo, Palette},
    color::Color,
};

/// Settings of the pages.
#[derive(Clone, Debug)]
pub struct Branding {
    /// `BRAND_NAME`, `BRAND_LOGO_URL`, `BRAND_COLOR`.
    pub brand: Brand,
    /// `TEMPLATES_DIR`: a folder of the operator's own templates.
    pub templates_dir: Option<PathBuf>,
}

pub(super) fn read(env: &mut Env) -> Branding {
    let default = Brand::default();
    let name = env.parse("BRAND_NAME", "1 to 40 characters on one line", BrandName::parse);
    let expected = "an https address, or a path of your own like `/logo.svg`";
    let logo = env.parse("BRAND_LOGO_URL", expected, Logo::parse);
    let palette = env.parse("BRAND_COLOR", "like `#0b6b57`", Color::parse).map(Palette::around);
    let templates_dir = env.parse("TEMPLATES_DIR", "a folder that can be read", |text| {
        Path::new(text).is_dir().then(|| PathBuf::from(text))
    });
    Branding { brand: Brand { name: name.unwrap_or(default.name), logo, palette }, templates_dir }
}
