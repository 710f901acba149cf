//! Prints measurements as a table in Markdown.

use crate::drive::Measure;

/// A scenario and its measurement.
pub struct Row {
    pub name: &'static str,
    pub goal: &'static str,
    pub measure: Measure,
}

pub fn print(rows: &[Row]) {
    println!("| scenario | goal | CPU s / 1000 | × bare | requests/s | p99 ms |");
    println!("|---|---|---|---|---|---|");
    for Row { name, goal, measure } in rows {
        let limit = limit_of(name);
        let bare = rows.iter().find(|row| row.name == limit);
        let ratio = bare.map_or("–".to_owned(), |reference| {
            format!("{:.2}", measure.cpu_per_1000() / reference.measure.cpu_per_1000())
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

/// Returns the minimal scenario to compare with: a bare answer, or a hash at the same cost.
fn limit_of(scenario: &str) -> &'static str {
    if scenario.ends_with("hash at 600 000") { "bare hash at 600 000" } else { "bare JSON" }
}

/// Says how many requests failed, if any did.
pub fn failed(measure: &Measure) -> String {
    match measure.failures {
        0 => String::new(),
        failures => format!(" ({failures} failed)"),
    }
}
