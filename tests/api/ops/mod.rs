//! Metrics and log lines.

mod log_lines;
mod metrics;
