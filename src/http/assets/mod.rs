//! Files and templates: those compiled in, and those of the operator.

pub mod embedded;
pub mod embedded_handler;
mod icon;
pub mod static_root;
pub mod static_root_handler;
pub mod templates;
