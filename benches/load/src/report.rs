//! What was measured, as a table in Markdown.

use crate::drive::Measure;

/// A scenario and what it came to.
pub struct Row {
    pub name: &'static str,
    pub goal: &'static str,
    pub measure: Measure,
}

pub fn print(rows: &[Row]) {
    println!("| scenario | goal | CPU s / 1000 | requests/s | p99 ms |");
    println!("|---|---|---|---|---|");
    for Row { name, goal, measure } in rows {
        println!(
            "| {name}{} | {goal} | {:.4} | {:.0} | {:.2} |",
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
