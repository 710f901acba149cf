//! What was measured, as a table in Markdown.

use crate::scenarios::Row;

pub fn print(rows: &[Row]) {
    println!("| scenario | goal | CPU s / 1000 | requests/s | p99 ms |");
    println!("|---|---|---|---|---|");
    for Row { name, goal, measure } in rows {
        let failed = match measure.failures {
            0 => String::new(),
            failures => format!(" ({failures} failed)"),
        };
        println!(
            "| {name}{failed} | {goal} | {:.4} | {:.0} | {:.2} |",
            measure.cpu_per_1000(),
            measure.per_second(),
            measure.p99(),
        );
    }
}
