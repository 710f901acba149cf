//! The shapes of the letters that captchas are drawn with, taken from the font of the captcha crate.

use std::{io::Cursor, ops::Range};

use captcha::Captcha;
use png::Transformations;

use super::LETTERS;

/// A channel below this value is black.
const BLACK_BELOW: u8 = 128;
/// Number of letters that fit into one picture of the crate.
const LETTERS_PER_PICTURE: usize = 5;

/// The shape of every letter, read once at the start because the crate unpacks its whole font for each picture.
#[derive(Debug)]
pub struct Letters(Vec<Shape>);

/// The shape of a letter, row by row.
#[derive(Debug)]
pub(super) struct Shape {
    letter: char,
    width: usize,
    is_ink: Vec<bool>,
}

impl Letters {
    /// Reads the font. Returns `None` if it lacks a letter, which no build of ours does.
    pub fn load() -> Option<Self> {
        let shapes =
            LETTERS.chunks(LETTERS_PER_PICTURE).map(draw_shapes).collect::<Option<Vec<_>>>()?;
        Some(Self(shapes.into_iter().flatten().collect()))
    }

    /// Returns the shape of a letter in either case.
    pub(super) fn shape(&self, letter: char) -> Option<&Shape> {
        self.0.iter().find(|shape| shape.letter == letter.to_ascii_uppercase())
    }
}

impl Shape {
    /// Returns the width in pixels.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Returns the rows from the top down.
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &[bool]> {
        self.is_ink.chunks_exact(self.width)
    }
}

/// Lets the crate draw letters in a row, and cuts them apart.
fn draw_shapes(letters: &[char]) -> Option<Vec<Shape>> {
    let mut picture = Captcha::new();
    let mut boxes = Vec::new();
    for letter in letters {
        // The crate lays the next letter over the last column of this one.
        let left = usize::try_from(picture.text_area().right).ok()?;
        picture.set_chars(&[*letter]).add_char();
        boxes.push((*letter, left..usize::try_from(picture.text_area().right).ok()?));
    }
    let area = picture.text_area();
    let (top, bottom) = (usize::try_from(area.top).ok()?, usize::try_from(area.bottom).ok()?);
    let (width, is_ink) = pixels(&picture.as_png()?)?;
    let rows: Vec<_> = is_ink.chunks_exact(width).skip(top).take(bottom + 1 - top).collect();
    let shape = |(letter, columns): (char, Range<usize>)| {
        let is_ink = rows.iter().map(|row| row.get(columns.clone())).collect::<Option<Vec<_>>>()?;
        Some(Shape { letter, width: columns.len(), is_ink: is_ink.concat() })
    };
    boxes.into_iter().map(shape).collect()
}

/// Returns the width of a PNG, and which pixels are dark.
fn pixels(png: &[u8]) -> Option<(usize, Vec<bool>)> {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let mut bytes = vec![0; reader.output_buffer_size()];
    let info = reader.next_frame(&mut bytes).ok()?;
    let pixels = bytes.chunks_exact(info.color_type.samples());
    let is_ink =
        pixels.map(|pixel| pixel.first().is_some_and(|channel| *channel < BLACK_BELOW)).collect();
    Some((usize::try_from(info.width).ok()?, is_ink))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_whole() {
        let letters = Letters::load().unwrap();
        let size =
            |shape: &Shape| (shape.width, shape.is_ink.iter().filter(|is_ink| **is_ink).count());

        for letter in LETTERS {
            let alone = draw_shapes(&[*letter]).unwrap();
            assert_eq!(letters.shape(*letter).map(size), alone.first().map(size), "{letter}");
            assert!(alone.first().is_some_and(|shape| size(shape).1 > 100), "{letter}");
        }
    }
}
