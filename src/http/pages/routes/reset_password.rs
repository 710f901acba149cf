//! `/reset-password`: number, captcha, SMS code, new password; then sign in.

use actix_web::HttpResponse;

use crate::{
    domain::purpose::Purpose,
    errors::Error,
    http::{
        pages::{
            code_form::CodeForm, done::Done, form::LOGIN_AFTER_RESET, form_request::FormRequest,
            form_template::FormTemplate, next,
        },
        request::{bodies, body::Form, fields::Fields, idempotency},
    },
};

const FORM: CodeForm = CodeForm::new(FormTemplate::ResetPassword, Purpose::Reset);

/// `GET /reset-password`.
pub async fn get(form_request: FormRequest) -> Result<HttpResponse, Error> {
    FORM.get(&form_request, None).await
}

/// `POST /reset-password`; the person then signs in with the new password (R76).
pub async fn post(form_request: FormRequest, Form(fields): Form) -> Result<HttpResponse, Error> {
    let fields = fields.of_form(FORM.template.properties().fields);
    FORM.post(&form_request, &fields, async || finish(&form_request, &fields).await).await
}

async fn finish(
    FormRequest { state, view, context, .. }: &FormRequest,
    fields: &Fields,
) -> Result<HttpResponse, Error> {
    let reset = bodies::password_reset(&view.web.parser, fields)?;
    let client = context.client()?;
    let work = || idempotency::reset(state, &view.web, fields, reset.clone(), client);
    idempotency::wait_for_first(work).await?;
    let page = next::onto(&view.web.http.sites, LOGIN_AFTER_RESET, fields.raw("next"));
    Done::PasswordReset.redirect_to(&view.web, &page)
}
