//! Draws captchas: pictures of a few letters that a person can read and a simple script cannot.
//!
//! A crate of its own, so that development builds optimise it: without that, reading the faces takes a tenth of a second
//! of each start.

mod letters;
mod picture;

pub use png::EncodingError;

use self::picture::Picture;
pub use self::{
    letters::{LETTERS, Letters},
    picture::Palette,
};

/// Width of a picture in pixels for each letter.
const WIDTH: u16 = 50;
/// Height of a picture in pixels.
const HEIGHT: u16 = 80;

/// Draws letters, in either case, as a PNG of 80 pixels height and 50 pixels width per letter. Others than [`LETTERS`] are
/// left out.
///
/// It takes a tenth of a millisecond.
///
/// # Errors
///
/// Returns an error if the picture cannot be encoded.
pub fn draw(text: &str, letters: &Letters, palette: Palette) -> Result<Vec<u8>, EncodingError> {
    let mut rng = rand::rng();
    let shapes: Vec<_> =
        text.chars().filter_map(|letter| letters.shape(letter, &mut rng)).collect();
    let width = u16::try_from(shapes.len()).unwrap_or_default() * WIDTH;
    let mut picture = Picture::new(width, HEIGHT, rng);
    picture.draw(&shapes);
    picture.png(palette)
}
