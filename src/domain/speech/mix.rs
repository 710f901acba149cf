//! Sounds, and how they are laid over each other. Numbers are whole: samples have eight bits.

use rand::{Rng as _, RngCore as _, rngs::StdRng};

/// Samples of a second.
const RATE: u32 = 8000;
/// A clip's own speed.
const OWN_SPEED: usize = 1024;
/// The sample that is silence; full loudness is as much above and below.
const MIDDLE: i32 = 128;
/// How loud the hiss may be, of 128, and for how many samples it stays so.
const HISS: std::ops::RangeInclusive<i32> = 4..=12;
const BREATH: usize = 1_000;

/// A clip at its place.
pub(super) struct Sound {
    /// Unsigned samples of eight bits.
    pub(super) samples: Vec<u8>,
    /// The sample it begins at.
    pub(super) start: usize,
    /// In 1024ths of its own.
    pub(super) speed: usize,
    /// Of 128.
    pub(super) loudness: i32,
}

impl Sound {
    /// Samples it takes at its speed.
    pub(super) fn length(&self) -> usize {
        self.samples.len() * OWN_SPEED / self.speed.max(1)
    }

    /// Its samples at its speed and loudness, around zero.
    pub(super) fn heard(&self) -> impl Iterator<Item = i32> {
        (0..self.length()).map(|index| {
            let at = index * self.speed;
            let between = i32::try_from(at % OWN_SPEED).unwrap_or(0);
            let (here, next) = (self.sample(at / OWN_SPEED), self.sample(at / OWN_SPEED + 1));
            (here + (next - here) * between / 1024) * self.loudness / MIDDLE
        })
    }

    /// Adds it to what else is to be heard.
    pub(super) fn add_to(&self, mix: &mut [i32]) {
        for (sample, heard) in mix.iter_mut().skip(self.start).zip(self.heard()) {
            *sample += heard;
        }
    }

    fn sample(&self, index: usize) -> i32 {
        self.samples.get(index).map_or(0, |it| i32::from(*it) - MIDDLE)
    }
}

/// Noise that swells and fades.
pub(super) fn hiss(length: usize, rng: &mut StdRng) -> Vec<i32> {
    let mut bytes = vec![0; length];
    rng.fill_bytes(&mut bytes);
    let breaths = bytes.chunks(BREATH);
    let loud = breaths.map(|it| (it, rng.random_range(HISS)));
    let loud = loud.flat_map(|(breath, loudness)| breath.iter().map(move |it| (it, loudness)));
    loud.map(|(it, loudness)| (i32::from(*it) - MIDDLE) * loudness / MIDDLE).collect()
}

/// A WAV file of one channel.
pub(super) fn wav(samples: &[i32]) -> Vec<u8> {
    let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let mut file = Vec::with_capacity(44 + samples.len());
    file.extend(b"RIFF");
    file.extend(length.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // Plain samples, one channel, so many a second, as many bytes, one a sample, of eight bits.
    file.extend([1, 0, 1, 0]);
    file.extend(RATE.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    file.extend([1, 0, 8, 0]);
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    let byte = |it: &i32| u8::try_from((it + MIDDLE).clamp(0, 255)).unwrap_or(0);
    file.extend(samples.iter().map(byte));
    file
}
