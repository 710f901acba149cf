//! Notes on settings that work but have consequences that the operator should know.

use super::{Config, ProviderConfig, ProviderRoute};
use crate::domain::color::Color;

/// A note, which a start logs and `haoma doctor` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The `event` in the log.
    pub event: &'static str,
    /// The variable that it is about.
    pub setting: &'static str,
    /// Whether users may notice it.
    pub is_warning: bool,
    /// The consequence of the setting, and its remedy.
    pub message: String,
}

pub(super) fn notes(config: &Config) -> Vec<Note> {
    codes_in_memory(config).into_iter().chain(brand_color(config)).collect()
}

/// Notes that codes are stored in memory, unless everything is set up for development.
fn codes_in_memory(config: &Config) -> Option<Note> {
    let is_real = |route: &ProviderRoute| !matches!(route.provider, ProviderConfig::Console);
    let sends = config.providers.iter().any(is_real);
    let is_mysql = config.database_url.as_str().starts_with("mysql:");
    (config.redis.is_none() && (sends || is_mysql)).then(|| Note {
        event: "codes_in_memory",
        setting: "REDIS_URL",
        is_warning: true,
        message: "is not set: captchas, codes and limits live in this process's memory, are gone when it ends, \
            and hold for one instance only"
            .to_owned(),
    })
}

/// Notes how the pages use a colour that has too little contrast for text.
fn brand_color(config: &Config) -> Option<Note> {
    let palette = config.branding.brand.palette?;
    let (brand, light) = (palette.brand, palette.light);
    let white = (light.on_jade != Color::WHITE).then(|| {
        let contrast = Color::WHITE.contrast(brand);
        format!(
            "white text on it would have a contrast of {contrast:.1}, so text on buttons is dark"
        )
    });
    let links = (light.jade != brand).then(|| {
        format!("links, focus rings and the edges of buttons are {}, a darker tone", light.jade)
    });
    let parts: Vec<_> = white.into_iter().chain(links).collect();
    (!parts.is_empty()).then(|| Note {
        event: "brand_color",
        setting: "BRAND_COLOR",
        is_warning: false,
        message: format!("is {brand}: {} ({} is needed)", parts.join("; "), Color::MIN_CONTRAST),
    })
}
