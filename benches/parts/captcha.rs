//! Drawing a captcha, from its letters to its PNG, which is one public function.

use criterion::Criterion;
use haoma::domain::{
    captcha::{CaptchaAnswer, Colors, Difficulty, Letters},
    color::Color,
};

pub(crate) fn bench(criterion: &mut Criterion) {
    let letters = Letters::load().expect("a font");
    let colors = Colors { ink: Color::BLACK, card: Color::WHITE };
    let mut group = criterion.benchmark_group("captcha");
    for (name, difficulty) in [("usual", Difficulty::Normal), ("harder", Difficulty::Harder)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                CaptchaAnswer::random(difficulty).draw(&letters, colors).expect("a picture")
            });
        });
    }
    group.finish();
}
