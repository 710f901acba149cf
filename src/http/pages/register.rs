//! `/register`: number, captcha, SMS code, password, all on one page.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use fluent_bundle::FluentArgs;

use super::{
    form::FormPage,
    next,
    view::{View, see_other},
};
use crate::{
    domain::purpose::Purpose,
    errors::Error,
    flows::{State, register::register, send_sms_code::send_sms_code},
    http::{
        client::Who,
        input::{Fields, Form},
        inputs, pending,
        sentences::seconds_up,
        session,
    },
};

const FIELDS: &[&str] =
    &["mobile", "captcha_id", "captcha", "sms_code", "password", "name", "next", "step"];

/// `GET /register`.
pub async fn get(
    state: Data<State>,
    view: View,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let mut page = FormPage::new("register.html", "mobile", &Fields::none(&view.web));
    page.typed.insert("next", next::of(request.query_string()));
    count_down(&state, &view, &request, &mut page).await;
    page.show(&view)
}

/// `POST /register`: which button was pressed decides; Enter means the next thing that is missing.
pub async fn post(
    state: Data<State>,
    view: View,
    who: Who,
    request: HttpRequest,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    let step = match fields.raw("step") {
        "next" if fields.raw("sms_code").is_empty() => "send",
        step => step,
    };
    let done = match step {
        "picture" => Ok(None),
        "send" => send(&state, &view, &who, &fields).await.map(Some),
        _ => finish(&state, &who, &fields).await.map(Some),
    };
    let mut page = FormPage::new("register.html", "captcha", &fields);
    count_down(&state, &view, &request, &mut page).await;
    match done {
        Ok(Some(response)) => Ok(response),
        Ok(None) => page.show(&view),
        Err(error) => page.show_failure(&view, &error),
    }
}

/// Texts a code, and goes on to this same page: there a reload texts nobody.
async fn send(
    state: &State,
    view: &View,
    who: &Who,
    fields: &Fields,
) -> Result<HttpResponse, Error> {
    let wish = inputs::sms_code_request(fields, FIELDS, |_| Some(Purpose::Register))?;
    send_sms_code(state, &wish, &who.client).await?;
    let mut response = see_other(&format!("/register{}", next::query(fields.raw("next"))));
    pending::remember(&view.web, &mut response, &wish.mobile, Purpose::Register)?;
    Ok(response)
}

async fn finish(state: &State, who: &Who, fields: &Fields) -> Result<HttpResponse, Error> {
    let signed_in = register(state, inputs::registration(fields, FIELDS)?, &who.client).await?;
    session::start(&who.session, &signed_in)?;
    Ok(see_other(&next::path(fields.raw("next"))))
}

/// Fills in the number this browser has asked a code for, and the seconds that truly remain.
///
/// A store that does not answer shows no countdown: the page must come up all the same.
async fn count_down(state: &State, view: &View, request: &HttpRequest, page: &mut FormPage) {
    let Some(mobile) = pending::recall(&view.web, request, Purpose::Register) else { return };
    let typed = page.typed.entry("mobile").or_default();
    if typed.is_empty() {
        mobile.as_str().clone_into(typed);
    } else if view.web.regions.mobile(typed).as_ref() != Ok(&mobile) {
        return;
    }
    match state.limits.resend_after(&mobile).await {
        Ok(remaining) if !remaining.is_zero() => {
            page.resend_after = seconds_up(remaining);
            page.focus = "sms_code";
            let args = FluentArgs::from_iter([("mobile", mobile.masked())]);
            page.notice = view.say("notice-sms-sent", &args);
        }
        Ok(_) => {}
        Err(error) => log::warn!("event=no_countdown error={error:?}"),
    }
}
