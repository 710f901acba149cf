//! `/login`: by number or name and password, or by SMS code; two tabs that are links.

use actix_web::HttpResponse;
use fluent_bundle::FluentArgs;

use super::{code_form::CodeForm, form::FormPage, next, view::see_other, visit::Visit};
use crate::{
    domain::purpose::Purpose,
    errors::Error,
    flows::sign_in::sign_in,
    http::{
        idempotency,
        input::{Fields, Form},
        inputs, pending,
    },
};

const FIELDS: &[&str] = &["login", "password", "remember", "captcha_id", "captcha", "next", "step"];

const BY_CODE: CodeForm = CodeForm {
    template: "login_by_code.html",
    path: "/login?by=sms",
    purpose: Purpose::Login,
    fields: &[
        "by",
        "mobile",
        "captcha_id",
        "captcha",
        "proof_of_work",
        "sms_code",
        "remember",
        "next",
        "step",
    ],
};

/// `GET /login` and `GET /login?by=sms`.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let query = visit.request.query_string();
    if next::has(query, "by", "sms") {
        return BY_CODE.get(&visit).await;
    }
    let mut page = FormPage::new("login.html", "login", &Fields::none(&visit.view.web));
    page.typed.insert("next", next::of(query));
    if next::has(query, "done", "again") {
        page.notice = visit.view.say("error-sign-in-again", &FluentArgs::new());
    }
    if next::has(query, "done", "elsewhere") {
        page.notice = visit.view.say("error-signed-in-elsewhere", &FluentArgs::new());
    }
    if next::has(query, "done", "reset") {
        page.notice = visit.view.say("notice-password-reset", &FluentArgs::new());
    }
    page.show(&visit.view)
}

/// `POST /login`; the hidden field `by` tells which tab it is.
pub async fn post(visit: Visit, Form(fields): Form) -> Result<HttpResponse, Error> {
    if fields.raw("by") == "sms" {
        return BY_CODE.post(&visit, &fields, async || by_code(&visit, &fields).await).await;
    }
    if fields.raw("step") == "picture" {
        let mut page = FormPage::new("login.html", "captcha", &fields);
        page.wants_captcha = true;
        return page.show(&visit.view);
    }
    match by_password(&visit, &fields).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let mut page = FormPage::new("login.html", "password", &fields);
            page.wants_captcha = fields.has("captcha_id") || wants_captcha(&error);
            page.show_failure(&visit.view, &error)
        }
    }
}

async fn by_password(
    Visit { state, who, .. }: &Visit,
    fields: &Fields,
) -> Result<HttpResponse, Error> {
    let credentials = inputs::credentials(fields, FIELDS)?;
    let signed_in = sign_in(state, credentials, who.client()?).await?;
    who.let_in(&signed_in)?;
    Ok(see_other(&next::path(fields.raw("next"))))
}

/// Somebody who has proved a number without an account goes on to register it, with that proof.
async fn by_code(visit: &Visit, fields: &Fields) -> Result<HttpResponse, Error> {
    let Visit { state, view, who, .. } = visit;
    let login = inputs::code_login(fields, BY_CODE.fields)?;
    let (mobile, sms_code) = (login.mobile.clone(), login.sms_code.clone());
    let client = who.client()?;
    let work = || idempotency::sign_in_by_code(state, &view.web, fields, login.clone(), client);
    let signed_in = match idempotency::patiently(work).await {
        Err(Error::NoAccount) => {
            let mut response = see_other(&next::onto("/register", fields.raw("next")));
            pending::remember_proof(&view.web, &mut response, &mobile, &sms_code)?;
            return Ok(response);
        }
        signed_in => signed_in?,
    };
    who.let_in(&signed_in)?;
    Ok(see_other(&next::path(fields.raw("next"))))
}

fn wants_captcha(error: &Error) -> bool {
    matches!(error, Error::WrongLogin { captcha_required: true } | Error::CaptchaNeeded)
}
