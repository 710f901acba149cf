//! `/api/v1/captchas`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Path},
};

use crate::{
    domain::captcha::CaptchaId,
    errors::Error,
    flows::{State, issue_captcha::issue_captcha},
    http::client::Who,
};

/// `GET /captchas/{id}`: a new picture under an id of the client's; HEAD draws none (SECURITY R60).
pub async fn get(
    request: HttpRequest,
    state: Data<State>,
    who: Who,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = CaptchaId::parse(&id).map_err(|problem| Error::field("id", problem))?;
    let picture = match *request.method() {
        Method::HEAD => Vec::new(),
        _ => issue_captcha(&state, &id, None, who.client()?).await?,
    };
    Ok(HttpResponse::Ok().content_type("image/png").body(picture))
}
