//! Whom a request is counted for.

use super::{device::DeviceId, network::Network};

/// Who asked: the device if the client named one, else the network of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requester {
    /// A device that keeps an id of ours.
    Device(DeviceId),
    /// Everybody at one IPv4 address or in one IPv6 /64.
    Network(Network),
}

impl Requester {
    /// Returns a text for keys of the kv store. It has no slash and no brace.
    pub fn key(&self) -> String {
        match self {
            Self::Device(id) => format!("device-{}", id.to_hex()),
            Self::Network(network) => network.client_range().replace('/', "-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(address: &str) -> String {
        Requester::Network(Network::of(address.parse().unwrap())).key()
    }

    #[test]
    fn a_key_names_the_device_or_the_network_of_one_person() {
        let id = DeviceId::random();

        assert_eq!(Requester::Device(id).key(), format!("device-{}", id.to_hex()));
        assert_eq!(key_of("203.0.113.7"), "203.0.113.7");
        assert_eq!(key_of("2001:db8:1:2::3"), "2001:db8:1:2::-64");
    }
}
