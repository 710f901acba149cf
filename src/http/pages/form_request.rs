//! Somebody on a page: the flows, the page's dress, who it is, and the request itself.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};

use super::view::View;
use crate::{errors::Error, flows::State, http::auth::client_context::ClientContext};

/// What every handler of a form needs.
pub struct FormRequest {
    /// The flows' state.
    pub state: Data<State>,
    /// Words and templates.
    pub view: View,
    /// Who it is.
    pub who: ClientContext,
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
                who: ClientContext::extract(&request).await?,
                request,
            })
        })
    }
}
