//! Endpoints for operators and vendors (health, metrics, SMS receipts), and the graceful shutdown.

pub mod health;
pub mod metrics;
pub mod shutdown;
pub mod sms_receipts;
