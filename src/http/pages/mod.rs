//! Pages for people. Each works without JavaScript.

pub mod code_form;
pub mod done;
pub mod form;
pub mod form_again;
pub mod form_request;
pub mod form_template;
pub mod message;
pub mod next;
pub mod refusal;
mod rendered_form;
pub mod rough_duration;
pub mod routes;
pub mod site_context;
pub mod template_check;
pub mod view;
