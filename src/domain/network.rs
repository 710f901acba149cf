//! The networks that an address belongs to.

use std::net::{IpAddr, Ipv6Addr};

/// The two ranges that an address is limited under (R31).
///
/// A person with one IPv6 address usually has its whole /64, so that is the range of the client; the /48 around it is
/// the subnet. With IPv4 they are the address and its /24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    subnet: IpAddr,
    client: IpAddr,
}

impl Network {
    /// Returns the networks of an address. IPv4 mapped to IPv6 counts as IPv4.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Self { subnet: [a, b, c, 0].into(), client: address.into() }
            }
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self {
                    subnet: Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into(),
                    client: Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into(),
                }
            }
        }
    }

    /// Returns the subnet as text.
    pub fn subnet(&self) -> String {
        let bits = if self.is_v4() { 24 } else { 48 };
        format!("{}/{bits}", self.subnet)
    }

    /// Returns the range of one client as text: an IPv4 address, or an IPv6 /64.
    pub fn client_range(&self) -> String {
        if self.is_v4() { self.client.to_string() } else { format!("{}/64", self.client) }
    }

    /// Returns how many /24 the subnet counts as: a /48 is given to whole companies.
    pub fn quota_factor(&self) -> u32 {
        if self.is_v4() { 1 } else { 4 }
    }

    fn is_v4(&self) -> bool {
        self.subnet.is_ipv4()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(address: &str) -> (String, String) {
        let network = Network::of(address.parse().unwrap());
        (network.client_range(), network.subnet())
    }

    #[test]
    fn an_ipv4_client_is_its_address_and_its_subnet_a_24() {
        assert_eq!(names("203.0.113.7"), ("203.0.113.7".to_owned(), "203.0.113.0/24".to_owned()));
        assert_eq!(names("::ffff:203.0.113.7"), names("203.0.113.7"));
    }

    #[test]
    fn an_ipv6_client_is_its_64_and_its_subnet_a_48() {
        let one = names("2001:db8:1:2::3");

        assert_eq!(one, ("2001:db8:1:2::/64".to_owned(), "2001:db8:1::/48".to_owned()));
        assert_eq!(names("2001:db8:1:2:ffff::9"), one);
        assert_ne!(names("2001:db8:1:3::3").0, one.0);
        assert_eq!(names("2001:db8:1:3::3").1, one.1);
    }
}
