//! Renders pages in the reader's language, with everything that the base template needs.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::BoxBody,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::{
        StatusCode,
        header::{
            ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_LANGUAGE, COOKIE, HeaderValue, LOCATION,
            VARY,
        },
    },
    web::Data,
};
use fluent_bundle::FluentArgs;
use serde::Serialize;
use tera::Context;

use crate::{
    errors::Error,
    http::{
        assets::{embedded::gzip, embedded_handler::accepts_gzip},
        auth::{country_cookie, current_session::CurrentSession},
        context::RequestContext,
        state::WebState,
    },
    i18n::{
        language,
        language::{LANGUAGES, Language},
    },
    logging,
};

/// The values that every page is rendered with.
pub struct View {
    /// The catalog, the templates and the settings.
    pub web: Data<WebState>,
    /// The language of the page.
    pub language: Language,
    /// The query of the request, without the `?`.
    pub query: String,
    /// Whether the reader is signed in.
    pub is_signed_in: bool,
    /// Whether the browser takes a compressed page.
    pub takes_gzip: bool,
    /// The code of the country that is chosen beside a number at first; empty if there is no choice.
    pub country: String,
    /// Whether the browser has sent a cookie of ours, so that it would keep another one.
    pub keeps_cookies: bool,
}

/// A language in the menu of languages.
#[derive(Serialize)]
struct Choice {
    tag: &'static str,
    name: &'static str,
    href: String,
    current: bool,
}

impl View {
    /// Makes a view from the request line alone, for a failure before the session was looked up.
    pub fn anonymous(web: &Data<WebState>, language: Language, query: &str) -> Self {
        Self {
            web: web.clone(),
            language,
            query: query.to_owned(),
            country: web.country_menu.first(None, ""),
            is_signed_in: false,
            takes_gzip: false,
            keeps_cookies: false,
        }
    }

    /// Returns the message of `key` in the language of the page.
    pub fn translate(&self, key: &str, args: &FluentArgs<'_>) -> String {
        self.web.catalog.translate(self.language, key, args)
    }

    /// Renders a template and answers with it.
    pub fn page(
        &self,
        status: StatusCode,
        template: &str,
        context: Context,
    ) -> Result<HttpResponse, Error> {
        Ok(self.answer(status, self.render(status, template, context)?))
    }

    /// Renders a template to HTML.
    pub fn render(
        &self,
        status: StatusCode,
        template: &str,
        context: Context,
    ) -> Result<String, Error> {
        let mut whole = self.web.site_context.in_language(self.language);
        whole.extend(context);
        whole.insert("languages", &self.choices());
        whole.insert("first_country", &self.country);
        whole.insert("signed_in", &self.is_signed_in);
        // A person who asks for help can quote the id, and the operator finds it in the log.
        if !whole.contains_key("request_id") {
            let failed = logging::current_request().filter(|_| !status.is_success());
            whole.insert("request_id", failed.as_ref().map_or("", |request| request.id.as_str()));
        }
        self.web.tera.render(template, &whole).map_err(Error::internal)
    }

    /// Answers with HTML that was rendered before.
    pub fn answer(&self, status: StatusCode, html: String) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(status);
        response
            .content_type("text/html; charset=utf-8")
            .insert_header((CONTENT_LANGUAGE, self.language.tag()))
            .insert_header((VARY, "accept-language, cookie"));
        if language::chosen(&self.query).is_some() {
            response.cookie(self.language_cookie());
        }
        response.body(html)
    }

    /// Answers with HTML that says nothing about the person, compressed if the browser takes that. The length of any other
    /// page could tell a stranger on the line what it says, if they choose a part of its address (BREACH).
    pub fn answer_impersonal(&self, status: StatusCode, html: String) -> HttpResponse {
        let compressed = self.takes_gzip.then(|| gzip(html.as_bytes())).flatten();
        let mut response = self.answer(status, html);
        response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
        let Some(compressed) = compressed else { return response };
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response.set_body(BoxBody::new(compressed))
    }

    /// Returns a link to this page in every language. The rest of the query stays.
    fn choices(&self) -> Vec<Choice> {
        let choice = |language: Language| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(
                url::form_urlencoded::parse(self.query.as_bytes())
                    .filter(|(name, _)| name != "lang"),
            );
            query.append_pair("lang", language.tag());
            // The link has no path, because a path such as `//elsewhere` would lead to another host.
            let href = format!("?{}", query.finish());
            let current = language == self.language;
            Choice { tag: language.tag(), name: language.name(), href, current }
        };
        LANGUAGES.map(choice).into()
    }

    fn language_cookie(&self) -> Cookie<'static> {
        Cookie::build(self.web.origin.cookie_name(language::COOKIE), self.language.tag())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.web.origin.is_https())
            .max_age(Duration::days(365))
            .finish()
    }
}

/// Redirects after a form has succeeded (303), so that reloading does not send the form again.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// Returns the country that is chosen at first.
fn first_country(request: &HttpRequest, web: &WebState) -> String {
    if !web.country_menu.is_shown() {
        return String::new();
    }
    let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let remembered = country_cookie::remembered(web, request);
    web.country_menu.first(remembered.as_deref(), accepted.unwrap_or_default())
}

impl FromRequest for View {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let view = request.app_data::<Data<WebState>>().map(|web| Self {
            web: web.clone(),
            language: RequestContext::of(request, web).language,
            query: request.query_string().to_owned(),
            country: first_country(request, web),
            is_signed_in: CurrentSession::of(request)
                .is_some_and(|current| current.live().is_some()),
            takes_gzip: accepts_gzip(request),
            keeps_cookies: request.headers().contains_key(COOKIE),
        });
        ready(view.ok_or_else(|| Error::internal("no web data")))
    }
}
