//! Draws a captcha and encodes it as a PNG.
//!
//! Letters differ in face, size, width, angle, slant, place and distance, and touch at times. A line crosses all of them in
//! their own colour, and another one in the colour of the ground, so that they can be cut apart neither where ink is missing
//! nor where there is little. People see through both.
//!
//! The captcha crate's own filters and encoder take sixteen times as long, because they colour every pixel and then search
//! for the smallest file.

use std::ops::RangeInclusive;

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};
use rand::{Rng as _, rngs::ThreadRng};

use crate::letters::Shape;

/// Height of a capital letter in pixels.
const LETTER_HEIGHT: RangeInclusive<i64> = 42..=54;
/// The width of a letter in percent of what its height would lead to.
const STRETCH: RangeInclusive<i64> = 85..=110;
/// The largest width of a letter in pixels.
const MAX_LETTER_WIDTH: i64 = 54;
/// The tangent of half the angle of a letter, in parts of 256: up to 14 degrees to either side.
const HALF_ANGLE: RangeInclusive<i64> = -31..=31;
/// The slant of a letter in parts of `ONE`.
const SLANT: RangeInclusive<i64> = -ONE / 10..=ONE / 10;
/// The distance between the boxes of two letters in pixels.
const GAP: RangeInclusive<i64> = -6..=2;
/// Least distance of a letter from the edge, in pixels.
const MARGIN: i64 = 3;
/// The end of a line is that far from the upper and the lower edge, in pixels.
const LINE_MARGIN: i64 = 15;
/// How far the middle of a line is from where it would be if the line were straight, in pixels.
const BEND: RangeInclusive<i64> = -25..=25;
/// Thickness of the line in the colour of the letters, and of the line in that of the ground, in parts of 16 of a pixel.
const LINE: i64 = 51;
const CUT: i64 = 35;
/// One, for numbers with a fraction of so many bits.
const ONE: i64 = 1 << SHIFT;
const SHIFT: u32 = 12;
/// Number of colours: the ground, the ink, and two between them.
const SHADES: usize = 4;

/// The colours of a picture, from the ground to the ink, each as red, green and blue.
pub type Palette = [[u8; 3]; SHADES];

/// A picture that is being drawn, row by row.
pub(crate) struct Picture {
    width: i64,
    height: i64,
    /// How much ink covers each pixel.
    coverage: Vec<u8>,
    rng: ThreadRng,
}

/// A letter that is to be drawn.
struct Placed<'a> {
    shape: &'a Shape,
    /// Distances in the shape for one pixel to the right and one down, across and along it, in parts of `ONE`.
    right: (i64, i64),
    down: (i64, i64),
    /// The size of the box around it.
    width: i64,
    height: i64,
}

impl Picture {
    /// Makes an empty picture.
    pub(crate) fn new(width: u16, height: u16, rng: ThreadRng) -> Self {
        let coverage = vec![0; usize::from(width) * usize::from(height)];
        Self { width: width.into(), height: height.into(), coverage, rng }
    }

    /// Draws letters from left to right, and the lines across them.
    pub(crate) fn draw(&mut self, letters: &[&Shape]) {
        let letters: Vec<_> = letters.iter().map(|shape| self.turn(shape)).collect();
        let mut gaps: Vec<i64> = letters.iter().map(|_| self.rng.random_range(GAP)).collect();
        let width: i64 = letters.iter().map(|letter| letter.width).sum();
        let room = self.width - 2 * MARGIN;
        let between = i64::try_from(letters.len()).unwrap_or(i64::MAX) - 1;
        // Where there is no room for them, they move together.
        let too_wide = (width + gaps.iter().skip(1).sum::<i64>() - room).max(0);
        for gap in &mut gaps {
            *gap -= (too_wide + between - 1) / between.max(1);
        }
        let spare = (room - width - gaps.iter().skip(1).sum::<i64>()).max(0);
        let mut left = MARGIN + self.rng.random_range(0..=spare);
        for (place, (letter, gap)) in letters.iter().zip(gaps).enumerate() {
            left += if place == 0 { 0 } else { gap };
            let top = self.rng.random_range(2..=(self.height - letter.height - 2).max(2));
            self.draw_letter(letter, left, top);
            left += letter.width;
        }
        self.draw_line(CUT, |pixel, ink| *pixel = (*pixel).min(u8::MAX - ink));
        self.draw_line(LINE, |pixel, ink| *pixel = (*pixel).max(ink));
    }

