//! `/api/v1/captchas`: captcha pictures, and the same captchas as audio.

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::{
        Method,
        header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_SECURITY_POLICY, Range},
    },
    web::{Data, Path},
};

use crate::{
    domain::{
        brand::Mode,
        captcha::{CaptchaId, Difficulty},
        proof_of_work::ProofOfWork,
    },
    errors::Error,
    flows::{
        State,
        issue_captcha::{CaptchaRequest, PicturePrice, issue_captcha},
        speak_captcha::speak_captcha,
    },
    http::{
        auth::client_context::ClientContext, context::RequestContext,
        middleware::origin::refuse_other_sites, pages::next, state::WebState,
    },
};

/// A browser that opens the audio file itself generates a page with a player, which has to be allowed to load it.
const PLAYER_POLICY: &str = "default-src 'none'; media-src 'self'; frame-ancestors 'none'";

/// `GET /captchas/{id}`: a new picture under an id that the client chose.
///
/// `?harder=on` draws six letters; a request cannot make it easier (R8). Over the quota of an address, six letters are the
/// price of a picture, or a `proof_of_work`. `?dark=on` draws for a page in dark mode.
///
/// HEAD draws nothing (R60). Pages of other sites are refused before anything is counted.
pub async fn get(
    request: HttpRequest,
    (state, web): (Data<State>, Data<WebState>),
    context: ClientContext,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    refuse_other_sites(&request)?;
    let id = CaptchaId::parse(&id).map_err(|problem| Error::field("id", problem))?;
    let is_dark = next::has(request.query_string(), "dark", "on");
    let colors = web.brand.captcha_colors(if is_dark { Mode::Dark } else { Mode::Light });
    let is_harder = next::has(request.query_string(), "harder", "on");
    let difficulty = if is_harder { Difficulty::Harder } else { Difficulty::Normal };
    let picture = if *request.method() == Method::HEAD {
        Vec::new()
    } else {
        let price = PicturePrice::ProofOfWork(proof_of_work(&request)?);
        let wanted = CaptchaRequest { id, previous: None, difficulty, colors, price };
        issue_captcha(&state, wanted, context.client()?).await?
    };
    Ok(HttpResponse::Ok().content_type("image/png").body(picture))
}

/// `GET /captchas/{id}/audio`: the same captcha as a WAV file, in the language of the request. HEAD has no body.
pub async fn get_audio(
    request: HttpRequest,
    (state, web): (Data<State>, Data<WebState>),
    context: ClientContext,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    refuse_other_sites(&request)?;
    let id = CaptchaId::parse(&id).map_err(|problem| Error::field("id", problem))?;
    let voice = RequestContext::of(&request, &web).language.voice();
    let file = if *request.method() == Method::HEAD {
        Vec::new()
    } else {
        let proof = proof_of_work(&request)?;
        speak_captcha(&state, &id, (voice, proof), context.client()?).await?
    };
    Ok(with_range(&request, file))
}

/// Reads the proof of work in the query, which an address needs that has used up its quota of captchas.
fn proof_of_work(request: &HttpRequest) -> Result<Option<ProofOfWork>, Error> {
    let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let Some((name, text)) = query.find(|(name, _)| name == "proof_of_work") else {
        return Ok(None);
    };
    ProofOfWork::parse(&text).map(Some).map_err(|problem| Error::field(&name, problem))
}

/// Answers a file, or the one range of it that the request asks for: players on iPhones play only files that support
/// ranges. An invalid range, or several, get the whole file.
fn with_range(request: &HttpRequest, file: Vec<u8>) -> HttpResponse {
    let requested = match request.get_header() {
        Some(Range::Bytes(ranges)) => <[_; 1]>::try_from(ranges).ok(),
        Some(Range::Unregistered(..)) | None => None,
    };
    let length = u64::try_from(file.len()).unwrap_or(u64::MAX);
    let part = requested.and_then(|[range]| {
        let (first, last) = range.to_satisfiable_range(length)?;
        let bytes = file.get(usize::try_from(first).ok()?..=usize::try_from(last).ok()?)?;
        Some((format!("bytes {first}-{last}/{length}"), bytes.to_vec()))
    });
    let mut response = match &part {
        Some((range, _)) => {
            let mut response = HttpResponse::PartialContent();
            response.insert_header((CONTENT_RANGE, range.as_str()));
            response
        }
        None => HttpResponse::Ok(),
    };
    response
        .content_type("audio/wav")
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((CONTENT_SECURITY_POLICY, PLAYER_POLICY))
        .body(part.map_or(file, |(_, bytes)| bytes))
}
