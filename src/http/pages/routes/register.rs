//! `/register`: number, captcha, SMS code, and a password if the person or the operator wants one. It is one form, which
//! scripts show step by step.

use actix_web::HttpResponse;

use crate::{
    domain::{mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    errors::Error,
    http::{
        auth::{pending_cookie, viewer::Viewer},
        pages::{
            code_form::CodeForm, done::Done, form::FormPage, form_again, form_request::FormRequest,
            form_template::FormTemplate, next, view::see_other,
        },
        request::{bodies, body::Form, fields::Fields, idempotency},
    },
};

const FORM: CodeForm = CodeForm::new(FormTemplate::Register, Purpose::Register);

/// `GET /register`. A browser that comes from a sign-in by SMS code has verified the number already.
pub async fn get(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    let Some((mobile, _)) =
        pending_cookie::verified_mobile(&form_request.view.web, &form_request.request)
    else {
        return FORM.get(&form_request, viewer.ok()).await;
    };
    let FormRequest { view, request, .. } = &form_request;
    if let Some(answer) = form_again::answer_to_get(view, request, FORM.template) {
        return answer;
    }
    let mut page = verified(&mobile, &Fields::default());
    page.typed.insert("next", next::of(form_request.request.query_string()));
    page.show(&form_request.view)
}

/// `POST /register`.
pub async fn post(form_request: FormRequest, Form(fields): Form) -> Result<HttpResponse, Error> {
    let fields = fields.of_form(FORM.template.properties().fields);
    if fields.raw("step") == "other" {
        return begin_anew(&form_request, &fields);
    }
    match pending_cookie::verified_mobile(&form_request.view.web, &form_request.request) {
        Some(verified) if !fields.has("mobile") => {
            post_verified(&form_request, fields, verified).await
        }
        _ => FORM.post(&form_request, &fields, async || finish(&form_request, &fields).await).await,
    }
}

/// Forgets the number that was verified, and every other one of this browser, so that the form is empty.
fn begin_anew(
    FormRequest { view, request, .. }: &FormRequest,
    fields: &Fields,
) -> Result<HttpResponse, Error> {
    let mut response = see_other(&next::onto(
        &view.web.http.sites,
        FORM.template.properties().page,
        fields.raw("next"),
    ));
    pending_cookie::forget_verified_mobile(&view.web, &mut response)?;
    pending_cookie::forget_mobiles(&view.web, request, &mut response)?;
    Ok(response)
}

/// Registers with the code in the browser's cookie, which is then removed: the code was either consumed, or it is no
/// longer valid and the whole form is needed.
async fn post_verified(
    form_request: &FormRequest,
    mut fields: Fields,
    (mobile, sms_code): (Mobile, SmsCode),
) -> Result<HttpResponse, Error> {
    fields.set("mobile", mobile.as_str());
    fields.set("sms_code", sms_code.digits());
    let mut response = match finish(form_request, &fields).await {
        Ok(response) => response,
        Err(error @ Error::SmsCodeGone) => {
            let page = FormPage::new(FORM.template, "captcha", &fields);
            form_again::refuse(page, &form_request.view, &error)?
        }
        Err(error) => {
            return form_again::refuse(verified(&mobile, &fields), &form_request.view, &error);
        }
    };
    pending_cookie::forget_verified_mobile(&form_request.view.web, &mut response)?;
    Ok(response)
}

fn verified(mobile: &Mobile, fields: &Fields) -> FormPage {
    let mut page = FormPage::new(FormTemplate::RegisterVerified, "password", fields);
    page.verified_mobile = mobile.masked();
    page
}

async fn finish(
    FormRequest { state, view, context, .. }: &FormRequest,
    fields: &Fields,
) -> Result<HttpResponse, Error> {
    let registration = bodies::registration(&view.web.parser, fields)?;
    let client = context.client()?;
    let work = || idempotency::register(state, &view.web, fields, registration.clone(), client);
    if let Some(signed_in) = idempotency::wait_for_first(work).await?.into_signed_in() {
        context.set_session_cookie(&signed_in)?;
    }
    Done::Registered.redirect_to(&view.web, &next::path(&view.web.http.sites, fields.raw("next")))
}
