//! `/register`: number, captcha, SMS code, password, all on one page.

use actix_web::HttpResponse;

use crate::{
    domain::{mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    errors::Error,
    http::{
        auth::pending_cookie,
        pages::{
            code_form::CodeForm, form::FormPage, form_request::FormRequest, next, view::see_other,
        },
        request::{
            bodies, idempotency,
            input::{Fields, Form},
        },
    },
};

const FORM: CodeForm = CodeForm {
    template: "register.html",
    path: "/register",
    purpose: Purpose::Register,
    fields: &[
        "mobile",
        "captcha_id",
        "captcha",
        "proof_of_work",
        "sms_code",
        "password",
        "name",
        "terms",
        "next",
        "step",
    ],
};

/// `GET /register`; somebody who came by way of an SMS sign-in has proved the number already.
pub async fn get(visit: FormRequest) -> Result<HttpResponse, Error> {
    let Some((mobile, _)) = pending_cookie::verified_mobile(&visit.view.web, &visit.request) else {
        return FORM.get(&visit).await;
    };
    let mut page = proved(&mobile, &Fields::default());
    page.typed.insert("next", next::of(visit.request.query_string()));
    page.show(&visit.view)
}

/// `POST /register`.
pub async fn post(visit: FormRequest, Form(fields): Form) -> Result<HttpResponse, Error> {
    let proof = pending_cookie::verified_mobile(&visit.view.web, &visit.request);
    match proof {
        Some(proof) if !fields.has("mobile") => post_proved(&visit, fields, proof).await,
        _ => FORM.post(&visit, &fields, async || finish(&visit, &fields).await).await,
    }
}

/// Registers with the proof that the browser brings along, which is gone afterwards: either it has been
/// used up, or it is worth nothing any more and the whole form is needed.
async fn post_proved(
    visit: &FormRequest,
    mut fields: Fields,
    (mobile, sms_code): (Mobile, SmsCode),
) -> Result<HttpResponse, Error> {
    fields.set("mobile", mobile.as_str());
    fields.set("sms_code", sms_code.digits());
    let mut response = match finish(visit, &fields).await {
        Ok(response) => response,
        Err(error @ Error::SmsCodeGone) => {
            FormPage::new(FORM.template, "captcha", &fields).show_failure(&visit.view, &error)?
        }
        Err(error) => return proved(&mobile, &fields).show_failure(&visit.view, &error),
    };
    pending_cookie::forget_verified_mobile(&visit.view.web, &mut response)?;
    Ok(response)
}

fn proved(mobile: &Mobile, fields: &Fields) -> FormPage {
    let mut page = FormPage::new(FORM.template, "password", fields);
    page.proved = mobile.masked();
    page
}

async fn finish(
    FormRequest { state, view, who, .. }: &FormRequest,
    fields: &Fields,
) -> Result<HttpResponse, Error> {
    let wish = bodies::registration(&view.web.parser, fields, FORM.fields)?;
    let client = who.client()?;
    let work = || idempotency::register(state, &view.web, fields, wish.clone(), client);
    if let Some(signed_in) = idempotency::wait_for_first(work).await?.into_signed_in() {
        who.set_session_cookie(&signed_in)?;
    }
    Ok(see_other(&next::path(fields.raw("next"))))
}
