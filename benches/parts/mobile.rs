//! Parsing numbers: common and rare spellings, a foreign one, and an invalid one.

use criterion::Criterion;
use haoma::domain::mobile::Mobile;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("number");
    for (name, text) in [
        ("mainland", "13800138000"),
        ("mainland, spelled out", "+86 138-0013-8000"),
        ("abroad", "+852 5123 4567"),
        ("malformed", "12345678901"),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| Mobile::parse(text)));
    }
    group.finish();
}
