//! Checks of the repository: layers, queries, messages, requirements, dependencies and examples of the documentation.

mod circles;
mod conformance;
mod curl_examples;
mod layers;
mod locales;
mod queries;
mod requirements;
mod supply;
