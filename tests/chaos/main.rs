//! Outages: stores, disks, proxies and instances fail while people use the service.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod deploy_files;
mod outage_mid_request;
mod store_outages;
mod under_load;
