//! Whose pages these are: a name, a logo and a colour.

use url::Url;

use super::color::Color;

/// What stands at the top of every page, and its colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The name of the site.
    pub name: BrandName,
    /// Its logo; `None` is Haoma's own.
    pub logo: Option<Logo>,
    /// The colour of buttons and links; `None` is Haoma's own.
    pub palette: Option<Palette>,
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: BrandName("Haoma".to_owned()), logo: None, palette: None }
    }
}

/// 1 to 40 characters of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandName(String);

impl BrandName {
    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        let is_name =
            (1..=40).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a picture of 36 × 36 pixels or more lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// Its address.
    pub href: String,
    /// Whose it is, if not ours: what pages may load pictures from.
    pub origin: Option<String>,
}

impl Logo {
    /// Reads a path of our own like `/logo.svg`, or an address under https (http on loopback).
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with('/') && !text.starts_with("//") {
            let base = Url::parse("https://haoma.invalid").ok()?;
            let url = base.join(text).ok().filter(|it| it.origin() == base.origin())?;
            return Some(Self { href: url.path().to_owned(), origin: None });
        }
        let url = Url::parse(text).ok()?;
        let host = url.host_str()?;
        let is_loopback = ["127.0.0.1", "localhost", "[::1]"].contains(&host);
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback;
        // It stands in a header of every page, between spaces and semicolons.
        let is_plain = host.bytes().all(|it| it.is_ascii_alphanumeric() || b".-:[]".contains(&it));
        let is_bare = url.username().is_empty() && url.password().is_none();
        let origin = url.origin().ascii_serialization();
        (is_safe && is_plain && is_bare).then(|| Self { href: url.into(), origin: Some(origin) })
    }
}

/// The page in the light and in the dark, in a colour that can be read on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// By day.
    pub light: Shades,
    /// By night.
    pub dark: Shades,
}

/// The colours that hang on the brand's; named as in `static/haoma.css`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// Behind the card.
    pub back: Color,
    /// Behind the card at the top, and under a button with the pointer on it.
    pub glow: Color,
    /// Links and buttons.
    pub jade: Color,
    /// The same with the pointer on them.
    pub jade_dark: Color,
    /// Text on a button.
    pub on_jade: Color,
}

const NIGHT: Color = Color::new([0x0e, 0x16, 0x14]);
/// The card by night.
const NIGHT_CARD: Color = Color::new([0x17, 0x21, 0x1e]);

impl Palette {
    /// The colours around one; else the contrast of links in it, and the nearest that would do.
    pub fn around(color: Color) -> Result<Self, (f64, Color)> {
        let glow = glow_by_day(color);
        let contrast = |it: Color| it.contrast(glow_by_day(it));
        if contrast(color) < Color::LEAST_CONTRAST {
            let darker = (1..=100).map(|percent| color.with(percent, Color::BLACK));
            let mut good = darker.filter(|it| contrast(*it) >= Color::LEAST_CONTRAST);
            return Err((contrast(color), good.next().unwrap_or(Color::BLACK)));
        }
        let light = Shades {
            back: Color::WHITE.with(5, color),
            glow,
            jade: color,
            jade_dark: color.with(25, Color::BLACK),
            on_jade: Color::WHITE,
        };
        let glow = NIGHT.with(20, color);
        // On a button under the pointer, on the card and behind it.
        let jade = color.readable_on(glow, Color::WHITE).readable_on(NIGHT_CARD, Color::WHITE);
        let jade = jade.with(15, Color::WHITE);
        let dark = Shades {
            back: NIGHT,
            glow,
            jade,
            jade_dark: jade.with(25, Color::WHITE),
            on_jade: color.with(60, Color::BLACK).readable_on(jade, Color::BLACK),
        };
        Ok(Self { light, dark })
    }
}

fn glow_by_day(color: Color) -> Color {
    Color::WHITE.with(10, color)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readable(one: Color, other: Color) -> bool {
        one.contrast(other) >= Color::LEAST_CONTRAST
    }

    #[test]
    fn whatever_colour_is_taken_everything_can_be_read() {
        let quiet = [[0x4f, 0x62, 0x5b], [0xa3, 0xb5, 0xae]].map(Color::new);
        let cards = [Color::WHITE, NIGHT_CARD];
        let parts = [0_u8, 60, 90, 128, 160, 200, 255];
        let all = parts.iter().flat_map(|red| {
            let rest = parts.iter().flat_map(|green| parts.map(|blue| (*green, blue)));
            rest.map(|(green, blue)| Color::new([*red, green, blue]))
        });
        let mut taken = 0;
        for color in all {
            let palette = match Palette::around(color) {
                Ok(palette) => palette,
                Err((contrast, nearest)) => {
                    assert!(contrast < 4.5 && Palette::around(nearest).is_ok(), "{color}");
                    continue;
                }
            };
            taken += 1;
            for (shades, (card, quiet)) in
                [palette.light, palette.dark].into_iter().zip(cards.into_iter().zip(quiet))
            {
                for ground in [shades.back, shades.glow, card] {
                    assert!(readable(shades.jade, ground), "{color} on {ground}");
                    assert!(readable(shades.jade_dark, ground), "{color}, pointed at");
                    assert!(readable(quiet, ground), "what is quiet, beside {color}");
                }
                assert!(readable(shades.on_jade, shades.jade), "the button of {color}");
                assert!(readable(shades.on_jade, shades.jade_dark), "pointed at, of {color}");
            }
        }
        assert!(taken > 90, "{taken} are dark enough");
    }

    #[test]
    fn a_logo_is_ours_or_comes_over_https() {
        let own = Logo::parse("/brand/logo.svg").unwrap();
        assert_eq!((own.href.as_str(), own.origin), ("/brand/logo.svg", None));
        let other = Logo::parse("https://cdn.example.com:8443/a b.png?x").unwrap();
        assert_eq!(other.href, "https://cdn.example.com:8443/a%20b.png?x");
        assert_eq!(other.origin.as_deref(), Some("https://cdn.example.com:8443"));
        assert!(Logo::parse("http://127.0.0.1:3000/logo.png").is_some());
        for text in [
            "http://cdn.example.com/logo.png",
            "//cdn.example.com/logo.png",
            "/\\cdn.example.com/logo.png",
            "https://a;script-src/logo.png",
            "https://a,b/logo.png",
            "https://user@cdn.example.com/logo.png",
            "data:image/png;base64,AAAA",
            "javascript:alert(1)",
            "logo.png",
        ] {
            assert_eq!(Logo::parse(text), None, "{text}");
        }
    }
}
