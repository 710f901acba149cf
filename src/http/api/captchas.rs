//! `/api/v1/captchas`.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use crate::{
    domain::captcha::CaptchaId,
    errors::Error,
    flows::{State, issue_captcha::issue_captcha},
};

/// `GET /captchas/{id}`: a new picture under an id of the client's.
pub async fn get(state: Data<State>, id: Path<String>) -> Result<HttpResponse, Error> {
    let id = CaptchaId::parse(&id).map_err(|problem| Error::field("id", problem))?;
    let picture = issue_captcha(&state, &id, None).await?;
    Ok(HttpResponse::Ok().content_type("image/png").body(picture))
}
