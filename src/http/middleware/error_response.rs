//! The outermost layer: turns an error into an answer, and completes every answer with its headers and its line in the
//! access log.

use actix_web::{
    Error as ActixError, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, Method, StatusCode,
        header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER},
    },
    middleware::Next,
    web::Data,
};

use super::{access_log::AccessLog, cors::Cors, head_limits, security_headers};
use crate::{
    errors::Error,
    http::{
        auth::{cookies, device_cookie},
        context::RequestContext,
        legacy_api::LegacyResponder,
        oauth::paths::is_for_clients,
        pages::message,
        proxy::{
            original_request::{Original, Passes},
            paths::FORWARD_AUTH,
        },
        response::{envelope, error_log::log_error},
        state::WebState,
    },
    i18n::language::Language,
    logging,
    logging::RequestId,
};

/// Seconds until a request may be repeated whose answer has status 429 or 503 and does not say when.
static RETRY_SOON: HeaderValue = HeaderValue::from_static("5");

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The format in which a client expects an error, by the path of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnswerFormat {
    Json,
    Page,
}

/// The parts of a request that are needed to complete its answer after the request itself was handed on.
struct Responder {
    web: Data<WebState>,
    format: AnswerFormat,
    language: Language,
    method: Method,
    query: String,
    request_id: RequestId,
    access_log: Option<AccessLog>,
    cors: Cors,
}

/// Turns an error into a page, JSON or the envelope of a legacy API, and adds the headers of every answer.
///
/// Before that it gives the request its id in the log, refuses a head that is too large, and removes cookies that are not
/// ours.
pub async fn error_response(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let Some(web) = request.app_data::<Data<WebState>>().cloned() else {
        return Err(Error::internal("no web data").into());
    };
    let head = head_limits::check_head(request.head());
    cookies::keep_own(request.headers_mut(), &web);
    let address = RequestContext::of(request.request(), &web).address;
    let responder = Responder::new(request.request(), web);
    let in_log = logging::Request { id: responder.request_id.clone(), address };
    let respond = async {
        let answered = match head {
            Ok(()) => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
            Err(error) => Ok(request.error_response(error)),
        };
        responder.complete(answered)
    };
    logging::with_request(in_log, respond).await
}

impl Responder {
    fn new(request: &HttpRequest, web: Data<WebState>) -> Self {
        let is_api = request.path() == "/api"
            || request.path().starts_with("/api/")
            || request.path().starts_with("/.well-known/")
            || is_for_clients(request.path());
        // The error may be shown to a person who asked for a page of the site that a proxy protects.
        let original = (request.path() == FORWARD_AUTH)
            .then(|| Original::of(request.headers()))
            .flatten()
            .filter(|original| original.navigates && original.passes == Passes::Answer);
        let query = match &original {
            Some(original) => original.uri.split_once('?').map_or("", |(_, query)| query),
            None => request.query_string(),
        };
        let is_for_program = is_api && original.is_none();
        Self {
            access_log: AccessLog::begin(request.method(), &web),
            format: if is_for_program { AnswerFormat::Json } else { AnswerFormat::Page },
            language: RequestContext::of(request, &web).language,
            method: request.method().clone(),
            query: query.to_owned(),
            request_id: request_id(request, &web),
            cors: Cors::of(request, &web.http.sites),
            web,
        }
    }

    fn complete(
        &self,
        answered: Result<ServiceResponse<BoxBody>, ActixError>,
    ) -> Result<ServiceResponse<BoxBody>, ActixError> {
        match answered {
            Ok(response) => {
                let mut response =
                    match response.response().error().map(ActixError::as_error::<Error>) {
                        None => response,
                        Some(error) => {
                            let legacy = LegacyResponder::for_request(response.request());
                            let rendered = self.render_error(error, legacy);
                            response.into_response(rendered)
                        }
                    };
                self.add_headers(response.response_mut());
                let request = response.request().clone();
                device_cookie::add_to(response.response_mut(), &request, &self.web);
                drop(request);
                if self.web.shutdown.has_begun() {
                    // Else a load balancer would keep the connection, and might use it when we are gone.
                    response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
                }
                self.log_access(Some(response.request()), response.response());
                Ok(response)
            }
            // The request is gone with the task that handled it, so the answer has to travel as an error.
            Err(error) => {
                let mut response = self.render_error(error.as_error(), None);
                self.add_headers(&mut response);
                self.log_access(None, &response);
                Err(InternalError::from_response("the handler failed", response).into())
            }
        }
    }

    /// Renders and logs an error. `None` is an error of a library, of which the answer says nothing.
    fn render_error(&self, error: Option<&Error>, legacy: Option<LegacyResponder>) -> HttpResponse {
        let unknown = Error::internal("a library failed");
        let error = error.unwrap_or(&unknown);
        log_error(&self.web.metrics, error);
        let mut response = match (legacy, self.format) {
            (Some(legacy), _) => legacy.failure(error),
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

    fn log_access(&self, request: Option<&HttpRequest>, response: &HttpResponse) {
        if let Some(access_log) = &self.access_log {
            access_log.end(&self.web, request, response);
        }
    }

    fn add_headers<B>(&self, response: &mut HttpResponse<B>) {
        let is_temporary = matches!(
            response.status(),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        );
        let headers = response.headers_mut();
        if is_temporary {
            // Errors of ours say when to retry; this is for other answers, such as that of `/readyz`.
            security_headers::insert_if_absent(headers, &RETRY_AFTER, &RETRY_SOON);
        }
        let page_policy = match self.format {
            AnswerFormat::Json => None,
            AnswerFormat::Page => Some(&self.web.page_policy),
        };
        self.cors.add_to(headers);
        security_headers::add(headers, page_policy, self.web.origin.is_https());
        if let Ok(id) = HeaderValue::from_str(self.request_id.as_str()) {
            headers.insert(REQUEST_ID.clone(), id);
        }
    }
}

/// Returns the id that a trusted proxy has given the request, else a new one (R46).
fn request_id(request: &HttpRequest, web: &WebState) -> RequestId {
    let peer = request.peer_addr().map(|peer| peer.ip());
    web.untrusted_proxy_warning.check(peer, request.headers(), &web.proxies);
    let given = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|header| RequestId::parse(header.to_str().ok()?))
        .filter(|_| peer.is_some_and(|peer| web.proxies.trust(peer)));
    given.unwrap_or_else(RequestId::random)
}
