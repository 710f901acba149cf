use std::collections::BTreeSet;

use super::*;
use crate::domain::captcha::{CaptchaAnswer, Difficulty};

const VOICES: [Voice; 2] = [Voice::Chinese, Voice::English];
const HEADER: usize = 44;

fn seed(of: u8) -> [u8; 32] {
    [of; 32]
}

/// Returns where `speak` places the characters for the same seed.
fn places(voice: Voice, characters: &str, seed: [u8; 32]) -> Vec<Sound> {
    place_characters(clips(voice), characters, &mut StdRng::from_seed(seed))
}

/// Returns the correlation of two sounds, from -1 to 1.
fn likeness(one: impl Iterator<Item = i32>, other: impl Iterator<Item = i32>) -> f64 {
    let (mut product, mut of_one, mut of_other) = (0.0, 0.0, 0.0);
    for (one, other) in one.map(f64::from).zip(other.map(f64::from)) {
        product += one * other;
        of_one += one * one;
        of_other += other * other;
    }
    product / (of_one * of_other).sqrt()
}

/// Returns the character whose clip is most like the recording at a position, and the correlation.
fn heard_at(place: &Sound, voice: Voice, file: &[u8]) -> (char, f64) {
    let heard = || file.iter().skip(HEADER + place.start).map(|sample| i32::from(*sample) - 128);
    let alike = clips(voice).iter().map(|(name, clip)| {
        let clip = Sound { samples: clip.to_vec(), ..*place };
        // The longer of the two is not cut to the shorter: a word is not its beginning.
        let length = place.length().max(clip.length());
        let silence = std::iter::repeat(0);
        let (heard, clip) = (heard().take(length), clip.scaled_samples().chain(silence));
        (*name, likeness(heard, clip))
    });
    alike.max_by(|one, other| one.1.total_cmp(&other.1)).expect("clips")
}

#[test]
fn the_recording_has_the_characters_of_the_answer_in_order() {
    for (number, voice) in (0..20).flat_map(|number| VOICES.map(|voice| (number, voice))) {
        for difficulty in [Difficulty::Normal, Difficulty::Harder] {
            let answer = CaptchaAnswer::random(difficulty);
            let file = speak(voice, answer.as_str(), seed(number));
            let places = places(voice, answer.as_str(), seed(number));

            let heard: Vec<_> = places.iter().map(|place| heard_at(place, voice, &file)).collect();

            let characters: String = heard.iter().map(|found| found.0).collect();
            assert_eq!(characters, answer.as_str(), "{voice:?} {heard:?}");
            assert!(heard.iter().all(|found| found.1 > 0.6), "too much noise: {heard:?}");
            // The characters do not overlap.
            assert!(places.is_sorted_by(|one, next| one.start + one.length() < next.start));
        }
    }
}

#[test]
fn every_character_has_a_recording_and_no_two_are_equal() {
    let drawn: BTreeSet<char> = (0..2_000)
        .flat_map(|_| {
            CaptchaAnswer::random(Difficulty::Normal).as_str().chars().collect::<Vec<_>>()
        })
        .collect();
    for voice in VOICES {
        let names: BTreeSet<char> = clips(voice).iter().map(|clip| clip.0).collect();
        assert_eq!(names, drawn);
        for (name, clip) in clips(voice) {
            assert!((4_000..=10_000).contains(&clip.len()), "{name}: {} samples", clip.len());
            let place = Sound { samples: clip.to_vec(), start: 0, speed: 1024, loudness: 128 };
            let file: Vec<u8> = [0; HEADER].into_iter().chain(clip.iter().copied()).collect();
            let others: Vec<Clip> =
                clips(voice).iter().filter(|clip| clip.0 != *name).copied().collect();
            for (other, clip) in others {
                let shifted = [0, 100, 400, 800].map(|shift| {
                    let other = clip.iter().skip(shift).map(|sample| i32::from(*sample) - 128);
                    likeness(place.scaled_samples(), other)
                });
                let most = shifted.into_iter().fold(0.0, f64::max);
                assert!(most < 0.5, "{voice:?}: {name} and {other} are alike by {most}");
            }
            assert_eq!(heard_at(&place, voice, &file).0, *name);
        }
    }
}

#[test]
fn the_length_of_a_recording_depends_only_on_the_number_of_characters() {
    for (characters, voice) in ["3333", "nnnn", "wxyu"]
        .into_iter()
        .flat_map(|characters| VOICES.map(|voice| (characters, voice)))
    {
        let file = speak(voice, characters, seed(1));
        assert_eq!(file.len(), HEADER + 57_600, "{characters}");
        let last = places(voice, characters, seed(1)).pop().expect("a last one");
        assert!(last.start + last.length() <= 57_600, "{characters}");
        assert_eq!(file.get(..4), Some(b"RIFF".as_slice()));
    }
    let slowest =
        VOICES.iter().flat_map(|voice| clips(*voice)).map(|(_, clip)| clip.len() * 1024 / 922);
    assert!(slowest.max().expect("clips") + MIN_PAUSE < CHARACTER_LENGTH);
}

#[test]
fn recordings_differ_by_seed_and_are_reproducible() {
    let one = speak(Voice::English, "abcd", seed(1));

    assert_eq!(one, speak(Voice::English, "abcd", seed(1)));
    let other = speak(Voice::English, "abcd", seed(2));
    let around_zero = |file: &[u8]| -> Vec<i32> {
        file.iter().skip(HEADER).map(|sample| i32::from(*sample) - 128).collect()
    };
    let alike = likeness(around_zero(&one).into_iter(), around_zero(&other).into_iter());
    assert!(alike < 0.3, "{alike}");
    let starts = |of: u8| {
        places(Voice::English, "abcd", seed(of)).iter().map(|place| place.start).collect::<Vec<_>>()
    };
    assert_ne!(starts(1), starts(2));
}
