//! Reads the metrics of a server as Prometheus does.

use std::{collections::BTreeSet, time::Duration};

use crate::{app::TestApp, client::client};

/// All metrics of a server at one moment.
pub struct Scrape {
    pub text: String,
}

impl Scrape {
    pub async fn of(app: &TestApp) -> Self {
        let url = app.metrics.as_ref().expect("metrics are served");
        let client = client(Duration::from_secs(30));
        let response = client.get(url).send().await.expect("an answer");
        assert!(response.status().is_success(), "{response:?}");
        let kind = response.headers()["content-type"].to_str().expect("a text").to_owned();
        assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
        let text = response.text().await.expect("a text");
        assert!(text.ends_with("# EOF\n"), "{text}");
        Self { text }
    }

    pub fn samples(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter(|line| !line.starts_with('#'))
    }

    /// Returns the value of a sample, which is given with its labels; 0 if it does not exist.
    pub fn value(&self, sample: &str) -> f64 {
        let value = self.samples().find_map(|text| text.strip_prefix(sample)?.strip_prefix(' '));
        value.map_or(0.0, |text| text.parse().expect("a number"))
    }

    #[track_caller]
    pub fn assert(&self, sample: &str, value: f64) {
        let found = self.value(sample);
        assert!((found - value).abs() < 0.5, "{sample} is {found}, not {value}:\n{}", self.text);
    }

    pub fn names(&self) -> BTreeSet<String> {
        self.samples().map(|sample| word(sample).to_owned()).collect()
    }
}

pub fn word(text: &str) -> &str {
    text.split(|part: char| !part.is_ascii_lowercase() && part != '_').next().unwrap_or_default()
}
