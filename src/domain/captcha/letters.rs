//! The shapes of the letters that a captcha is drawn with: those of the captcha crate's font.

use std::io::Cursor;

use captcha::Captcha;
use png::Transformations;

use super::LETTERS;

/// A channel below this is ink.
const INK: u8 = 128;

/// Every letter's shape, read from the font once: the crate unpacks all of it for each picture.
#[derive(Debug)]
pub struct Letters(Vec<Shape>);

/// A letter's box, row by row.
#[derive(Debug)]
pub(super) struct Shape {
    letter: char,
    width: usize,
    is_ink: Vec<bool>,
}

impl Letters {
    /// Reads the font; `None` if it lacks a letter, which no build of ours does.
    pub fn load() -> Option<Self> {
        LETTERS.iter().map(|it| Shape::of(*it)).collect::<Option<Vec<_>>>().map(Self)
    }

    /// The shape of a letter, in either case.
    pub(super) fn shape(&self, letter: char) -> Option<&Shape> {
        self.0.iter().find(|it| it.letter == letter.to_ascii_uppercase())
    }
}

impl Shape {
    fn of(letter: char) -> Option<Self> {
        let mut picture = Captcha::new();
        picture.set_chars(&[letter]).add_char();
        let mut area = picture.text_area();
        // The crate counts the last pixel in; its cutting out does not.
        area.right += 1;
        area.bottom += 1;
        let png = picture.extract(area).as_png()?;

        let mut decoder = png::Decoder::new(Cursor::new(png));
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let mut bytes = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut bytes).ok()?;
        let pixels = bytes.chunks_exact(info.color_type.samples());
        let is_ink: Vec<bool> = pixels.map(|it| it.first().is_some_and(|it| *it < INK)).collect();
        Some(Self { letter, width: usize::try_from(info.width).ok()?, is_ink })
    }

    /// Pixels.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// From the top down.
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &[bool]> {
        self.is_ink.chunks_exact(self.width)
    }
}
