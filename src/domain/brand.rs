//! The brand that the pages show: a name, a logo and a colour.

use url::Url;

use super::{captcha::Colors, color::Color};

/// The brand at the top of every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The name of the site.
    pub name: BrandName,
    /// The logo; `None` stands for Haoma's own.
    pub logo: Option<Logo>,
    /// The colours of buttons and links; `None` stands for Haoma's own.
    pub palette: Option<Palette>,
}

/// Whether a page is shown in light or in dark mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Light mode.
    Light,
    /// Dark mode.
    Dark,
}

impl Brand {
    /// Returns the colours of a captcha: those of links on the card.
    pub fn captcha_colors(&self, mode: Mode) -> Colors {
        let own = [Color::new([0x0b, 0x6b, 0x57]), Color::new([0x6f, 0xd0, 0xb0])];
        let [light, dark] =
            self.palette.map_or(own, |palette| [palette.light.jade, palette.dark.jade]);
        match mode {
            Mode::Light => Colors { ink: light, card: Color::WHITE },
            Mode::Dark => Colors { ink: dark, card: NIGHT_CARD },
        }
    }
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: BrandName("Haoma".to_owned()), logo: None, palette: None }
    }
}

/// A name of 1 to 40 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandName(String);

impl BrandName {
    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        let is_name =
            (1..=40).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        is_name.then(|| Self(text.to_owned()))
    }

    /// Returns the name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address of a picture of 36 × 36 pixels or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// The URL.
    pub href: String,
    /// The origin of the picture unless it is ours. Pages are allowed to load pictures from it.
    pub origin: Option<String>,
}

impl Logo {
    /// Reads a path of our own like `/logo.svg`, or a URL with https (http on loopback).
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with('/') && !text.starts_with("//") {
            let base = Url::parse("https://haoma.invalid").ok()?;
            let url = base.join(text).ok().filter(|url| url.origin() == base.origin())?;
            return Some(Self { href: url.path().to_owned(), origin: None });
        }
        let url = Url::parse(text).ok()?;
        let host = url.host_str()?;
        let is_loopback = ["127.0.0.1", "localhost", "[::1]"].contains(&host);
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback;
        // The origin goes into a header of every page, between spaces and semicolons.
        let is_plain =
            host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        let is_bare = url.username().is_empty() && url.password().is_none();
        let origin = url.origin().ascii_serialization();
        (is_safe && is_plain && is_bare).then(|| Self { href: url.into(), origin: Some(origin) })
    }
}

/// The colours of the pages in light and dark mode, derived from the colour of the brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The colour of the brand.
    pub brand: Color,
    /// Light mode.
    pub light: Shades,
    /// Dark mode.
    pub dark: Shades,
}

/// The colours that depend on the brand's. They are named as in `static/haoma.css`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// Background behind the card.
    pub back: Color,
    /// Background at the top, and of a button under the pointer.
    pub glow: Color,
    /// Links, focus rings and the edges of buttons.
    pub jade: Color,
    /// Links, focus rings and borders of buttons under the pointer.
    pub jade_dark: Color,
    /// Buttons.
    pub button: Color,
    /// Buttons under the pointer.
    pub button_hover: Color,
    /// Text on a button.
    pub on_jade: Color,
}

const NIGHT: Color = Color::new([0x0e, 0x16, 0x14]);
/// The card in dark mode.
const NIGHT_CARD: Color = Color::new([0x17, 0x21, 0x1e]);

