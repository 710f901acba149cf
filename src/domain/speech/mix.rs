//! Mixes sounds. The arithmetic is in integers, since samples have eight bits.

use rand::{Rng as _, RngCore as _, rngs::StdRng};

/// Samples per second.
const RATE: u32 = 8000;
/// The speed at which a clip plays unchanged.
const OWN_SPEED: usize = 1024;
/// The sample value of silence. Full volume reaches as far above and below.
const MIDDLE: i32 = 128;
/// Volume of the noise, of 128, and the number of samples until it changes.
const NOISE_VOLUME: std::ops::RangeInclusive<i32> = 4..=12;
const NOISE_SEGMENT_LENGTH: usize = 1_000;

/// A clip at a position in the recording.
pub(super) struct Sound {
    /// Unsigned 8-bit samples.
    pub(super) samples: Vec<u8>,
    /// The position of its first sample.
    pub(super) start: usize,
    /// The speed in 1024ths of the clip's own.
    pub(super) speed: usize,
    /// The volume, of 128.
    pub(super) loudness: i32,
}

impl Sound {
    /// Returns the number of samples at its speed.
    pub(super) fn length(&self) -> usize {
        self.samples.len() * OWN_SPEED / self.speed.max(1)
    }

    /// Returns its samples at its speed and volume, around zero.
    pub(super) fn scaled_samples(&self) -> impl Iterator<Item = i32> {
        (0..self.length()).map(|index| {
            let at = index * self.speed;
            let between = i32::try_from(at % OWN_SPEED).unwrap_or(0);
            let (here, next) = (self.sample(at / OWN_SPEED), self.sample(at / OWN_SPEED + 1));
            (here + (next - here) * between / 1024) * self.loudness / MIDDLE
        })
    }

    /// Adds it to the mix.
    pub(super) fn add_to(&self, mix: &mut [i32]) {
        for (sample, added) in mix.iter_mut().skip(self.start).zip(self.scaled_samples()) {
            *sample += added;
        }
    }

    fn sample(&self, index: usize) -> i32 {
        self.samples.get(index).map_or(0, |sample| i32::from(*sample) - MIDDLE)
    }
}

/// Returns noise of varying volume.
pub(super) fn noise(length: usize, rng: &mut StdRng) -> Vec<i32> {
    let mut bytes = vec![0; length];
    rng.fill_bytes(&mut bytes);
    let segments = bytes.chunks(NOISE_SEGMENT_LENGTH);
    let loud = segments.map(|segment| (segment, rng.random_range(NOISE_VOLUME)));
    let loud =
        loud.flat_map(|(segment, loudness)| segment.iter().map(move |sample| (sample, loudness)));
    loud.map(|(sample, loudness)| (i32::from(*sample) - MIDDLE) * loudness / MIDDLE).collect()
}

/// Encodes a WAV file with one channel.
pub(super) fn wav(samples: &[i32]) -> Vec<u8> {
    let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let mut file = Vec::with_capacity(44 + samples.len());
    file.extend(b"RIFF");
    file.extend(length.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    // PCM, one channel, samples per second, bytes per second, one byte per sample, eight bits.
    file.extend([1, 0, 1, 0]);
    file.extend(RATE.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    file.extend([1, 0, 8, 0]);
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    let byte = |sample: &i32| u8::try_from((sample + MIDDLE).clamp(0, 255)).unwrap_or(0);
    file.extend(samples.iter().map(byte));
    file
}
