//! Reads a captcha aloud, for people who cannot see it: the recordings of its characters one after the other, with
//! noise.

mod clips;
mod mix;

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use self::{
    clips::{Clip, clips},
    mix::{Sound, noise, wav},
};

/// Number of samples for one character: the longest clip at the lowest speed, and a pause.
const CHARACTER_LENGTH: usize = 12_800;
/// Number of samples for the silence at the beginning and the end.
const EDGE_SILENCE: usize = 6_400;
/// Minimum silence before and after every character, in samples.
const MIN_PAUSE: usize = 800;
/// The speeds of a clip, in 1024ths of its own. The pitch changes with it.
const SPEEDS: std::ops::RangeInclusive<usize> = 922..=1126;
/// The volume of a character, of 128.
const LOUDNESS: std::ops::RangeInclusive<i32> = 84..=108;
/// The speeds of the background, which is clips played backwards, too fast or too slow.
const BACKGROUND_SPEEDS: std::ops::RangeInclusive<usize> = 700..=1500;
const BACKGROUND_LOUDNESS: std::ops::RangeInclusive<i32> = 11..=22;
const BACKGROUND_LAYERS: usize = 2;

/// The voice of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// "boy 的 B", as people spell aloud in Chinese.
    Chinese,
    /// "B, Bravo".
    English,
}

impl Voice {
    /// Returns the name, which makes the seeds of two voices differ.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }
}

/// Returns the characters as a WAV file of 8-bit samples at 8000 per second.
///
/// Speed, pitch, volume, pauses and background are derived from the seed. The same seed gives the same bytes, so asking
/// twice does not give two recordings to compare. The length reveals the number of characters and nothing else.
pub fn speak(voice: Voice, characters: &str, seed: [u8; 32]) -> Vec<u8> {
    let mut rng = StdRng::from_seed(seed);
    let clips = clips(voice);
    let said = place_characters(clips, characters, &mut rng);
    let mut samples = noise(length(said.len()), &mut rng);
    let backgrounds =
        (0..BACKGROUND_LAYERS).flat_map(|_| background(clips, samples.len(), &mut rng));
    for sound in backgrounds.collect::<Vec<_>>().iter().chain(&said) {
        sound.add_to(&mut samples);
    }
    wav(&samples)
}

/// Returns the number of samples for a number of characters.
fn length(characters: usize) -> usize {
    EDGE_SILENCE + CHARACTER_LENGTH * characters
}

/// Places the characters in their order, with random pauses between them.
fn place_characters(clips: &[Clip], characters: &str, rng: &mut StdRng) -> Vec<Sound> {
    let clip_of =
        |character: char| clips.iter().find(|(name, _)| *name == character.to_ascii_lowercase());
    let found = characters.chars().filter_map(clip_of);
    let mut sounds: Vec<_> = found
        .map(|(_, clip)| {
            let (speed, loudness) = (rng.random_range(SPEEDS), rng.random_range(LOUDNESS));
            Sound { samples: clip.to_vec(), start: 0, speed, loudness }
        })
        .collect();
    let spoken: usize = sounds.iter().map(Sound::length).sum();
    let least = MIN_PAUSE * (sounds.len() + 1);
    let silence = length(sounds.len()).saturating_sub(spoken + least);
    let shares: Vec<usize> = (0..=sounds.len()).map(|_| rng.random_range(1..=100)).collect();
    let all: usize = shares.iter().sum();
    let mut at = 0;
    for (sound, share) in sounds.iter_mut().zip(&shares) {
        at += MIN_PAUSE + silence * share / all;
        sound.start = at;
        at += sound.length();
    }
    sounds
}

/// Returns one layer of background for the whole recording.
fn background(clips: &[Clip], length: usize, rng: &mut StdRng) -> Vec<Sound> {
    let mut sounds: Vec<Sound> = Vec::new();
    let mut at = 0;
    while at < length {
        let any = clips.get(rng.random_range(0..clips.len().max(1)));
        let samples = any.map(|(_, clip)| clip.iter().rev().copied().collect()).unwrap_or_default();
        let (speed, loudness) =
            (rng.random_range(BACKGROUND_SPEEDS), rng.random_range(BACKGROUND_LOUDNESS));
        let sound = Sound { samples, start: at, speed, loudness };
        at += sound.length().max(1);
        sounds.push(sound);
    }
    sounds
}

#[cfg(test)]
mod tests;