impl Palette {
    /// Derives the colours from one. Every text has the contrast that WCAG requires, whatever the colour: in light mode
    /// text on buttons is white or dark, whichever can be read, and links are a darker tone of a light colour.
    pub fn around(brand: Color) -> Self {
        let glow = Color::WHITE.with(10, brand);
        let jade = brand.readable_on(glow, Color::BLACK);
        let on_jade = brand.text_on();
        let away = if on_jade == Color::WHITE { Color::BLACK } else { Color::WHITE };
        let light = Shades {
            back: Color::WHITE.with(5, brand),
            glow,
            jade,
            jade_dark: jade.with(25, Color::BLACK),
            button: brand,
            button_hover: brand.with(25, away),
            on_jade,
        };
        let glow = NIGHT.with(20, brand);
        // Readable on a button under the pointer, on the card and behind it.
        let jade = brand.readable_on(glow, Color::WHITE).readable_on(NIGHT_CARD, Color::WHITE);
        let jade = jade.with(15, Color::WHITE);
        let jade_dark = jade.with(25, Color::WHITE);
        let dark = Shades {
            back: NIGHT,
            glow,
            jade,
            jade_dark,
            button: jade,
            button_hover: jade_dark,
            on_jade: brand.with(85, Color::BLACK).readable_on(jade, Color::BLACK),
        };
        Self { brand, light, dark }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The grey text of `static/haoma.css`, in light and dark mode.
    const QUIET: [Color; 2] = [Color::new([0x4f, 0x62, 0x5b]), Color::new([0xa3, 0xb5, 0xae])];

    fn readable(one: Color, other: Color) -> bool {
        one.contrast(other) >= Color::MIN_CONTRAST
    }

    fn assert_all_can_be_read(color: Color) {
        let palette = Palette::around(color);
        let cards = [Color::WHITE, NIGHT_CARD];
        for (shades, (card, quiet)) in
            [palette.light, palette.dark].into_iter().zip(cards.into_iter().zip(QUIET))
        {
            for ground in [shades.back, shades.glow, card] {
                assert!(readable(shades.jade, ground), "{color}: a link on {ground}");
                assert!(readable(shades.jade_dark, ground), "{color}: a link, pointed at");
                assert!(readable(quiet, ground), "what is quiet, beside {color}");
            }
            assert!(readable(shades.on_jade, shades.button), "the button of {color}");
            assert!(readable(shades.on_jade, shades.button_hover), "pointed at, of {color}");
        }
        assert_eq!(palette.light.button, color);
    }

    #[test]
    fn text_is_readable_on_every_brand_colour() {
        let parts = [0_u8, 60, 90, 128, 160, 200, 255];
        for red in parts {
            for green in parts {
                for blue in parts {
                    assert_all_can_be_read(Color::new([red, green, blue]));
                }
            }
        }
    }

    /// The colours of well-known products, and whether text on their buttons is white.
    const KNOWN: [(&str, &str, bool); 24] = [
        ("WeChat", "#07c160", false),
        ("Alipay", "#1677ff", false),
        ("Taobao", "#ff5000", false),
        ("Stripe", "#635bff", true),
        ("JD", "#e1251b", true),
        ("Meituan", "#ffd100", false),
        ("Bilibili", "#fb7299", false),
        ("Weibo", "#e6162d", true),
        ("Zhihu", "#0066ff", true),
        ("Baidu", "#2932e1", true),
        ("Xiaomi", "#ff6900", false),
        ("Huawei", "#cf0a2c", true),
        ("Douyin", "#fe2c55", false),
        ("Xiaohongshu", "#ff2442", false),
        ("Didi", "#ff7d41", false),
        ("Ele.me", "#0097ff", false),
        ("Element", "#409eff", false),
        ("QQ", "#12b7f5", false),
        ("Facebook", "#1877f2", false),
        ("Google", "#4285f4", false),
        ("Spotify", "#1db954", false),
        ("Discord", "#5865f2", true),
        ("Netflix", "#e50914", true),
        ("Black", "#000000", true),
    ];

    #[test]
    fn well_known_brand_colours_get_the_more_readable_text_colour() {
        for (name, color, is_white) in KNOWN {
            let color = Color::parse(color).unwrap();
            assert_all_can_be_read(color);
            let text = Palette::around(color).light.on_jade;
            assert_eq!(
                text == Color::WHITE,
                is_white,
                "{name}: white has {}",
                color.contrast(Color::WHITE)
            );
        }
    }

    #[test]
    fn links_have_the_brand_colour_or_a_darker_tone_of_a_light_one() {
        let jade = Color::parse("#0b6b57").unwrap();
        assert_eq!(Palette::around(jade).light.jade, jade);
        let yellow = Color::parse("#ffd100").unwrap();
        assert_ne!(Palette::around(yellow).light.jade, yellow);
    }

    #[test]
    fn a_logo_is_a_local_path_or_https() {
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
