//! `/reset-password`: number, captcha, SMS code, new password; then sign in.

use actix_web::HttpResponse;

use super::{
    code_form::{self, CodeForm},
    next,
    view::see_other,
    visit::Visit,
};
use crate::{
    domain::purpose::Purpose,
    errors::Error,
    http::{
        idempotency,
        input::{Fields, Form},
        inputs,
    },
};

const FORM: CodeForm = CodeForm {
    template: "reset_password.html",
    path: "/reset-password",
    purpose: Purpose::Reset,
    fields: code_form::CODE_AND_PASSWORD,
};

/// `GET /reset-password`.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    FORM.get(&visit).await
}

/// `POST /reset-password`; the person then signs in with the new password (R76).
pub async fn post(visit: Visit, Form(fields): Form) -> Result<HttpResponse, Error> {
    FORM.post(&visit, &fields, async || finish(&visit, &fields).await).await
}

async fn finish(
    Visit { state, view, who, .. }: &Visit,
    fields: &Fields,
) -> Result<HttpResponse, Error> {
    let reset = inputs::password_reset(fields, FORM.fields)?;
    let client = who.client()?;
    let work = || idempotency::reset(state, &view.web, fields, reset.clone(), client);
    idempotency::patiently(work).await?;
    Ok(see_other(&next::onto("/login?done=reset", fields.raw("next"))))
}
