//! A device that is known to an account, as its owner sees it in a list.

use serde::Serialize;

use super::{device::device_name, envelope::timestamp};
use crate::{domain::device::DeviceId, stores::tables::known_devices::ListedDevice};

/// The JSON of a known device.
#[derive(Debug, Serialize)]
pub struct KnownDeviceData {
    id: String,
    device: String,
    last_used_at: String,
    current: bool,
}

impl KnownDeviceData {
    /// Lists devices with the current one first. `translate` names them in the reader's language.
    pub fn list(
        devices: &[ListedDevice],
        current: Option<DeviceId>,
        translate: &dyn Fn(&str) -> String,
    ) -> Vec<Self> {
        let current = current.map(|device| device.hash());
        let data = |device: &ListedDevice| Self {
            id: device.id.clone(),
            device: device_name(&device.user_agent, translate),
            last_used_at: timestamp(device.last_used_at),
            current: Some(&device.id) == current.as_ref(),
        };
        let mut list: Vec<_> = devices.iter().map(data).collect();
        list.sort_by_key(|device| !device.current);
        list
    }
}
