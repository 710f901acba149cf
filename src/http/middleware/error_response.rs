//! The outermost layer: failures get their face and their line in the log, answers their headers.

use actix_web::{
    Error as ActixError, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, Method, StatusCode,
        header::{
            ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY,
            CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap, HeaderName, HeaderValue, PERMISSIONS_POLICY,
            REFERRER_POLICY, RETRY_AFTER, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
            X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    web::Data,
};

use super::{access_log::AccessLog, head_limits};
use crate::{
    domain::brand::Logo,
    errors::Error,
    http::{
        legacy_api::LegacyResponder,
        pages::message,
        proxy::original_request::{FORWARD_AUTH, Original, Passes},
        response::{envelope, error_log::log_error},
        state::WebState,
    },
    i18n::language::Language,
    logging,
    logging::RequestId,
};

/// Everything a page of ours may load and do; nothing inline, nothing from elsewhere (R95).
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    media-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
    frame-ancestors 'none'";
/// Where a logo of the operator's is added.
const PICTURES: &str = "img-src 'self'";
static JSON_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// On every answer, failures included (R97).
static HEADERS: [(HeaderName, HeaderValue); 7] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (
        PERMISSIONS_POLICY,
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Whatever does not say otherwise is about one person and one moment (R99).
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];
static ONE_YEAR_HTTPS: (HeaderName, HeaderValue) =
    (STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));

/// Seconds until an answer that could not be given may be asked for again, where nothing else is known.
static SOON: HeaderValue = HeaderValue::from_static("5");

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A program or a person, as the path tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnswerFormat {
    Json,
    Page,
}

/// What is known of a request before anything has been done with it.
struct RequestContext {
    web: Data<WebState>,
    face: AnswerFormat,
    language: Language,
    method: Method,
    query: String,
    request: logging::Request,
    watch: Option<AccessLog>,
}

/// Gives the request its name, refuses a head that is too large, dresses failures for their reader, and
/// puts the headers of R95–R99 on every answer.
pub async fn error_response(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let Some(stage) = RequestContext::of(&request) else {
        return Err(Error::internal("no web data").into());
    };
    let name = stage.request.clone();
    logging::with_request(name, dressed(stage, request, next)).await
}

async fn dressed(
    stage: RequestContext,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let answered = match head_limits::check_head(request.head()) {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
        Err(error) => Ok(request.error_response(error)),
    };
    match answered {
        Ok(response) => {
            let mut response = match response.response().error().map(ActixError::as_error::<Error>)
            {
                None => response,
                Some(error) => {
                    let dressed =
                        stage.render_error(error, LegacyResponder::of(response.request()));
                    response.into_response(dressed)
                }
            };
            stage.add_headers(response.response_mut());
            if stage.web.leaving.has_begun() {
                // Else a balancer would keep the connection, and use it at the moment of the end.
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            stage.end(Some(response.request()), response.response());
            Ok(response)
        }
        // The request fell with its task: there is only this answer to stand in for it.
        Err(error) => {
            let mut dressed = stage.render_error(error.as_error(), None);
            stage.add_headers(&mut dressed);
            stage.end(None, &dressed);
            Err(InternalError::from_response("fallen", dressed).into())
        }
    }
}

impl RequestContext {
    fn of(request: &ServiceRequest) -> Option<Self> {
        let is_api = request.path() == "/api"
            || request.path().starts_with("/api/")
            || request.path().starts_with("/.well-known/");
        let web = request.app_data::<Data<WebState>>()?.clone();
        // Here a failure may be all that somebody gets to see of a page of the site.
        let shown = (request.path() == FORWARD_AUTH)
            .then(|| Original::of(request.headers()))
            .flatten()
            .filter(|original| original.navigates && original.passes == Passes::Answer);
        let query = match &shown {
            Some(original) => original.uri.split_once('?').map_or("", |(_, query)| query),
            None => request.query_string(),
        };
        Some(Self {
            watch: AccessLog::begin(request.method(), &web),
            web,
            face: if is_api && shown.is_none() { AnswerFormat::Json } else { AnswerFormat::Page },
            language: Language::of_request(request.query_string(), request.headers()),
            method: request.method().clone(),
            query: query.to_owned(),
            request: named(request)?,
        })
    }

    /// The answer to a failure; one that is not ours says nothing of what it was.
    fn render_error(&self, error: Option<&Error>, voice: Option<LegacyResponder>) -> HttpResponse {
        let unknown = Error::internal("a library failed");
        let error = error.unwrap_or(&unknown);
        log_error(&self.web.metrics, error);
        let mut response = match (voice, self.face) {
            (Some(voice), _) => voice.refuse(error),
            (None, AnswerFormat::Json) => {
                envelope::failure(&self.web.catalog, self.language, error)
            }
            (None, AnswerFormat::Page) => {
                let asked = (&self.method, &*self.query);
                message::failure(&self.web, self.language, asked, error)
            }
        };
        if let Error::MethodNotAllowed { allow } = error
            && let Ok(allow) = HeaderValue::from_str(allow)
        {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }

    fn end(&self, request: Option<&HttpRequest>, response: &HttpResponse) {
        if let Some(watch) = &self.watch {
            watch.end(&self.web, request, response);
        }
    }

    fn add_headers<B>(&self, response: &mut HttpResponse<B>) {
        let asks_to_come_again = matches!(
            response.status(),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        );
        let headers = response.headers_mut();
        if asks_to_come_again {
            // Failures say when; this is for answers that were made in another way, such as the probe's.
            put(headers, &RETRY_AFTER, &SOON);
        }
        let policy = match self.face {
            AnswerFormat::Json => &JSON_POLICY,
            AnswerFormat::Page => &self.web.page_policy,
        };
        put(headers, &CONTENT_SECURITY_POLICY, policy);
        let secure = self.web.origin.is_https().then_some(&ONE_YEAR_HTTPS);
        for (name, value) in HEADERS.iter().chain(secure) {
            put(headers, name, value);
        }
        if let Ok(id) = HeaderValue::from_str(self.request.id.as_str()) {
            headers.insert(REQUEST_ID.clone(), id);
        }
    }
}

/// Unless the answer has said otherwise.
fn put(headers: &mut HeaderMap, name: &HeaderName, value: &HeaderValue) {
    if !headers.contains_key(name) {
        headers.insert(name.clone(), value.clone());
    }
}

/// The policy of pages, whose logo may come from elsewhere.
pub(crate) fn page_policy(logo: Option<&Logo>) -> Result<HeaderValue, Error> {
    let origin = logo.and_then(|it| it.origin.as_deref());
    let pictures = origin.map_or_else(|| PICTURES.to_owned(), |it| format!("{PICTURES} {it}"));
    HeaderValue::from_str(&PAGE_POLICY.replace(PICTURES, &pictures)).map_err(Error::internal)
}

/// Its name is ours; only a trusted proxy may have named it before (R46).
fn named(request: &ServiceRequest) -> Option<logging::Request> {
    let WebState { proxies, untrusted_proxy_warning: unbelieved_proxy, .. } =
        &***request.app_data::<Data<WebState>>()?;
    let peer = request.peer_addr().map(|it| it.ip());
    unbelieved_proxy.check(peer, request.headers(), proxies);
    let given =
        request.headers().get(&REQUEST_ID).and_then(|it| RequestId::parse(it.to_str().ok()?));
    let given = given.filter(|_| peer.is_some_and(|it| proxies.trust(it)));
    Some(logging::Request {
        id: given.unwrap_or_else(RequestId::random),
        address: peer.map(|it| proxies.client_address(it, request.headers())),
    })
}
