//! `/account`: what a signed-in person sees of the account, and where else it is signed in.

use actix_web::{HttpResponse, http::StatusCode};
use fluent_bundle::FluentArgs;
use serde_json::json;
use tera::Context;

use crate::{
    domain::client::ClientSession,
    errors::Error,
    flows::{
        list_sessions::list_sessions,
        sign_out::{sign_out, sign_out_others},
    },
    http::{
        auth::{sign_out::ignore_not_found, viewer::Viewer},
        pages::{form_request::FormRequest, next, view::see_other},
        request::body::Form,
        response::session::SessionData,
    },
};

/// `GET /account`; somebody who is not signed in does that first and then comes back.
pub async fn get(visit: FormRequest, viewer: Result<Viewer, Error>) -> Result<HttpResponse, Error> {
    signed_in(&visit, viewer, async |it| show(&visit, &it).await).await
}

async fn show(visit: &FormRequest, viewer: &Viewer) -> Result<HttpResponse, Error> {
    let account = &viewer.account;
    let sessions = list_sessions(&visit.state, account.id).await?;
    let translate = |key: &str| visit.view.translate(key, &FluentArgs::new());
    let sessions = SessionData::list(&sessions, &viewer.session.public_id, &translate);
    let mut context = Context::new();
    let account = json!({
        "name": account.name.as_str(),
        "mobile": account.mobile.masked(),
        "created_at": account.created_at.format("%Y-%m-%d").to_string(),
    });
    context.insert("account", &account);
    context.insert("sessions", &sessions);
    visit.view.page(StatusCode::OK, "account.html", context)
}

/// `POST /account/sessions`: ends the session that `end` names, or all others.
pub async fn post_sessions(
    visit: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    let viewer = viewer.and_then(|it| match fields.raw("end") {
        "others" => it.fresh(&visit.state.clock),
        _ => Ok(it),
    });
    signed_in(&visit, viewer, async |viewer| {
        match fields.raw("end") {
            "others" => sign_out_others(&visit.state, viewer.session).await?,
            id => {
                let user_id = viewer.account.id;
                let session = ClientSession { user_id, public_id: id.to_owned() };
                ignore_not_found(sign_out(&visit.state, session).await)?;
            }
        }
        Ok(see_other("/account"))
    })
    .await
}

/// Goes on with the person who is signed in, or sends somebody who is not, or not lately enough, to the door.
pub async fn signed_in(
    visit: &FormRequest,
    viewer: Result<Viewer, Error>,
    go_on: impl AsyncFnOnce(Viewer) -> Result<HttpResponse, Error>,
) -> Result<HttpResponse, Error> {
    match viewer {
        Ok(viewer) => go_on(viewer).await,
        Err(error) => sign_in_first(visit, error),
    }
}

/// To the door, and back here afterwards.
fn sign_in_first(visit: &FormRequest, error: Error) -> Result<HttpResponse, Error> {
    let here = match visit.request.path() {
        "/account/sessions" => "/account".to_owned(),
        _ => visit.request.uri().to_string(),
    };
    let door = if matches!(error, Error::NotSignedIn) {
        "/login"
    } else if matches!(error, Error::SignedInElsewhere) {
        "/login?done=elsewhere"
    } else if matches!(error, Error::SignInAgain) {
        "/login?done=again"
    } else {
        return Err(error);
    };
    let door = next::in_language_of(visit.request.query_string(), door);
    Ok(see_other(&next::onto(&door, &here)))
}
