//! Draws a captcha in black and white and encodes it as a PNG.
//!
//! The shapes of the letters, the noise, the grid, the wave and the dots are the captcha crate's. Its own filters and
//! encoder take sixteen times as long, because they colour every pixel and then search for the smallest file.

use std::f64::consts::TAU;

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};
use rand::{Rng as _, RngCore as _, rngs::ThreadRng};

use super::letters::Shape;

/// Distance between lines of the grid in pixels.
const GRID: usize = 8;
/// Number of waves from left to right.
const WAVES: f64 = 2.0;
/// Maximum height of a wave in pixels.
const MAX_WAVE_HEIGHT: i32 = 12;
/// Radius of a dot in pixels.
const DOT: std::ops::RangeInclusive<usize> = 2..=4;

/// The parameters that make the letters hard to read for a machine.
pub(super) struct Distortion {
    /// How many of 256 pixels are black at random.
    pub(super) noise: u8,
    /// Number of dots.
    pub(super) dots: usize,
}

/// A picture that is being drawn, row by row.
pub(super) struct Picture {
    width: usize,
    height: usize,
    is_ink: Vec<bool>,
    rng: ThreadRng,
}

impl Picture {
    /// Makes a white picture.
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, height, is_ink: vec![false; width * height], rng: rand::rng() }
    }

    /// Draws letters one after the other, centred.
    pub(super) fn draw_letters(&mut self, letters: &[&Shape]) {
        let length: usize = letters.iter().map(|letter| letter.width()).sum();
        let mut left = self.width.saturating_sub(length) / 2;
        for letter in letters {
            let top = self.height.saturating_sub(letter.rows().len()) / 2;
            for (y, row) in letter.rows().enumerate() {
                for (x, _) in row.iter().enumerate().filter(|(_, is_ink)| **is_ink) {
                    self.ink(left + x, top + y);
                }
            }
            left += letter.width();
        }
    }

    /// Adds noise, grid, wave and dots, in this order: the wave bends the grid too.
    pub(super) fn distort(&mut self, Distortion { noise, dots }: &Distortion) {
        let mut chance = vec![0; self.is_ink.len()];
        self.rng.fill_bytes(&mut chance);
        for (index, (is_ink, chance)) in self.is_ink.iter_mut().zip(chance).enumerate() {
            let (x, y) = (index % self.width, index / self.width);
            let is_grid = x.is_multiple_of(GRID) || y.is_multiple_of(GRID);
            *is_ink |= is_grid || chance < *noise;
        }
        self.wave();
        for _ in 0..*dots {
            self.draw_dot();
        }
    }

    /// Moves each column up or down.
    fn wave(&mut self) {
        let strength: f64 = self.rng.random_range(8.0..f64::from(MAX_WAVE_HEIGHT));
        let still = std::mem::replace(&mut self.is_ink, vec![false; self.width * self.height]);
        let width = f64::from(u32::try_from(self.width).unwrap_or(u32::MAX));
        for x in 0..self.width {
            let turn = f64::from(u32::try_from(x).unwrap_or_default()) / width;
            let up = (turn * TAU * WAVES).sin() * strength;
            let up = (-MAX_WAVE_HEIGHT..MAX_WAVE_HEIGHT).find(|pixels| f64::from(*pixels) >= up);
            let up = isize::try_from(up.unwrap_or(MAX_WAVE_HEIGHT)).unwrap_or_default();
            for y in 0..self.height {
                let from = y.checked_add_signed(up).filter(|row| *row < self.height);
                if from.and_then(|row| still.get(row * self.width + x)) == Some(&true) {
                    self.ink(x, y);
                }
            }
        }
    }

    /// Draws a dot at a random place.
    fn draw_dot(&mut self) {
        let (x, y) = (self.rng.random_range(0..self.width), self.rng.random_range(0..self.height));
        let radius = self.rng.random_range(DOT);
        for row in y.saturating_sub(radius)..=y + radius {
            for column in x.saturating_sub(radius)..=x + radius {
                let is_inside =
                    row.abs_diff(y).pow(2) + column.abs_diff(x).pow(2) < (radius + 1).pow(2);
                if is_inside {
                    self.ink(column, row);
                }
            }
        }
    }

    /// Makes a pixel black. Pixels outside of the picture are ignored.
    fn ink(&mut self, x: usize, y: usize) {
        let pixel = self.is_ink.get_mut(y * self.width + x).filter(|_| x < self.width);
        if let Some(is_ink) = pixel {
            *is_ink = true;
        }
    }

    /// Encodes the picture as a PNG of one bit per pixel, where zero is black.
    pub(super) fn png(&self) -> Result<Vec<u8>, EncodingError> {
        let size = |pixels| u32::try_from(pixels).unwrap_or_default();
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, size(self.width), size(self.height));
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        encoder.set_compression(Compression::Fast);
        let rows = self.is_ink.chunks_exact(self.width);
        let bytes: Vec<u8> = rows.flat_map(|row| row.chunks(8).map(packed)).collect();
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&bytes)?;
        writer.finish()?;
        Ok(png)
    }
}

/// Packs eight pixels, the leftmost into the highest bit. Missing ones are white.
fn packed(pixels: &[bool]) -> u8 {
    let is_white = |index: usize| !pixels.get(index).copied().unwrap_or_default();
    (0..8).fold(0, |bits, index| bits << 1 | u8::from(is_white(index)))
}
