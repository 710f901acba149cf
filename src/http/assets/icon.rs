//! The icon in the colours of the brand: a drawing for tabs, and a picture for home screens and shared links.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Encoder, EncodingError};

use crate::domain::{brand::Palette, color::Color};

const DRAWING: &str = include_str!("../../../static/favicon.svg");
/// The colours in `favicon.svg` that a brand replaces: of the square and of the sign on it.
const GROUND: &str = "#0b6b57";
const STROKE: &str = "stroke=\"#fff\"";
/// The sign, white on black, on a square that fills the picture: phones round the corners themselves.
const SIGN: &[u8] = include_bytes!("../../../static/favicon.png");

/// Returns the drawing in the colours of the brand's buttons.
pub(super) fn drawing(palette: Option<&Palette>) -> String {
    let Some(Palette { light, .. }) = palette else { return DRAWING.to_owned() };
    let icon = DRAWING.replace(GROUND, &light.button.to_string());
    icon.replace(STROKE, &format!("stroke=\"{}\"", light.on_jade))
}

/// Returns the picture in the colours of the brand's buttons, as a PNG.
pub(super) fn picture(palette: Option<&Palette>) -> Vec<u8> {
    let own = (Color::new([0x0b, 0x6b, 0x57]), Color::WHITE);
    let (ground, sign) = palette.map_or(own, |brand| (brand.light.button, brand.light.on_jade));
    colored(ground, sign).unwrap_or_else(|_| SIGN.to_vec())
}

/// Gives the shades from black to white those from the ground to the sign.
fn colored(ground: Color, sign: Color) -> Result<Vec<u8>, EncodingError> {
    let (width, height, shades) = decode().map_err(|error| EncodingError::IoError(error.into()))?;
    let steps = (0..=u32::from(u8::MAX)).map(|shade| ground.with(100 * shade / 255, sign));
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(steps.flat_map(Color::parts).collect::<Vec<_>>());
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&shades)?;
    writer.finish()?;
    Ok(png)
}

fn decode() -> Result<(u32, u32, Vec<u8>), DecodingError> {
    let mut reader = Decoder::new(Cursor::new(SIGN)).read_info()?;
    let mut shades = vec![0; reader.output_buffer_size()];
    let info = reader.next_frame(&mut shades)?;
    Ok((info.width, info.height, shades))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_the_colours_of_the_brand() {
        let brand = Color::parse("#07c160").unwrap();
        let png = picture(Some(&Palette::around(brand)));

        let mut reader = Decoder::new(Cursor::new(&png)).read_info().unwrap();
        let info = reader.info().clone();
        assert_eq!((info.width, info.height), (300, 300));
        let colors = info.palette.unwrap();
        assert_eq!(colors.get(..3), Some(&brand.parts()[..]));
        let mut shades = vec![0; reader.output_buffer_size()];
        reader.next_frame(&mut shades).unwrap();
        assert_eq!(shades.first(), Some(&0), "the corner is ground");
        assert!(shades.contains(&u8::MAX), "and there is a sign");
    }
}
