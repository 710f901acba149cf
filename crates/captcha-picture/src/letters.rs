//! The shapes of the letters that captchas are drawn with, in several faces. The first is the font of the captcha crate.

use std::{io::Cursor, ops::Range};

use captcha::Captcha;
use png::Transformations;
use rand::{Rng, seq::IndexedRandom as _};

/// Letters that the font draws unmistakably: no 0/O, 1/I/J/l, 2/Z, E/F, 5/S, 6/b, 8/B, 9/g.
pub const LETTERS: &[char] = &[
    '3', '4', '7', 'A', 'B', 'C', 'D', 'E', 'H', 'K', 'M', 'N', 'P', 'R', 'T', 'U', 'V', 'W', 'X',
    'Y',
];
/// A channel below this value is black.
const BLACK_BELOW: u8 = 128;
/// Number of letters that fit into one picture of the crate.
const LETTERS_PER_PICTURE: usize = 5;
/// The other faces: `DejaVu` Sans Bold, Serif Bold and Sans Mono Bold. Each is a picture of all letters side by side, white
/// on black.
const FACES: [&[u8]; 3] = [
    include_bytes!("faces/sans.png"),
    include_bytes!("faces/serif.png"),
    include_bytes!("faces/mono.png"),
];

/// The shape of every letter in every face, read once at the start because the crate unpacks its whole font for each
/// picture.
#[derive(Debug)]
pub struct Letters(Vec<Face>);

/// The shapes of all letters in one face.
type Face = Vec<Shape>;

/// The shape of a letter, without blank rows and columns around it.
#[derive(Debug)]
pub(crate) struct Shape {
    letter: char,
    ink: Bitmap,
}

/// How much ink covers each pixel, row by row.
#[derive(Debug)]
struct Bitmap {
    width: usize,
    coverage: Vec<u8>,
}

impl Letters {
    /// Reads the faces. Returns `None` if one lacks a letter, which no build of ours does.
    pub fn load() -> Option<Self> {
        let of_crate =
            LETTERS.chunks(LETTERS_PER_PICTURE).map(draw_shapes).collect::<Option<Vec<_>>>()?;
        let of_crate = Some(of_crate.into_iter().flatten().collect());
        let others = FACES.into_iter().map(read_face);
        Some(Self([of_crate].into_iter().chain(others).collect::<Option<_>>()?))
    }

    /// Returns the shape of a letter, in either case, in a face that is chosen at random.
    pub(crate) fn shape(&self, letter: char, rng: &mut impl Rng) -> Option<&Shape> {
        let face = self.0.choose(rng)?;
        face.iter().find(|shape| shape.letter == letter.to_ascii_uppercase())
    }
}

impl Shape {
    /// Returns the width in pixels.
    pub(crate) fn width(&self) -> usize {
        self.ink.width
    }

    /// Returns the height in pixels.
    pub(crate) fn height(&self) -> usize {
        self.ink.height()
    }

    /// Returns how much ink covers a pixel; none outside of the shape.
    pub(crate) fn coverage(&self, x: usize, y: usize) -> u8 {
        self.ink.get(x, y)
    }
}

impl Bitmap {
    fn height(&self) -> usize {
        self.coverage.len() / self.width.max(1)
    }

    fn get(&self, x: usize, y: usize) -> u8 {
        let pixel = self.coverage.get(y * self.width + x).filter(|_| x < self.width);
        pixel.copied().unwrap_or_default()
    }

    fn part(&self, columns: Range<usize>, rows: Range<usize>) -> Self {
        let coverage = rows.flat_map(|y| columns.clone().map(move |x| self.get(x, y))).collect();
        Self { width: columns.len(), coverage }
    }

    /// Cuts off the blank rows and columns around the ink.
    fn trimmed(&self) -> Option<Self> {
        let has_ink = |x: usize, y: usize| self.get(x, y) >= BLACK_BELOW;
        let columns = ends((0..self.width).filter(|x| (0..self.height()).any(|y| has_ink(*x, y))))?;
        let rows = ends((0..self.height()).filter(|y| (0..self.width).any(|x| has_ink(x, *y))))?;
        Some(self.part(columns, rows))
    }

