//! `/api/v1/captchas`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Data, Path},
};

use crate::{
    domain::captcha::{CaptchaId, Difficulty},
    errors::Error,
    flows::{State, issue_captcha::issue_captcha},
    http::{client::Who, pages::next},
};

/// `GET /captchas/{id}`: a new picture under an id of the client's; `?harder=on` draws six letters, which
/// is all that a request can say of it (SECURITY R8). HEAD draws none (R60).
pub async fn get(
    request: HttpRequest,
    state: Data<State>,
    who: Who,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = CaptchaId::parse(&id).map_err(|problem| Error::field("id", problem))?;
    let is_harder = next::has(request.query_string(), "harder", "on");
    let difficulty = if is_harder { Difficulty::Harder } else { Difficulty::Usual };
    let picture = match *request.method() {
        Method::HEAD => Vec::new(),
        _ => issue_captcha(&state, &id, None, difficulty, who.client()?).await?,
    };
    Ok(HttpResponse::Ok().content_type("image/png").body(picture))
}
