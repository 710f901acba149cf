//! Files and templates: those compiled in, and those of the operator.

pub mod embedded;
pub mod static_root;
pub mod templates;
