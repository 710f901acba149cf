//! The quotas of a number that a message can count against.

use super::device::DeviceId;

/// The quota of a number that a message counts against.
///
/// Known devices have quotas of their own, so that strangers who use up that of the number leave them as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmsQuota {
    /// That of the number, for everybody.
    Number,
    /// That of a device that the account of the number knows, by the device's digits.
    Device(String),
    /// The reserve, which has a price.
    Reserve,
}

/// Stands before the digits of a device.
const DEVICE: &str = "device-";

impl SmsQuota {
    /// Returns the quota of a known device.
    pub fn of_device(device: &DeviceId) -> Self {
        // 64 bits tell the few devices of one number apart.
        Self::Device(device.hash().chars().take(16).collect())
    }

    /// Returns the text that the SMS log stores.
    pub fn to_text(&self) -> String {
        match self {
            Self::Number => "number".to_owned(),
            Self::Device(digits) => format!("{DEVICE}{digits}"),
            Self::Reserve => "reserve".to_owned(),
        }
    }

    /// Reads the text of [`to_text`](Self::to_text). Any other text is the quota of the number, the strictest one.
    pub fn from_stored(text: &str) -> Self {
        match text.strip_prefix(DEVICE) {
            Some(digits) => Self::Device(digits.to_owned()),
            None if text == "reserve" => Self::Reserve,
            None => Self::Number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_read_from_its_own_text() {
        let device = SmsQuota::of_device(&DeviceId::random());
        for quota in [SmsQuota::Number, device, SmsQuota::Reserve] {
            assert!(quota.to_text().len() <= 24, "the length of the column");
            assert_eq!(SmsQuota::from_stored(&quota.to_text()), quota);
        }
    }
}
