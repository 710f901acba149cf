//! Files and templates: those compiled in, and those of the operator.

pub mod embedded;
pub mod embedded_handler;
pub mod static_root;
pub mod static_root_handler;
pub mod templates;
