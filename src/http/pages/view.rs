//! Renders pages in the reader's language, with everything that the base template needs.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::BoxBody,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::{
        StatusCode,
        header::{CONTENT_ENCODING, CONTENT_LANGUAGE, COOKIE, HeaderValue, LOCATION, VARY},
    },
    web::Data,
};
use fluent_bundle::FluentArgs;
use serde::Serialize;
use tera::Context;

use super::rough_duration::RoughDuration;
use crate::{
    domain::{
        account_rules::{PasswordRule, SignUp},
        region::Regions,
    },
    errors::Error,
    http::{
        assets::{embedded::gzip, embedded_handler::accepts_gzip},
        auth::current_session::CurrentSession,
        context::RequestContext,
        state::WebState,
    },
    i18n::{
        language,
        language::{LANGUAGES, Language},
        problem_messages::problem_message,
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
        mut context: Context,
    ) -> Result<String, Error> {
        context.insert("lang", self.language.tag());
        context.insert("languages", &self.choices());
        context.insert("css", &self.web.assets.css.href());
        context.insert("js", &self.web.assets.js.href());
        let terms = self.web.parser.terms.as_ref();
        context.insert("terms_url", terms.map_or("", |terms| terms.url.as_str()));
        let privacy = terms.and_then(|terms| terms.privacy_url.as_ref());
        context.insert("privacy_url", privacy.map_or("", |url| url.as_str()));
        context.insert("terms_version", terms.map_or("", |terms| terms.version.as_str()));
        context.insert("password_least", &self.web.parser.passwords.min_length);
        context.insert("password_kinds", &self.web.parser.passwords.requires_kinds);
        // The session ends at the earlier of both limits.
        let remembered = self.web.remembered.idle.min(self.web.remembered.absolute);
        context.insert("remember", &RoughDuration::new(remembered));
        let parser = &self.web.parser;
        context.insert("dial_code", &parser.regions.dial_code().unwrap_or_default());
        context.insert("is_mainland", &(parser.regions == Regions::mainland()));
        let malformed =
            problem_message(&self.web.catalog, self.language, parser.regions.malformed());
        context.insert("mobile_malformed", &malformed);
        let rules = self.web.account_rules;
        context.insert("password_required", &(rules.password == PasswordRule::Required));
        context.insert("creates_accounts", &rules.code_creates_account());
        context.insert("signs_up", &(rules.sign_up == SignUp::Open));
        context.insert("proof_js", &self.web.assets.proof.href());
        self.add_branding(&mut context);
        context.insert("development", &self.web.is_development);
        context.insert("signed_in", &self.is_signed_in);
        // A person who asks for help can quote the id, and the operator finds it in the log.
        if !context.contains_key("request_id") {
            let failed = logging::current_request().filter(|_| !status.is_success());
            context.insert("request_id", failed.as_ref().map_or("", |request| request.id.as_str()));
        }
        self.web.tera.render(template, &context).map_err(Error::internal)
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

    /// Adds the name, logo and colours of the operator.
    fn add_branding(&self, context: &mut Context) {
        let brand = &self.web.brand;
        let icon = self.web.assets.icon.href();
        context.insert("logo", brand.logo.as_ref().map_or(&icon, |logo| &logo.href));
        context.insert("has_own_logo", &brand.logo.is_some());
        let picture = self.web.assets.icon_picture.href();
        let picture = brand.logo.as_ref().map_or(picture, |logo| logo.href.clone());
        // Programs that show a shared link want a whole address.
        let public_url = self.web.origin.public_url();
        let whole = public_url.and_then(|url| url.join(&picture).ok());
        context.insert("share_picture", &whole.map_or_else(|| picture.clone(), Into::into));
        context.insert("touch_icon", &picture);
        context.insert("brand", brand.name.as_str());
        let backs = brand
            .palette
            .map(|palette| [palette.light.back, palette.dark.back].map(|color| color.to_string()));
        context
            .insert("backs", &backs.unwrap_or_else(|| ["#eef4f1", "#0e1614"].map(str::to_owned)));
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

impl FromRequest for View {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let view = request.app_data::<Data<WebState>>().map(|web| Self {
            web: web.clone(),
            language: RequestContext::of(request, web).language,
            query: request.query_string().to_owned(),
            is_signed_in: CurrentSession::of(request)
                .is_some_and(|current| current.live().is_some()),
            takes_gzip: accepts_gzip(request),
            keeps_cookies: request.headers().contains_key(COOKIE),
        });
        ready(view.ok_or_else(|| Error::internal("no web data")))
    }
}
