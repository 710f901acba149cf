//! Faces.

mod registration;
