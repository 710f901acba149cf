//! What operators and their systems call: health, metrics, SMS receipts, shutdown.

pub mod health;
pub mod metrics;
pub mod shutdown;
pub mod sms_receipts;
