//! A puzzle said aloud, for whoever cannot see it: the clips of its characters one after the other, among noise.

mod clips;
mod mix;

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use self::{
    clips::{Clip, clips},
    mix::{Sound, hiss, wav},
};

/// Samples for one character: the longest clip at its slowest, and a pause.
const ROOM: usize = 12_800;
/// Samples for the silence before and after them all.
const EDGES: usize = 6_400;
/// Samples of silence at least, before and after every character.
const LEAST_PAUSE: usize = 800;
/// How fast a clip may be said, and so how high, in 1024ths of its own speed.
const SPEEDS: std::ops::RangeInclusive<usize> = 922..=1126;
/// How loud a character may be, of 128.
const LOUDNESS: std::ops::RangeInclusive<i32> = 84..=108;
/// What murmurs in the background: clips backwards, too fast or too slow.
const MURMUR_SPEEDS: std::ops::RangeInclusive<usize> = 700..=1500;
const MURMUR_LOUDNESS: std::ops::RangeInclusive<i32> = 11..=22;
const MURMURS: usize = 2;

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// "boy 的 B", as people spell aloud in Chinese.
    Chinese,
    /// "B, Bravo".
    English,
}

impl Voice {
    /// Its name, to tell two voices' seeds apart.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }
}

/// Says characters aloud: a WAV file, 8000 samples a second of eight bits.
///
/// Pace, pitch, loudness, pauses and background come from the seed: the same seed gives the same bytes, so
/// that asking twice gives nobody two recordings to lay over each other. The length tells how many
/// characters there are, and nothing else.
pub fn speak(voice: Voice, characters: &str, seed: [u8; 32]) -> Vec<u8> {
    let mut rng = StdRng::from_seed(seed);
    let clips = clips(voice);
    let said = said(clips, characters, &mut rng);
    let mut samples = hiss(length(said.len()), &mut rng);
    let murmured = (0..MURMURS).flat_map(|_| murmur(clips, samples.len(), &mut rng));
    for sound in murmured.collect::<Vec<_>>().iter().chain(&said) {
        sound.add_to(&mut samples);
    }
    wav(&samples)
}

/// Samples for so many characters.
fn length(characters: usize) -> usize {
    EDGES + ROOM * characters
}

/// The characters in their order, with pauses that chance deals out between them.
fn said(clips: &[Clip], characters: &str, rng: &mut StdRng) -> Vec<Sound> {
    let clip_of = |it: char| clips.iter().find(|(name, _)| *name == it.to_ascii_lowercase());
    let found = characters.chars().filter_map(clip_of);
    let mut sounds: Vec<_> = found
        .map(|(_, clip)| {
            let (speed, loudness) = (rng.random_range(SPEEDS), rng.random_range(LOUDNESS));
            Sound { samples: clip.to_vec(), start: 0, speed, loudness }
        })
        .collect();
    let spoken: usize = sounds.iter().map(Sound::length).sum();
    let least = LEAST_PAUSE * (sounds.len() + 1);
    let silence = length(sounds.len()).saturating_sub(spoken + least);
    let shares: Vec<usize> = (0..=sounds.len()).map(|_| rng.random_range(1..=100)).collect();
    let all: usize = shares.iter().sum();
    let mut at = 0;
    for (sound, share) in sounds.iter_mut().zip(&shares) {
        at += LEAST_PAUSE + silence * share / all;
        sound.start = at;
        at += sound.length();
    }
    sounds
}

/// One layer of background, from the beginning to the end.
fn murmur(clips: &[Clip], length: usize, rng: &mut StdRng) -> Vec<Sound> {
    let mut sounds: Vec<Sound> = Vec::new();
    let mut at = 0;
    while at < length {
        let any = clips.get(rng.random_range(0..clips.len().max(1)));
        let samples = any.map(|(_, clip)| clip.iter().rev().copied().collect()).unwrap_or_default();
        let (speed, loudness) =
            (rng.random_range(MURMUR_SPEEDS), rng.random_range(MURMUR_LOUDNESS));
        let sound = Sound { samples, start: at, speed, loudness };
        at += sound.length().max(1);
        sounds.push(sound);
    }
    sounds
}

#[cfg(test)]
mod tests;