    /// Doubles the size, with soft edges: each new pixel is nine parts of the nearest, and mixed with its neighbours.
    fn doubled(&self) -> Self {
        let near =
            |at: usize| if at.is_multiple_of(2) { (at / 2).wrapping_sub(1) } else { at / 2 + 1 };
        let mixed = |x: usize, y: usize| {
            let parts = [
                (9, x / 2, y / 2),
                (3, near(x), y / 2),
                (3, x / 2, near(y)),
                (1, near(x), near(y)),
            ];
            let inside = |at: usize, size: usize| at < size;
            let sum: u32 = parts
                .into_iter()
                .filter(|(_, x, y)| inside(*x, self.width) && inside(*y, self.height()))
                .map(|(weight, x, y)| weight * u32::from(self.get(x, y)))
                .sum();
            u8::try_from(sum / 16).unwrap_or(u8::MAX)
        };
        let rows = 0..2 * self.height();
        let coverage = rows.flat_map(|y| (0..2 * self.width).map(move |x| mixed(x, y))).collect();
        Self { width: 2 * self.width, coverage }
    }
}

/// Returns the range from the least to the greatest number.
fn ends(numbers: impl Iterator<Item = usize> + Clone) -> Option<Range<usize>> {
    Some(numbers.clone().min()?..numbers.max()? + 1)
}

/// Lets the crate draw letters in a row, and cuts them apart. They are doubled, so that all faces are about as high.
fn draw_shapes(letters: &[char]) -> Option<Face> {
    let mut picture = Captcha::new();
    let mut boxes = Vec::new();
    for letter in letters {
        // The crate lays the next letter over the last column of this one.
        let left = usize::try_from(picture.text_area().right).ok()?;
        picture.set_chars(&[*letter]).add_char();
        boxes.push((*letter, left..usize::try_from(picture.text_area().right).ok()?));
    }
    let area = picture.text_area();
    let rows = usize::try_from(area.top).ok()?..usize::try_from(area.bottom).ok()? + 1;
    let mut drawn = decode(&picture.as_png()?)?;
    for pixel in &mut drawn.coverage {
        *pixel = if *pixel < BLACK_BELOW { u8::MAX } else { 0 };
    }
    let shape = |(letter, columns): (char, Range<usize>)| {
        let ink = drawn.part(columns, rows.clone()).trimmed()?.doubled();
        Some(Shape { letter, ink })
    };
    boxes.into_iter().map(shape).collect()
}

/// Reads the picture of a face, in which all letters have the same room.
fn read_face(png: &[u8]) -> Option<Face> {
    let all = decode(png)?;
    let room = all.width / LETTERS.len();
    let shape = |(place, letter): (usize, &char)| {
        let ink = all.part(place * room..(place + 1) * room, 0..all.height()).trimmed()?;
        Some(Shape { letter: *letter, ink })
    };
    LETTERS.iter().enumerate().map(shape).collect()
}

/// Returns the first channel of each pixel of a PNG.
fn decode(png: &[u8]) -> Option<Bitmap> {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let mut bytes = vec![0; reader.output_buffer_size()];
    let info = reader.next_frame(&mut bytes).ok()?;
    let pixels = bytes.chunks_exact(info.color_type.samples());
    let coverage = pixels.map(|pixel| pixel.first().copied().unwrap_or_default()).collect();
    Some(Bitmap { width: usize::try_from(info.width).ok()?, coverage })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(shape: &Shape) -> (usize, usize) {
        (shape.width(), shape.ink.coverage.iter().filter(|ink| **ink >= BLACK_BELOW).count())
    }

    #[test]
    fn every_face_has_every_letter() {
        let letters = Letters::load().unwrap();

        assert_eq!(letters.0.len(), 4);
        for face in &letters.0 {
            assert_eq!(face.len(), LETTERS.len());
            for shape in face {
                let (width, ink) = size(shape);
                assert!((30..=130).contains(&width), "{}: {width} wide", shape.letter);
                assert!(
                    (70..=82).contains(&shape.height()),
                    "{}: {}",
                    shape.letter,
                    shape.height()
                );
                assert!(ink > 400, "{}: {ink} dark pixels", shape.letter);
            }
        }
    }

    #[test]
    fn letters_of_the_crate_are_whole() {
        let letters = Letters::load().unwrap();
        for letter in LETTERS {
            let alone = draw_shapes(&[*letter]).unwrap();
            let shape = letters.0.first().unwrap().iter().find(|shape| shape.letter == *letter);
            assert_eq!(shape.map(size), alone.first().map(size), "{letter}");
        }
    }
}
