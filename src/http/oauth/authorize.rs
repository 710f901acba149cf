//! `/oauth/authorize`: signs a person in to a client (OpenID Connect Core 1.0, 3.1.2).

use actix_web::HttpResponse;
use chrono::TimeDelta;

use super::{
    asked::{Asked, asked},
    consent_page,
    consent_page::SESSION,
    paths,
    resume::{PARAMETER, Resume},
};
use crate::{
    domain::oauth::{
        authorization_request::AuthorizationRequest,
        client::OauthClient,
        error::{OauthError, OauthErrorCode as Code},
    },
    errors::Error,
    flows::{
        State,
        oauth::grant_code::{grant_code, missing_consent},
    },
    http::{
        auth::viewer::Viewer,
        pages::{done::Done, form_request::FormRequest, next, view::see_other},
    },
    i18n::language::Language,
    stores::tables::oauth_grants::Grant,
};

/// Whether the person has pressed "Allow" on the page of consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The page was not shown yet.
    NotAsked,
    /// The person allows it.
    Given,
}

/// `GET /oauth/authorize`.
pub async fn get(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    answer(&form_request, viewer, Consent::NotAsked).await
}

/// Answers a request: with the sign-in page, the page of consent, or a redirect to the client.
pub async fn answer(
    form_request: &FormRequest,
    viewer: Result<Viewer, Error>,
    consent: Consent,
) -> Result<HttpResponse, Error> {
    let FormRequest { state, view, request, .. } = form_request;
    let asked = asked(state, &view.web, request).await?;
    match decide(form_request, &asked, viewer, consent).await {
        Ok(answer) => Ok(answer),
        Err(Undecided::Refused(error)) => asked.target.error(view, &error),
        Err(Undecided::Failed(error)) => Err(error),
    }
}

enum Undecided {
    Refused(OauthError),
    Failed(Error),
}

impl From<Error> for Undecided {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

async fn decide(
    form_request: &FormRequest,
    asked: &Asked,
    viewer: Result<Viewer, Error>,
    consent: Consent,
) -> Result<HttpResponse, Undecided> {
    let FormRequest { state, view, .. } = form_request;
    let Asked { parameters, client, target } = asked;
    let request = AuthorizationRequest::parse(parameters, client).map_err(Undecided::Refused)?;
    let viewer = match viewer {
        Ok(viewer) => Some(viewer),
        Err(Error::NotSignedIn | Error::SignedInElsewhere) => None,
        Err(error) => return Err(error.into()),
    };
    let viewer = viewer.filter(|viewer| !has_to_sign_in(form_request, asked, &request, viewer));
    let viewer = match viewer {
        Some(viewer) if is_expected(state, client, &request, &viewer).await => Some(viewer),
        // The person has signed in as was asked, and is somebody else.
        Some(viewer) if has_signed_in_since(form_request, asked, &viewer) => {
            return Err(refused(Code::LoginRequired, "somebody else has signed in"));
        }
        Some(_) | None => None,
    };
    let Some(viewer) = viewer else {
        if request.prompt.none {
            return Err(refused(Code::LoginRequired, "nobody is signed in as is asked for"));
        }
        return Ok(sign_in_first(form_request, asked)?);
    };
    let (user_id, wanted) = (viewer.account.id, request.scope);
    let missing = missing_consent(state, (client, &target.uri), user_id, wanted).await?;
    let has_to_ask = request.prompt.consent || !missing.is_empty();
    if has_to_ask && consent == Consent::NotAsked {
        if request.prompt.none {
            return Err(refused(Code::ConsentRequired, "the person has to consent first"));
        }
        return Ok(consent_page::show(form_request, asked, &viewer, wanted)?);
    }
    let code = grant_code(state, grant(asked, &request, &viewer), &request).await?;
    Ok(target.code(view, &code)?)
}

fn grant(asked: &Asked, request: &AuthorizationRequest, viewer: &Viewer) -> Grant {
    Grant {
        id: String::new(),
        client_id: asked.client.id.clone(),
        user_id: viewer.account.id,
        session_id: viewer.session.public_id.clone(),
        issuer: asked.target.issuer.clone(),
        scope: request.scope,
        amr: viewer.amr,
        auth_time: viewer.signed_in_at,
        nonce: request.nonce.clone(),
        redirect_uri: asked.target.uri.clone(),
        code_challenge: request.code_challenge.clone(),
    }
}

/// Returns whether the sign-in of a person is older than the client allows.
fn has_to_sign_in(
    form_request: &FormRequest,
    asked: &Asked,
    request: &AuthorizationRequest,
    viewer: &Viewer,
) -> bool {
    let age = form_request.state.clock.now() - viewer.signed_in_at;
    let is_too_old = request.max_age.is_some_and(|max_age| {
        TimeDelta::try_seconds(max_age).is_some_and(|max_age| age > max_age)
    });
    (request.prompt.login || is_too_old) && !has_signed_in_since(form_request, asked, viewer)
}

/// Returns whether a person has signed in after we have sent them to do so for this request.
fn has_signed_in_since(form_request: &FormRequest, asked: &Asked, viewer: &Viewer) -> bool {
    let sealed = asked.parameters.get(PARAMETER);
    let resume = sealed.and_then(|sealed| Resume::open(&form_request.view.web, sealed));
    resume.is_some_and(|resume| viewer.signed_in_at >= resume.since)
}

/// Returns whether this is the person that the client's ID token names, if it has sent one.
async fn is_expected(
    state: &State,
    client: &OauthClient,
    request: &AuthorizationRequest,
    viewer: &Viewer,
) -> bool {
    let Some(hint) = &request.id_token_hint else { return true };
    let claims = state.jwt_keys.verify(hint).await;
    let subject = client.subject(viewer.account.id);
    claims.is_some_and(|claims| claims.get("sub").and_then(|sub| sub.as_str()) == Some(&subject))
}

/// Redirects to the sign-in page, which leads back here.
fn sign_in_first(form_request: &FormRequest, asked: &Asked) -> Result<HttpResponse, Error> {
    let FormRequest { state, view, .. } = form_request;
    let resume = Resume { since: state.clock.now(), form_target: asked.target.form_target() };
    let parameters = &asked.parameters;
    let query = parameters.query_without(&[PARAMETER, SESSION, "ui_locales"]);
    let here =
        format!("{}?{query}&{PARAMETER}={}", paths::AUTHORIZE, encoded(&resume.seal(&view.web)?));
    let locales = parameters.get("ui_locales").unwrap_or_default();
    let language = locales.split(' ').find_map(Language::from_tag);
    let login = language
        .map_or_else(|| "/login".to_owned(), |language| format!("/login?lang={}", language.tag()));
    let path = next::onto(&view.web.http.sites, &login, &here);
    // Who is signed in is told that this has to be done once more.
    if view.is_signed_in {
        return Done::SignInAgain.redirect_to(&view.web, &path);
    }
    Ok(see_other(&path))
}

fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

fn refused(code: Code, description: &'static str) -> Undecided {
    Undecided::Refused(OauthError::new(code, description))
}
