//! The extractor of the handlers of forms.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};

use super::view::View;
use crate::{errors::Error, flows::State, http::auth::client_context::ClientContext};

/// Everything that a handler of a form needs, as one extractor.
pub struct FormRequest {
    /// The state of the flows.
    pub state: Data<State>,
    /// The view that renders the page.
    pub view: View,
    /// The client that sent the request, and its session cookie.
    pub context: ClientContext,
    /// The request.
    pub request: HttpRequest,
}

impl FromRequest for FormRequest {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = request.app_data::<Data<State>>().cloned();
            Ok(Self {
                state: state.ok_or_else(|| Error::internal("no state"))?,
                view: View::extract(&request).await?,
                context: ClientContext::extract(&request).await?,
                request,
            })
        })
    }
}
