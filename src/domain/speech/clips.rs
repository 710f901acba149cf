//! The recordings of each character in every language, made by `scripts/speech`.

use super::Voice;

/// A character and its recording: unsigned 8-bit samples at 8000 per second.
pub(super) type Clip = (char, &'static [u8]);

const ENGLISH: [Clip; 20] = [
    ('3', include_bytes!("../../../static/speech/en/3.u8")),
    ('4', include_bytes!("../../../static/speech/en/4.u8")),
    ('7', include_bytes!("../../../static/speech/en/7.u8")),
    ('a', include_bytes!("../../../static/speech/en/a.u8")),
    ('b', include_bytes!("../../../static/speech/en/b.u8")),
    ('c', include_bytes!("../../../static/speech/en/c.u8")),
    ('d', include_bytes!("../../../static/speech/en/d.u8")),
    ('e', include_bytes!("../../../static/speech/en/e.u8")),
    ('h', include_bytes!("../../../static/speech/en/h.u8")),
    ('k', include_bytes!("../../../static/speech/en/k.u8")),
    ('m', include_bytes!("../../../static/speech/en/m.u8")),
    ('n', include_bytes!("../../../static/speech/en/n.u8")),
    ('p', include_bytes!("../../../static/speech/en/p.u8")),
    ('r', include_bytes!("../../../static/speech/en/r.u8")),
    ('t', include_bytes!("../../../static/speech/en/t.u8")),
    ('u', include_bytes!("../../../static/speech/en/u.u8")),
    ('v', include_bytes!("../../../static/speech/en/v.u8")),
    ('w', include_bytes!("../../../static/speech/en/w.u8")),
    ('x', include_bytes!("../../../static/speech/en/x.u8")),
    ('y', include_bytes!("../../../static/speech/en/y.u8")),
];

const CHINESE: [Clip; 20] = [
    ('3', include_bytes!("../../../static/speech/zh/3.u8")),
    ('4', include_bytes!("../../../static/speech/zh/4.u8")),
    ('7', include_bytes!("../../../static/speech/zh/7.u8")),
    ('a', include_bytes!("../../../static/speech/zh/a.u8")),
    ('b', include_bytes!("../../../static/speech/zh/b.u8")),
    ('c', include_bytes!("../../../static/speech/zh/c.u8")),
    ('d', include_bytes!("../../../static/speech/zh/d.u8")),
    ('e', include_bytes!("../../../static/speech/zh/e.u8")),
    ('h', include_bytes!("../../../static/speech/zh/h.u8")),
    ('k', include_bytes!("../../../static/speech/zh/k.u8")),
    ('m', include_bytes!("../../../static/speech/zh/m.u8")),
    ('n', include_bytes!("../../../static/speech/zh/n.u8")),
    ('p', include_bytes!("../../../static/speech/zh/p.u8")),
    ('r', include_bytes!("../../../static/speech/zh/r.u8")),
    ('t', include_bytes!("../../../static/speech/zh/t.u8")),
    ('u', include_bytes!("../../../static/speech/zh/u.u8")),
    ('v', include_bytes!("../../../static/speech/zh/v.u8")),
    ('w', include_bytes!("../../../static/speech/zh/w.u8")),
    ('x', include_bytes!("../../../static/speech/zh/x.u8")),
    ('y', include_bytes!("../../../static/speech/zh/y.u8")),
];

/// Returns the recordings of a voice.
pub(super) fn clips(voice: Voice) -> &'static [Clip] {
    match voice {
        Voice::Chinese => &CHINESE,
        Voice::English => &ENGLISH,
    }
}
