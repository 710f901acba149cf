//! Drawing a captcha, from its letters to its PNG, which is one public function.

use criterion::Criterion;
use haoma::domain::captcha::{CaptchaAnswer, Difficulty, Letters};

pub(crate) fn bench(criterion: &mut Criterion) {
    let letters = Letters::load().expect("a font");
    let mut group = criterion.benchmark_group("captcha");
    for (name, difficulty) in [("usual", Difficulty::Normal), ("harder", Difficulty::Harder)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| CaptchaAnswer::random(difficulty).draw(&letters).expect("a picture"));
        });
    }
    group.finish();
}
