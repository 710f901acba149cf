//! The layers that every request passes through before and after its handler.

pub mod access_log;
pub mod connection_limit;
pub(crate) mod cors;
pub mod error_response;
pub mod head_limits;
pub mod origin;
pub mod own_origin;
pub(crate) mod security_headers;
pub mod timeout;

use actix_web::{
    App, Error as ActixError,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web::Data,
};

use super::{
    auth::{bearer, current_session, duplicate_cookies, session_cookie, session_store},
    state::WebState,
};
use crate::flows::State;

/// Builds an app with all layers and without routes.
pub fn app(
    state: &Data<State>,
    web: &Data<WebState>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = ActixError,
        InitError = (),
    > + use<>,
> {
    // The layers are listed from the innermost to the outermost: a request meets the last one first.
    App::new()
        .app_data(state.clone())
        .app_data(web.clone())
        // Looks up the session of the key, unless one of the three layers above has done so.
        .wrap(from_fn(current_session::load_session))
        // actix-session: reads the key out of the session cookie, and sets or deletes the cookie in the answer.
        .wrap(session_store::session_middleware(web))
        // Signs a cookie again that an older `SECRET_KEY` has signed, and adds `Max-Age`.
        .wrap(from_fn(session_cookie::session_cookie))
        // Leaves one session cookie, or none, of several.
        .wrap(from_fn(duplicate_cookies::duplicate_cookies))
        // Looks up the session of a bearer token, and removes the cookies beside it.
        .wrap(from_fn(bearer::bearer_token))
        // Finishes the work even if the client hangs up, limits its time, and catches panics.
        .wrap(from_fn(timeout::run_detached))
        // Refuses unknown hosts, plain http, and unsafe requests from other sites.
        .wrap(from_fn(origin::check_origin))
        // Turns errors into answers, and adds the headers and the log line of every answer.
        .wrap(from_fn(error_response::error_response))
}
