//! Files and templates: those compiled in, and those of the operator.

mod compact;
pub mod embedded;
pub mod embedded_handler;
mod icon;
mod script;
pub mod static_root;
pub mod static_root_handler;
pub mod templates;
