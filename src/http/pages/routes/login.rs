//! `/login`: by SMS code, which also registers; `/login?by=password`: by number or name and password.

use actix_web::HttpResponse;
use fluent_bundle::FluentArgs;

use crate::{
    domain::purpose::Purpose,
    errors::Error,
    flows::sign_in::sign_in,
    http::{
        auth::{pending_cookie, viewer::Viewer},
        pages::{
            code_form::CodeForm, done::Done, form::FormPage, form_again, form_request::FormRequest,
            form_template::FormTemplate, next, view::see_other,
        },
        request::{bodies, body::Form, fields::Fields, idempotency},
    },
};

const BY_CODE: CodeForm = CodeForm::new(FormTemplate::LoginByCode, Purpose::Login);

/// `GET /login` and `GET /login?by=password`.
pub async fn get(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    let query = form_request.request.query_string();
    if !next::has(query, "by", "password") {
        return BY_CODE.get(&form_request, viewer.ok()).await;
    }
    let FormRequest { view, request, .. } = &form_request;
    if let Some(answer) = form_again::answer_to_get(view, request, FormTemplate::Login) {
        return answer;
    }
    let mut page = FormPage::empty(FormTemplate::Login, "login");
    let next = next::of(query);
    if let Some(hint) = next::login_hint(&next) {
        page.typed.insert("login", hint);
        page.focus = "password";
    }
    page.typed.insert("next", next);
    page.done = Done::of(view, request);
    let signed_in = viewer.ok().filter(|_| page.done.is_none());
    page.signed_in_as = signed_in.map_or_else(String::new, |viewer| viewer.account.mobile.masked());
    if let Some(mobile) =
        pending_cookie::mobile_of_any_purpose(&form_request.view.web, &form_request.request)
    {
        page.typed.insert("login", mobile.grouped());
        page.focus = "password";
    }
    let mut response = page.show(view)?;
    Done::forget(view, request, &mut response)?;
    Ok(response)
}

/// `POST /login`. The hidden field `by` tells which of the two forms was sent.
pub async fn post(form_request: FormRequest, Form(fields): Form) -> Result<HttpResponse, Error> {
    if fields.raw("by") == "sms" {
        let fields = fields.of_form(BY_CODE.template.properties().fields);
        return BY_CODE
            .post(&form_request, &fields, async || by_code(&form_request, &fields).await)
            .await;
    }
    if fields.raw("step") == "picture" {
        let page = FormPage::new(FormTemplate::LoginWithCaptcha, "captcha", &fields);
        return form_again::show(page, &form_request.view);
    }
    let fields = fields.of_form(FormTemplate::Login.properties().fields);
    match by_password(&form_request, &fields).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let has_captcha = !fields.is_blank("captcha") || needs_captcha(&error);
            let form =
                if has_captcha { FormTemplate::LoginWithCaptcha } else { FormTemplate::Login };
            let mut page = FormPage::new(form, "password", &fields);
            if has_captcha && fields.is_blank("captcha") {
                page.notice =
                    form_request.view.translate("notice-captcha-needed", &FluentArgs::new());
            }
            form_again::refuse(page, &form_request.view, &error)
        }
    }
}

async fn by_password(
    FormRequest { state, view, context, .. }: &FormRequest,
    fields: &Fields,
) -> Result<HttpResponse, Error> {
    let credentials = bodies::credentials(&view.web.parser, fields)?;
    let signed_in = sign_in(state, credentials, context.client()?).await?;
    context.set_session_cookie(&signed_in)?;
    Ok(see_other(&next::path(&view.web.http.sites, fields.raw("next"))))
}

/// Signs in by code, which creates an account for a new number. Where accounts need a password, a person who has verified
/// such a number goes on to register it with the same code.
async fn by_code(form_request: &FormRequest, fields: &Fields) -> Result<HttpResponse, Error> {
    let FormRequest { state, view, context, .. } = form_request;
    let login = bodies::code_login(&view.web.parser, fields)?;
    let (mobile, sms_code) = (login.mobile.clone(), login.sms_code.clone());
    let client = context.client()?;
    let work = || idempotency::sign_in_by_code(state, &view.web, fields, login.clone(), client);
    let signed_in = match idempotency::wait_for_first(work).await {
        Err(Error::NoAccount) => {
            let mut response =
                see_other(&next::onto(&view.web.http.sites, "/register", fields.raw("next")));
            pending_cookie::remember_verified_mobile(&view.web, &mut response, &mobile, &sms_code)?;
            return Ok(response);
        }
        signed_in => signed_in?,
    };
    context.set_session_cookie(&signed_in)?;
    let path = next::path(&view.web.http.sites, fields.raw("next"));
    if signed_in.is_new_account {
        return Done::Registered.redirect_to(&view.web, &path);
    }
    Ok(see_other(&path))
}

fn needs_captcha(error: &Error) -> bool {
    matches!(error, Error::WrongLogin { captcha_required: true } | Error::PriceRequired(_))
}
