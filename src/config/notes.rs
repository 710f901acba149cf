//! What works as it is set up, and what the operator should know of it all the same.

use super::{Config, ProviderConfig};
use crate::domain::color::Color;

/// The start writes it into the log and `haoma doctor` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The `event` of the line in the log.
    pub event: &'static str,
    /// The variable that it hangs on.
    pub setting: &'static str,
    /// Whether something may go wrong for people.
    pub is_warning: bool,
    /// What it means, and what to do.
    pub message: String,
}

pub(super) fn notes(config: &Config) -> Vec<Note> {
    codes_in_memory(config).into_iter().chain(brand_color(config)).collect()
}

/// With nothing but a development's settings this is as it should be.
fn codes_in_memory(config: &Config) -> Option<Note> {
    let is_real = |it: &ProviderConfig| !matches!(it, ProviderConfig::Console);
    let sends = config.providers.iter().any(|it| is_real(&it.provider));
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

/// What is made of a colour in which text cannot be read everywhere.
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
        message: format!("is {brand}: {} ({} is needed)", parts.join("; "), Color::LEAST_CONTRAST),
    })
}
