//! `/login`: number or name, and password.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::{
    form::FormPage,
    next,
    view::{View, see_other},
};
use crate::{
    errors::Error,
    flows::{State, sign_in::sign_in},
    http::{
        client::Who,
        input::{Fields, Form},
        inputs, session,
    },
};

const FIELDS: &[&str] = &["login", "password", "remember", "next"];

/// `GET /login`.
pub async fn get(view: View, request: HttpRequest) -> Result<HttpResponse, Error> {
    let mut page = FormPage::new("login.html", "login", &Fields::none(&view.web));
    page.typed.insert("next", next::of(request.query_string()));
    page.show(&view)
}

/// `POST /login`.
pub async fn post(
    state: Data<State>,
    view: View,
    who: Who,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    match enter(&state, &who, &fields).await {
        Ok(response) => Ok(response),
        Err(error) => FormPage::new("login.html", "password", &fields).show_failure(&view, &error),
    }
}

async fn enter(state: &State, who: &Who, fields: &Fields) -> Result<HttpResponse, Error> {
    let signed_in = sign_in(state, inputs::credentials(fields, FIELDS)?, &who.client).await?;
    session::start(&who.session, &signed_in)?;
    Ok(see_other(&next::path(fields.raw("next"))))
}
