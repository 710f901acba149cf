//! What was measured, as a table in Markdown.

use crate::drive::Measure;

/// A scenario and what it came to.
pub struct Row {
    pub name: &'static str,
    pub goal: &'static str,
    pub measure: Measure,
}

/// What an answer costs that does nothing, and one that does nothing but hash.
const BARE: [&str; 2] = ["bare JSON", "bare hash at 600 000"];

pub fn print(rows: &[Row]) {
    println!("| scenario | goal | CPU s / 1000 | × bare | requests/s | p99 ms |");
    println!("|---|---|---|---|---|---|");
    let of_bare = BARE.map(|bare| rows.iter().find(|it| it.name == bare));
    for Row { name, goal, measure } in rows {
        let bare = of_bare[usize::from(name.contains("600 000"))];
        let ratio = bare.map_or("–".to_owned(), |it| {
            format!("{:.2}", measure.cpu_per_1000() / it.measure.cpu_per_1000())
        });
        println!(
            "| {name}{} | {goal} | {:.4} | {ratio} | {:.0} | {:.2} |",
            failed(measure),
            measure.cpu_per_1000(),
            measure.per_second(),
            measure.p99(),
        );
    }
}

/// How many requests failed, if any did.
pub fn failed(measure: &Measure) -> String {
    match measure.failures {
        0 => String::new(),
        failures => format!(" ({failures} failed)"),
    }
}
