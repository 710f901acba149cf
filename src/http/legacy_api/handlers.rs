//! The steps as handlers: read, do, answer.

use actix_web::{HttpRequest, HttpResponse, Route, web::Data};
use serde_json::json;

use super::{
    Action, Call,
    csrf::{no_other_site, only_own_pages},
    repeated::known_again,
    request::LegacyRequest,
    response::LegacyResponder,
    token_handlers,
};
use crate::{
    domain::{
        captcha::{CaptchaId, Difficulty},
        purpose::Purpose,
    },
    errors::Error,
    flows::{
        State, issue_captcha::issue_captcha, require_proof_of_work::needs_proof_of_work,
        send_sms_code::send_sms_code, sign_in::sign_in,
    },
    http::{
        auth::{
            client_context::ClientContext, pending_cookie, sign_out::sign_out_request,
            viewer::Viewer,
        },
        middleware::origin::refuse_other_sites,
        request::{bodies, idempotency},
        response::seconds::seconds_up,
        state::WebState,
    },
};

impl Action {
    pub(super) fn handle(self, route: Route) -> Route {
        match self {
            Self::Captcha => route.to(captcha),
            Self::SendCode => route.to(send_code),
            Self::Register => route.to(register_and_enter),
            Self::SignIn => route.to(enter),
            Self::Who => route.to(who),
            Self::WhoIfAnybody => route.to(who_if_anybody),
            Self::SignOut => route.to(leave),
            Self::Exists => route.to(token_handlers::exists),
            Self::SendLoginCode => route.to(token_handlers::send_code),
            Self::TokenByCode => route.to(token_handlers::by_code),
            Self::TokenByPassword => route.to(token_handlers::by_password),
            Self::TokenByRegistering => route.to(token_handlers::by_registering),
        }
    }
}

async fn captcha(
    request: HttpRequest,
    state: Data<State>,
    who: ClientContext,
    asked: LegacyRequest,
) -> Result<HttpResponse, Error> {
    refuse_other_sites(&request)?;
    let fields = asked.fields(&["captcha_id", "previous_captcha_id"]);
    // Scripts send whatever they hold there, the first time nothing at all.
    let previous = CaptchaId::parse(fields.raw("previous_captcha_id")).ok();
    let mut read = fields.reader(&["captcha_id", "previous_captcha_id"]);
    let id = read.text("captcha_id", CaptchaId::parse);
    let id = read.finish(id)?;
    let client = who.client()?;
    // These front-ends can prove no work: a harder picture stands in for it.
    let is_harder = needs_proof_of_work(&state, None, client.address).await?;
    let difficulty = if is_harder { Difficulty::Harder } else { Difficulty::Normal };
    let picture = issue_captcha(&state, &id, previous.as_ref(), difficulty, client).await?;
    Ok(HttpResponse::Ok().content_type("image/png").body(picture))
}

async fn send_code(
    request: HttpRequest,
    web: Data<WebState>,
    (state, who, voice, asked): Call,
) -> Result<HttpResponse, Error> {
    no_other_site(&request)?;
    let fields = asked.fields(bodies::SMS_CODE);
    let wish = bodies::sms_code_request(&web.parser, &fields, bodies::SMS_CODE, |_| {
        Some(Purpose::Register)
    })?;
    let sent = send_sms_code(&state, &wish, who.client()?).await?;
    let resend_after = seconds_up(sent.resend_after);
    let data = json!({ "resend_after": resend_after, "expires_in": sent.expires_in.as_secs() });
    let mut response = voice.done(&data);
    pending_cookie::remember_mobile(&web, &mut response, &wish.mobile, wish.purpose)?;
    Ok(response)
}

async fn register_and_enter(
    request: HttpRequest,
    web: Data<WebState>,
    (state, who, voice, asked): Call,
) -> Result<HttpResponse, Error> {
    asked.is_typed_alike()?;
    let mut fields = asked.fields(bodies::REGISTRATION);
    let wish = bodies::registration(&web.parser, &fields, bodies::REGISTRATION)?;
    known_again(&web, &request, &mut fields, Purpose::Register);
    let client = who.client()?;
    let work = || idempotency::register(&state, &web, &fields, wish.clone(), client);
    // Without a session there is an account all the same, whose number this is.
    let registered = idempotency::wait_for_first(work).await?;
    let signed_in = registered.into_signed_in().ok_or(Error::MobileTaken)?;
    who.set_session_cookie(&signed_in)?;
    Ok(voice.person(&signed_in.account))
}

async fn enter((state, who, voice, asked): Call) -> Result<HttpResponse, Error> {
    let signed_in = sign_in(&state, asked.credentials()?, who.client()?).await?;
    who.set_session_cookie(&signed_in)?;
    Ok(voice.person(&signed_in.account))
}

async fn who(voice: LegacyResponder, viewer: Viewer) -> HttpResponse {
    voice.person(&viewer.account)
}

async fn who_if_anybody(
    voice: LegacyResponder,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    match viewer {
        Err(Error::NotSignedIn | Error::SignedInElsewhere) => Ok(voice.nobody()),
        viewer => Ok(voice.person(&viewer?.account)),
    }
}

async fn leave(
    request: HttpRequest,
    state: Data<State>,
    viewer: Result<Viewer, Error>,
    voice: LegacyResponder,
) -> Result<HttpResponse, Error> {
    only_own_pages(&request)?;
    sign_out_request(&state, &request, viewer).await?;
    Ok(voice.done(&json!({})))
}
