//! The handlers of clients that keep a token in place of a session cookie.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::{Value, json};

use super::{
    csrf::refuse_cross_site, idempotency_key::set_idempotency_key, request::LegacyRequest,
    response::LegacyResponder,
};
use crate::{
    domain::{client::Client, purpose::Purpose},
    errors::Error,
    flows::{
        SignedIn, State, is_registered::is_registered, register::Registration,
        send_sms_code::send_sms_code, sign_in::sign_in, sms_code_request::SmsCodeRequest,
    },
    http::{
        auth::{bearer, client_context::ClientContext, pending_cookie},
        request::{bodies, idempotency, reader::Reader},
    },
};

const MOBILE_AND_CAPTCHA: &[&str] = &["mobile", "captcha_id", "captcha"];

/// Says whether a number has an account. The client has to solve a captcha first.
pub(super) async fn mobile_exists(
    request: HttpRequest,
    state: Data<State>,
    context: ClientContext,
    responder: LegacyResponder,
    legacy: LegacyRequest,
) -> Result<HttpResponse, Error> {
    refuse_cross_site(&request)?;
    let fields = legacy.fields(MOBILE_AND_CAPTCHA);
    let code_request =
        bodies::sms_code_request_for(Purpose::Register, &legacy.web.parser, &fields)?;
    let exists = is_registered(&state, &code_request, context.client()?).await?;
    Ok(responder.message("dialect-done", &json!({ "exists": exists })))
}

/// Sends a code that signs in a number with an account, and registers one without.
pub(super) async fn send_login_code(
    state: Data<State>,
    context: ClientContext,
    responder: LegacyResponder,
    legacy: LegacyRequest,
) -> Result<HttpResponse, Error> {
    context.name_device();
    let fields = legacy.fields(MOBILE_AND_CAPTCHA);
    let code_request = if legacy.web.http.drf_sends_without_captcha && !fields.has("captcha") {
        let mut reader = Reader::new(&fields, MOBILE_AND_CAPTCHA);
        let mobile = reader.text("mobile", |text| legacy.web.parser.mobile(text, None));
        SmsCodeRequest {
            mobile: reader.finish(|| mobile)?,
            purpose: Purpose::Login,
            captcha: None,
            proof_of_work: None,
            is_new_mobile: false,
            needs_no_price: true,
        }
    } else {
        bodies::sms_code_request_for(Purpose::Login, &legacy.web.parser, &fields)?
    };
    send_sms_code(&state, &code_request, context.client()?).await?;
    let mut response = responder.message("dialect-sent", &json!({}));
    let (mobile, purpose) = (&code_request.mobile, code_request.purpose);
    pending_cookie::remember_mobile(&legacy.web, &mut response, (mobile, &[]), purpose)?;
    Ok(response)
}

pub(super) async fn token_by_code(
    request: HttpRequest,
    state: Data<State>,
    context: ClientContext,
    responder: LegacyResponder,
    legacy: LegacyRequest,
) -> Result<HttpResponse, Error> {
    let mut fields = legacy.unpaid_fields(bodies::CODE_LOGIN);
    let login = bodies::code_login(&legacy.web.parser, &fields)?;
    set_idempotency_key(&legacy.web, &request, &mut fields, Purpose::Login);
    let client = app_client(&context)?;
    let work =
        || idempotency::sign_in_by_code(&state, &legacy.web, &fields, login.clone(), &client);
    let signed_in = idempotency::wait_for_first(work).await?;
    context.keep_device();
    Ok(responder.message("dialect-done", &token_data(&signed_in)))
}

pub(super) async fn token_by_password(
    state: Data<State>,
    context: ClientContext,
    responder: LegacyResponder,
    legacy: LegacyRequest,
) -> Result<HttpResponse, Error> {
    let signed_in = sign_in(&state, legacy.credentials()?, &app_client(&context)?).await?;
    context.keep_device();
    Ok(responder.message("dialect-done", &token_data(&signed_in)))
}

pub(super) async fn token_by_registration(
    request: HttpRequest,
    state: Data<State>,
    context: ClientContext,
    responder: LegacyResponder,
    legacy: LegacyRequest,
) -> Result<HttpResponse, Error> {
    let mut fields = legacy.unpaid_fields(bodies::REGISTRATION);
    let registration = bodies::legacy_registration(&legacy.web.parser, &fields)?;
    set_idempotency_key(&legacy.web, &request, &mut fields, Purpose::Login);
    // A login code whose number turned out to have no account may be used to register it.
    let registration =
        Registration { purposes: &[Purpose::Login, Purpose::Register], ..registration };
    let client = app_client(&context)?;
    let work =
        || idempotency::register(&state, &legacy.web, &fields, registration.clone(), &client);
    // Without a session the account exists all the same, so the number is taken.
    let registered = idempotency::wait_for_first(work).await?;
    let signed_in = registered.into_signed_in().ok_or(Error::MobileTaken)?;
    context.keep_device();
    Ok(responder.message("dialect-registered", &token_data(&signed_in)))
}

/// Returns the client as an app, so that its session is one of an app.
fn app_client(context: &ClientContext) -> Result<Client, Error> {
    Ok(Client { is_app: true, ..context.client()?.clone() })
}

fn token_data(signed_in: &SignedIn) -> Value {
    json!({ "token": bearer::token(&signed_in.key), "username": signed_in.account.name.as_str() })
}
