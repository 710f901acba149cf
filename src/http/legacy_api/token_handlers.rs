//! The steps of front-ends that keep a token instead of a session.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::json;

use super::{Call, csrf::no_other_site, repeated::known_again};
use crate::{
    domain::{client::Client, purpose::Purpose},
    errors::Error,
    flows::{
        SignedIn, is_registered::is_registered, register::Registration,
        send_sms_code::send_sms_code, sign_in::sign_in, sms_code_request::SmsCodeRequest,
    },
    http::{
        auth::{bearer, client_context::ClientContext, pending_cookie},
        request::{bodies, idempotency},
        state::WebState,
    },
};

const EXISTENCE: &[&str] = &["mobile", "captcha_id", "captcha"];

/// Whether a number exists, for whoever has solved a captcha.
pub(super) async fn exists(
    request: HttpRequest,
    web: Data<WebState>,
    (state, who, voice, asked): Call,
) -> Result<HttpResponse, Error> {
    no_other_site(&request)?;
    let fields = asked.fields(EXISTENCE);
    let wish =
        bodies::sms_code_request(&web.parser, &fields, EXISTENCE, |_| Some(Purpose::Register))?;
    let exists = is_registered(&state, &wish, who.client()?).await?;
    Ok(voice.told("dialect-done", &json!({ "exists": exists })))
}

/// One code for both: who has an account signs in with it, who has none registers.
pub(super) async fn send_code(
    web: Data<WebState>,
    (state, who, voice, asked): Call,
) -> Result<HttpResponse, Error> {
    let fields = asked.fields(EXISTENCE);
    let wish = if web.drf_sends_without_captcha && !fields.has("captcha") {
        let mut read = fields.reader(EXISTENCE);
        let mobile = read.text("mobile", |text| web.parser.mobile(text));
        SmsCodeRequest {
            mobile: read.finish(mobile)?,
            purpose: Purpose::Login,
            captcha: None,
            proof_of_work: None,
        }
    } else {
        bodies::sms_code_request(&web.parser, &fields, EXISTENCE, |_| Some(Purpose::Login))?
    };
    send_sms_code(&state, &wish, who.client()?).await?;
    let mut response = voice.told("dialect-sent", &json!({}));
    pending_cookie::remember_mobile(&web, &mut response, &wish.mobile, wish.purpose)?;
    Ok(response)
}

pub(super) async fn by_code(
    request: HttpRequest,
    web: Data<WebState>,
    (state, who, voice, asked): Call,
) -> Result<HttpResponse, Error> {
    let mut fields = asked.fields(bodies::CODE_LOGIN);
    let login = bodies::code_login(&web.parser, &fields, bodies::CODE_LOGIN)?;
    known_again(&web, &request, &mut fields, Purpose::Login);
    let client = app(&who)?;
    let work = || idempotency::sign_in_by_code(&state, &web, &fields, login.clone(), &client);
    let signed_in = idempotency::wait_for_first(work).await?;
    Ok(voice.told("dialect-done", &token_of(&signed_in)))
}

pub(super) async fn by_password((state, who, voice, asked): Call) -> Result<HttpResponse, Error> {
    let signed_in = sign_in(&state, asked.credentials()?, &app(&who)?).await?;
    Ok(voice.told("dialect-done", &token_of(&signed_in)))
}

pub(super) async fn by_registering(
    request: HttpRequest,
    web: Data<WebState>,
    (state, who, voice, asked): Call,
) -> Result<HttpResponse, Error> {
    let mut fields = asked.fields(bodies::REGISTRATION);
    let wish = bodies::registration(&web.parser, &fields, bodies::REGISTRATION)?;
    known_again(&web, &request, &mut fields, Purpose::Login);
    // A code that has signed in at a number without an account is kept as one to register with.
    let wish = Registration { purposes: &[Purpose::Login, Purpose::Register], ..wish };
    let client = app(&who)?;
    let work = || idempotency::register(&state, &web, &fields, wish.clone(), &client);
    // Without a token there is an account all the same, whose number this is.
    let registered = idempotency::wait_for_first(work).await?;
    let signed_in = registered.into_signed_in().ok_or(Error::MobileTaken)?;
    Ok(voice.told("dialect-registered", &token_of(&signed_in)))
}

fn app(who: &ClientContext) -> Result<Client, Error> {
    Ok(Client { is_app: true, ..who.client()?.clone() })
}

fn token_of(signed_in: &SignedIn) -> serde_json::Value {
    json!({ "token": bearer::token(&signed_in.key), "username": signed_in.account.name.as_str() })
}
