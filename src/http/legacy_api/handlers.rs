//! The handlers of clients that keep a session cookie.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::json;

use super::{
    csrf::{refuse_cross_site, require_own_page},
    idempotency_key::set_idempotency_key,
    request::LegacyRequest,
    response::LegacyResponder,
};
use crate::{
    domain::{
        brand::Mode,
        captcha::{CaptchaId, Difficulty},
        purpose::Purpose,
    },
    errors::Error,
    flows,
    flows::{
        State,
        issue_captcha::{CaptchaRequest, PicturePrice, issue_captcha},
        require_proof_of_work::price_of_message,
        send_sms_code::send_sms_code,
    },
    http::{
        auth::{
            client_context::ClientContext, pending_cookie, sign_out::sign_out_request,
            viewer::Viewer,
        },
        middleware::origin::refuse_other_sites,
        request::{bodies, idempotency, reader::Reader},
        response::seconds::seconds_up,
    },
};

pub(super) async fn captcha(
    request: HttpRequest,
    state: Data<State>,
    context: ClientContext,
    legacy: LegacyRequest,
) -> Result<HttpResponse, Error> {
    refuse_other_sites(&request)?;
    let fields = legacy.fields(&["captcha_id", "previous_captcha_id"]);
    // Scripts send the id of the previous picture, in whatever form they have it; with the first picture they have none.
    let previous = CaptchaId::parse(fields.raw("previous_captcha_id")).ok();
    let mut reader = Reader::new(&fields, &["captcha_id", "previous_captcha_id"]);
    let id = reader.text("captcha_id", CaptchaId::parse);
    let id = reader.finish(|| id)?;
    let client = context.client()?;
    // Scripts of legacy APIs cannot compute a proof of work. They get a harder picture in its place.
    let is_harder = price_of_message(&state, None, client).await?.is_some();
    let difficulty = if is_harder { Difficulty::Harder } else { Difficulty::Normal };
    let colors = legacy.web.brand.captcha_colors(Mode::Light);
    let price = PicturePrice::HarderPicture;
    let wanted = CaptchaRequest { id, previous, difficulty, colors, price };
    let picture = issue_captcha(&state, wanted, client).await?;
    Ok(HttpResponse::Ok().content_type("image/png").body(picture))
}

pub(super) async fn send_registration_code(
    request: HttpRequest,
    state: Data<State>,
    context: ClientContext,
    responder: LegacyResponder,
    legacy: LegacyRequest,
) -> Result<HttpResponse, Error> {
    refuse_cross_site(&request)?;
    context.name_device();
    let fields = legacy.fields(bodies::SMS_CODE_OF_PURPOSE);
    let code_request =
        bodies::sms_code_request_for(Purpose::Register, &legacy.web.parser, &fields)?;
    let sent = send_sms_code(&state, &code_request, context.client()?).await?;
    let resend_after = seconds_up(sent.resend_after);
    let data = json!({ "resend_after": resend_after, "expires_in": sent.expires_in.as_secs() });
    let mut response = responder.success(&data);
    let (mobile, purpose) = (&code_request.mobile, code_request.purpose);
    pending_cookie::remember_mobile(&legacy.web, &mut response, (mobile, &[]), purpose)?;
    Ok(response)
}

pub(super) async fn register(
    request: HttpRequest,
    state: Data<State>,
    context: ClientContext,
    responder: LegacyResponder,
    legacy: LegacyRequest,
) -> Result<HttpResponse, Error> {
    legacy.check_repeated_password()?;
    let mut fields = legacy.unpaid_fields(bodies::REGISTRATION);
    let registration = bodies::legacy_registration(&legacy.web.parser, &fields)?;
    set_idempotency_key(&legacy.web, &request, &mut fields, Purpose::Register);
    let client = context.client()?;
    let work = || idempotency::register(&state, &legacy.web, &fields, registration.clone(), client);
    // Without a session the account exists all the same, so the number is taken.
    let registered = idempotency::wait_for_first(work).await?;
    let signed_in = registered.into_signed_in().ok_or(Error::MobileTaken)?;
    context.set_session_cookie(&signed_in)?;
    Ok(responder.account(&signed_in.account))
}

pub(super) async fn sign_in(
    state: Data<State>,
    context: ClientContext,
    responder: LegacyResponder,
    legacy: LegacyRequest,
) -> Result<HttpResponse, Error> {
    let client = context.client()?;
    let signed_in = flows::sign_in::sign_in(&state, legacy.credentials()?, client).await?;
    context.set_session_cookie(&signed_in)?;
    Ok(responder.account(&signed_in.account))
}

pub(super) async fn current_user(responder: LegacyResponder, viewer: Viewer) -> HttpResponse {
    responder.account(&viewer.account)
}

pub(super) async fn current_user_or_empty(
    responder: LegacyResponder,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    match viewer {
        Err(Error::NotSignedIn | Error::SignedInElsewhere) => Ok(responder.empty_user()),
        viewer => Ok(responder.account(&viewer?.account)),
    }
}

pub(super) async fn sign_out(
    request: HttpRequest,
    state: Data<State>,
    viewer: Result<Viewer, Error>,
    responder: LegacyResponder,
) -> Result<HttpResponse, Error> {
    require_own_page(&request)?;
    sign_out_request(&state, &request, viewer).await?;
    Ok(responder.success(&json!({})))
}
