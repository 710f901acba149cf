//! `/account`: the account of the person who is signed in, and its sessions.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use chrono::{DateTime, Utc};
use fluent_bundle::FluentArgs;
use serde_json::{Value, json};
use tera::Context;

use crate::{
    domain::client::ClientSession,
    errors::Error,
    flows::{
        known_devices::{forget_device, list_devices},
        list_sessions::list_sessions,
        oauth::applications::{list_applications, remove_application},
        prove_owner::has_password,
        sign_out::{end_session, sign_out_others},
    },
    http::{
        auth::{current_session::CurrentSession, sign_out::ignore_not_found, viewer::Viewer},
        pages::{
            done::Done, form_request::FormRequest, next, refusal::Refusal,
            rough_duration::RoughDuration, view::see_other,
        },
        request::body::Form,
        response::{
            application::ApplicationData, known_device::KnownDeviceData, session::SessionData,
        },
        state::WebState,
    },
};

/// `GET /account`. Redirects to the sign-in page if nobody is signed in; that leads back here.
pub async fn get(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    signed_in(&form_request, viewer, async |viewer| show(&form_request, &viewer).await).await
}

async fn show(form_request: &FormRequest, viewer: &Viewer) -> Result<HttpResponse, Error> {
    let FormRequest { view, request, .. } = form_request;
    let (account, now) = (&viewer.account, form_request.state.clock.now());
    let sessions = list_sessions(&form_request.state, account.id).await?;
    let translate = |key: &str| form_request.view.translate(key, &FluentArgs::new());
    let sessions = SessionData::list(&sessions, &viewer.session.public_id, &translate);
    let sessions: Vec<_> = sessions.iter().map(|session| with_ages(session, now)).collect();
    let devices = list_devices(&form_request.state, account.id).await?;
    let applications = list_applications(&form_request.state, account.id).await?;
    let applications: Vec<_> = applications.iter().map(ApplicationData::of).collect();
    let has_password = has_password(&form_request.state, account.id).await?;
    let current = form_request.context.client()?.device;
    let devices = KnownDeviceData::list(&devices, current, &translate);
    let refusal = Refusal::of_account(view, request);
    let mut context = Context::new();
    let account = json!({
        "name": account.name.as_str(),
        "mobile": account.mobile.masked(),
        "has_password": has_password,
        "created_at": account.created_at.format("%Y-%m-%d").to_string(),
    });
    context.insert("notice", &Done::notice(view, request));
    context.insert("alert", refusal.as_ref().map_or("", |refusal| &refusal.alert));
    context.insert("account", &account);
    context.insert("sessions", &sessions);
    context.insert("devices", &devices);
    context.insert("applications", &applications);
    let mut response = match refusal {
        None => view.page(StatusCode::OK, "account.html", context)?,
        Some(refusal) => refusal.page(view, "account.html", context)?,
    };
    Done::forget(view, request, &mut response)?;
    Ok(response)
}

/// Adds how long ago a session began and was used.
fn with_ages(session: &SessionData, now: DateTime<Utc>) -> Value {
    let mut data = json!(session);
    if let Some(data) = data.as_object_mut() {
        let rough = |(name, age): (&str, _)| (name.to_owned(), json!(RoughDuration::new(age)));
        data.extend(session.ages(now).map(rough));
    }
    data
}

/// `POST /account/sessions`: ends the session that `end` names, or all others.
pub async fn post_sessions(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    let viewer = viewer.and_then(|viewer| match fields.raw("end") {
        "others" => viewer.fresh(&form_request.state.clock),
        _ => Ok(viewer),
    });
    signed_in(&form_request, viewer, async |viewer| {
        let done = match fields.raw("end") {
            "others" => {
                sign_out_others(&form_request.state, viewer.session).await?;
                Done::OthersSignedOut
            }
            id => {
                let user_id = viewer.account.id;
                let session = ClientSession { user_id, public_id: id.to_owned() };
                ignore_not_found(end_session(&form_request.state, session).await)?;
                Done::SessionEnded
            }
        };
        done.redirect(&form_request.view.web)
    })
    .await
    .or_else(|error| Refusal::redirect_to_account(&form_request.view, error))
}

/// `POST /account/devices`: forgets the device that `forget` names.
pub async fn post_devices(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    signed_in(&form_request, viewer, async |viewer| {
        let id = fields.raw("forget").to_owned();
        ignore_not_found(forget_device(&form_request.state, viewer.account.id, id).await)?;
        Done::DeviceForgotten.redirect(&form_request.view.web)
    })
    .await
    .or_else(|error| Refusal::redirect_to_account(&form_request.view, error))
}

/// `POST /account/applications`: ends the access of the application that `remove` names.
pub async fn post_applications(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    signed_in(&form_request, viewer, async |viewer| {
        let id = fields.raw("remove").to_owned();
        ignore_not_found(remove_application(&form_request.state, viewer.account.id, id).await)?;
        Done::ApplicationRemoved.redirect(&form_request.view.web)
    })
    .await
    .or_else(|error| Refusal::redirect_to_account(&form_request.view, error))
}

/// Calls `handler` with the person who is signed in. Redirects to the sign-in page if nobody is, or if the sign-in is
/// too old.
pub async fn signed_in<T>(
    form_request: &FormRequest,
    viewer: Result<T, Error>,
    handler: impl AsyncFnOnce(T) -> Result<HttpResponse, Error>,
) -> Result<HttpResponse, Error> {
    match viewer {
        Ok(viewer) => handler(viewer).await,
        Err(error) => sign_in_first(form_request, error),
    }
}

/// Redirects to the sign-in page, which leads back here afterwards.
fn sign_in_first(form_request: &FormRequest, error: Error) -> Result<HttpResponse, Error> {
    let here = match form_request.request.path() {
        "/account/sessions" | "/account/devices" | "/account/applications" => "/account".to_owned(),
        _ => form_request.request.uri().to_string(),
    };
    let query = form_request.request.query_string();
    let path = next::onto(
        &form_request.view.web.http.sites,
        &next::in_language_of(query, "/login"),
        &here,
    );
    sign_in_page(&form_request.view.web, &form_request.request, &path, error)
}

/// Redirects to the sign-in page at `path`, which says why the person is not signed in any more.
pub(super) fn sign_in_page(
    web: &WebState,
    request: &HttpRequest,
    path: &str,
    error: Error,
) -> Result<HttpResponse, Error> {
    let ended = match CurrentSession::of(request).as_deref() {
        Some(CurrentSession::Expired) => Some(Done::Expired),
        Some(CurrentSession::Ended) => Some(Done::Ended),
        Some(
            CurrentSession::Live(_)
            | CurrentSession::Missing
            | CurrentSession::Displaced
            | CurrentSession::Unavailable(_),
        )
        | None => None,
    };
    let reason = if matches!(error, Error::NotSignedIn) {
        ended
    } else if matches!(error, Error::SignedInElsewhere) {
        Some(Done::Displaced)
    } else if matches!(error, Error::SignInAgain) {
        Some(Done::SignInAgain)
    } else {
        return Err(error);
    };
    reason.map_or_else(|| Ok(see_other(path)), |reason| reason.redirect_to(web, path))
}