    /// Chooses how a letter stands.
    fn turn<'a>(&mut self, shape: &'a Shape) -> Placed<'a> {
        let pixels = |size: usize| i64::try_from(size).unwrap_or_default().max(1);
        let (source_width, source_height) = (pixels(shape.width()), pixels(shape.height()));
        let height = self.rng.random_range(LETTER_HEIGHT);
        let width = source_width * height * self.rng.random_range(STRETCH) / (source_height * 100);
        let width = width.min(MAX_LETTER_WIDTH);
        // Sine and cosine of the angle whose half has this tangent.
        let half = self.rng.random_range(HALF_ANGLE);
        let whole = 256 * 256 + half * half;
        let (cos, sin) = ((256 * 256 - half * half) * ONE / whole, 512 * half * ONE / whole);
        let slant = self.rng.random_range(SLANT);
        let along = |distance: i64| distance * source_height / height;
        let across = |distance: i64| distance * source_width / width;
        let box_width = width * cos.abs() + height * (cos * slant / ONE - sin).abs();
        let box_height = width * sin.abs() + height * (sin * slant / ONE + cos).abs();
        Placed {
            shape,
            right: (across(cos + slant * sin / ONE), along(-sin)),
            down: (across(sin - slant * cos / ONE), along(cos)),
            width: box_width / ONE,
            height: box_height / ONE,
        }
    }

    /// Draws a letter into its box.
    fn draw_letter(&mut self, letter: &Placed<'_>, left: i64, top: i64) {
        let middle = |size: usize| (i64::try_from(size).unwrap_or_default() << SHIFT) / 2;
        let (across, along) = (middle(letter.shape.width()), middle(letter.shape.height()));
        let index = |number: i64| usize::try_from(number).unwrap_or_default();
        let rows = self.coverage.chunks_exact_mut(index(self.width)).zip(0..);
        for (row, y) in rows.skip(index(top)).take(index(letter.height) + 1) {
            let (down, right) = (y - top - letter.height / 2, -letter.width / 2);
            let mut x_of_shape = across + letter.right.0 * right + letter.down.0 * down;
            let mut y_of_shape = along + letter.right.1 * right + letter.down.1 * down;
            for pixel in row.iter_mut().skip(index(left)).take(index(letter.width) + 1) {
                let x = usize::try_from(x_of_shape >> SHIFT);
                if let (Ok(x), Ok(y)) = (x, usize::try_from(y_of_shape >> SHIFT)) {
                    *pixel = (*pixel).max(letter.shape.coverage(x, y));
                }
                x_of_shape += letter.right.0;
                y_of_shape += letter.right.1;
            }
        }
    }

    /// Draws a bent line from the left edge to the right one. Its edges are soft.
    fn draw_line(&mut self, thickness: i64, draw: impl Fn(&mut u8, u8)) {
        let ends = LINE_MARGIN..=self.height - LINE_MARGIN;
        let (left, right) = (self.rng.random_range(ends.clone()), self.rng.random_range(ends));
        let bend = self.rng.random_range(BEND);
        for x in 0..self.width {
            let straight = left * ONE + (right - left) * ONE * x / self.width;
            let middle =
                straight + 4 * bend * ONE * x * (self.width - x) / (self.width * self.width);
            let reach = thickness * ONE / 32;
            for y in (middle - reach) >> SHIFT..=(middle + reach) >> SHIFT {
                // How much of the pixel, which is as high as `ONE`, is within the line.
                let inside = (reach - (y * ONE + ONE / 2 - middle).abs() + ONE / 2).clamp(0, ONE);
                let ink = u8::try_from(inside * 255 / ONE).unwrap_or(u8::MAX);
                self.change(x, y, |pixel| draw(pixel, ink));
            }
        }
    }

    /// Changes a pixel. Those outside of the picture are ignored.
    fn change(&mut self, x: i64, y: i64, change: impl FnOnce(&mut u8)) {
        if !(0..self.width).contains(&x) {
            return;
        }
        let index = usize::try_from(y * self.width + x).ok();
        if let Some(pixel) = index.and_then(|index| self.coverage.get_mut(index)) {
            change(pixel);
        }
    }

    /// Encodes the picture as a PNG of four colours.
    pub(crate) fn png(&self, palette: Palette) -> Result<Vec<u8>, EncodingError> {
        let size = |pixels: i64| u32::try_from(pixels).unwrap_or_default();
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, size(self.width), size(self.height));
        encoder.set_color(ColorType::Indexed);
        encoder.set_depth(BitDepth::Two);
        encoder.set_palette(palette.concat());
        encoder.set_compression(Compression::Fast);
        let rows = self.coverage.chunks_exact(usize::try_from(self.width).unwrap_or(1));
        let bytes: Vec<u8> = rows.flat_map(|row| row.chunks(4).map(packed)).collect();
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&bytes)?;
        writer.finish()?;
        Ok(png)
    }
}

/// Packs four pixels, the leftmost into the highest bits. Missing ones are ground.
fn packed(pixels: &[u8]) -> u8 {
    let shade = |index: usize| {
        let ink = usize::from(pixels.get(index).copied().unwrap_or_default());
        u8::try_from((ink * (SHADES - 1) + 127) / 255).unwrap_or_default()
    };
    (0..4).fold(0, |bits, index| bits << 2 | shade(index))
}
