//! Faces.

mod by_code;
mod registration;
