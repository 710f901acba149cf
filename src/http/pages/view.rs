//! A page in the reader's language, with everything the base template needs.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::{
        StatusCode,
        header::{CONTENT_LANGUAGE, LOCATION, VARY},
    },
    web::Data,
};
use fluent_bundle::FluentArgs;
use serde::Serialize;
use tera::Context;

use crate::{
    errors::Error,
    http::{auth::current_session::CurrentSession, context::RequestContext, state::WebState},
    i18n::{
        language,
        language::{LANGUAGES, Language},
    },
    logging,
};

/// What every page needs.
pub struct View {
    /// Words, templates, files.
    pub web: Data<WebState>,
    /// The reader's language.
    pub language: Language,
    /// What follows the page's path.
    pub query: String,
    /// Whether somebody is signed in.
    pub is_signed_in: bool,
}

/// A language that the reader may choose.
#[derive(Serialize)]
struct Choice {
    tag: &'static str,
    name: &'static str,
    href: String,
    current: bool,
}

impl View {
    /// A page for a reader of whom only the request's line is known.
    pub fn anonymous(web: &Data<WebState>, language: Language, query: &str) -> Self {
        Self { web: web.clone(), language, query: query.to_owned(), is_signed_in: false }
    }

    /// A sentence.
    pub fn translate(&self, key: &str, args: &FluentArgs<'_>) -> String {
        self.web.catalog.translate(self.language, key, args)
    }

    /// A page of a template.
    pub fn page(
        &self,
        status: StatusCode,
        template: &str,
        context: Context,
    ) -> Result<HttpResponse, Error> {
        Ok(self.answer(status, self.render(status, template, context)?))
    }

    /// Renders a template.
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
        context.insert("terms_url", terms.map_or("", |it| it.url.as_str()));
        context.insert("terms_version", terms.map_or("", |it| it.version.as_str()));
        context.insert("password_least", &self.web.parser.passwords.min_length);
        context.insert("password_kinds", &self.web.parser.passwords.requires_kinds);
        context.insert("proof_js", &self.web.assets.proof.href());
        self.add_branding(&mut context);
        context.insert("development", &self.web.is_development);
        context.insert("signed_in", &self.is_signed_in);
        // Whoever asks for help with a failure can say which one it was.
        let failed = logging::current_request().filter(|_| !status.is_success());
        context.insert("request_id", failed.as_ref().map_or("", |it| it.id.as_str()));
        self.web.tera.render(template, &context).map_err(Error::internal)
    }

    /// A rendered page, on its way.
    pub fn answer(&self, status: StatusCode, html: String) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(status);
        response
            .content_type("text/html; charset=utf-8")
            .insert_header((CONTENT_LANGUAGE, self.language.tag()))
            .insert_header((VARY, "accept-language, cookie"));
        if Language::chosen(&self.query).is_some() {
            response.cookie(self.language_cookie());
        }
        response.body(html)
    }

    /// Whose page it is.
    fn add_branding(&self, context: &mut Context) {
        let brand = &self.web.brand;
        let icon = self.web.assets.icon.href();
        context.insert("logo", brand.logo.as_ref().map_or(&icon, |it| &it.href));
        context.insert("has_own_logo", &brand.logo.is_some());
        context.insert("brand", brand.name.as_str());
        let backs = brand.palette.map(|it| [it.light.back, it.dark.back].map(|it| it.to_string()));
        context
            .insert("backs", &backs.unwrap_or_else(|| ["#eef4f1", "#0e1614"].map(str::to_owned)));
    }

    /// Links to this very page in every language; the rest of the query stays.
    fn choices(&self) -> Vec<Choice> {
        let choice = |language: Language| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(
                url::form_urlencoded::parse(self.query.as_bytes()).filter(|(it, _)| it != "lang"),
            );
            query.append_pair("lang", language.tag());
            // Without the path: `//elsewhere` in one would lead there.
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

/// The answer to a form that was done: the browser goes on to a page that may be reloaded.
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
        });
        ready(view.ok_or_else(|| Error::internal("no web data")))
    }
}
