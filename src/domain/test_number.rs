//! Test numbers: they are never texted and have a configured code, for reviewers of app stores and for test systems,
//! for a limited time.

use chrono::{Days, NaiveDate};

use super::{mobile::Mobile, sms_code::SmsCode};

/// Maximum duration, since test numbers are easily forgotten (R28).
const MAX_DAYS: Days = Days::new(90);

/// A test number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestNumber {
    /// The number.
    pub mobile: Mobile,
    /// Its code.
    pub code: SmsCode,
    /// The last day on which it is a test number (UTC).
    pub ends_on: NaiveDate,
}

impl TestNumber {
    /// Reads a list like `13800000000:123456@2027-01-31`. Returns `None` if one ends later than in 90 days.
    pub fn parse_list(text: &str, today: NaiveDate) -> Option<Vec<Self>> {
        text.split(',').map(|entry| Self::parse(entry.trim(), today)).collect()
    }

    fn parse(text: &str, today: NaiveDate) -> Option<Self> {
        let (mobile, rest) = text.split_once(':')?;
        let (code, end) = rest.split_once('@')?;
        let ends_on = NaiveDate::parse_from_str(end, "%Y-%m-%d").ok()?;
        let is_near = ends_on <= today.checked_add_days(MAX_DAYS)?;
        let (mobile, code) = (Mobile::parse(mobile).ok()?, SmsCode::parse(code).ok()?);
        is_near.then_some(Self { mobile, code, ends_on })
    }

    /// Returns whether it is still a test number.
    pub fn is_active(&self, today: NaiveDate) -> bool {
        today <= self.ends_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_list_has_numbers_codes_and_ends_within_ninety_days() {
        let today = day("2026-11-02");

        let list = "13800000000:123456@2027-01-31, +8613900000000:000000@2026-11-02";
        let list = TestNumber::parse_list(list, today).unwrap();

        assert_eq!(list.len(), 2);
        assert!(list.iter().all(|number| number.is_active(today)));
        assert!(!list[1].is_active(day("2026-11-03")));
        for text in [
            "",
            "13800000000:123456",
            "13800000000:123456@2027-02-01",
            "13800000000:12345@2027-01-31",
            "1380000000:123456@2027-01-31",
            "13800000000:123456@31.1.2027",
            "13800000000:123456@2027-01-31,",
        ] {
            assert_eq!(TestNumber::parse_list(text, today), None, "{text}");
        }
    }
}
