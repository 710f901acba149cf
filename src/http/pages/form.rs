//! A form as a page shows it: with what was typed, what is wrong with it, and what to do next.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    cookie::{Cookie, SameSite},
    http::{StatusCode, header::CONTENT_SECURITY_POLICY},
};
use tera::Context;
use uuid::Uuid;

use super::{done::Done, form_template::FormTemplate, next, view::View};
use crate::{
    domain::{
        captcha::{CaptchaId, CaptchaMode},
        mobile::Mobile,
        region::Regions,
    },
    errors::{Error, Price, Problem, RequiredCaptcha},
    http::{
        middleware::security_headers,
        request::{fields::Fields, parser::RequestParser},
    },
};

/// The cookie by which a form that is sent shows that the browser keeps cookies.
const MARK: &str = "haoma_form";

/// The page that a person comes to who has set a new password.
pub const LOGIN_AFTER_RESET: &str = "/login?by=password";

/// A form that is about to be shown.
#[derive(Debug)]
pub struct FormPage {
    /// Which form it is.
    pub template: FormTemplate,
    /// The values of the fields, never a password or a captcha. A code is among them if it is still good.
    pub typed: BTreeMap<&'static str, String>,
    /// A message that is no error.
    pub notice: String,
    /// What has just happened on another page.
    pub done: Option<Done>,
    /// Seconds until another code can be requested; 0 if one can be requested now.
    pub resend_after: u64,
    /// Whether this browser has requested a code for the number that is shown.
    pub is_code_requested: bool,
    /// What the next request has to bring; `None` if nothing beyond the usual.
    pub price: Option<Price>,
    /// The cost of the proof of work that the form has to be submitted with; `None` if none is needed.
    pub submission_cost: Option<u32>,
    /// The masked number that was verified before; empty if none was.
    pub verified_mobile: String,
    /// The masked number of the person who is signed in already; empty if nobody is.
    pub signed_in_as: String,
    /// The field that gets the keyboard focus.
    pub focus: &'static str,
    /// The id of the request that was refused, which is shown; empty if none is to be shown.
    pub request_id: String,
    /// The name of the error that it was refused with; empty if it was not.
    pub error: String,
}

impl FormPage {
    /// Makes a form with what was typed into it.
    pub fn new(template: FormTemplate, focus: &'static str, fields: &Fields) -> Self {
        let shown_again = template.properties().shown_again.iter();
        Self {
            template,
            typed: shown_again.map(|name| (*name, fields.raw(name).to_owned())).collect(),
            notice: String::new(),
            done: None,
            resend_after: 0,
            is_code_requested: false,
            price: None,
            submission_cost: None,
            verified_mobile: String::new(),
            signed_in_as: String::new(),
            focus,
            request_id: String::new(),
            error: String::new(),
        }
    }

    /// Makes an empty form.
    pub fn empty(template: FormTemplate, focus: &'static str) -> Self {
        Self::new(template, focus, &Fields::default())
    }

    /// Returns the number that is in the form.
    pub(super) fn typed_mobile(&self, parser: &RequestParser) -> Result<Mobile, Problem> {
        let typed = |name| self.typed.get(name).map_or("", String::as_str);
        parser.shown_mobile(typed("mobile"), typed("country"))
    }

    /// Fills in a number that is known, as people in its country write it, and that country.
    pub(super) fn fill_in_mobile(&mut self, regions: &Regions, mobile: &Mobile) {
        self.typed.insert("mobile", regions.local(mobile));
        self.typed.insert("country", mobile.region().unwrap_or_default());
    }

    /// Shows the form.
    pub fn show(self, view: &View) -> Result<HttpResponse, Error> {
        let html = self.render(view, StatusCode::OK, "", &BTreeMap::new())?;
        let is_impersonal = !view.is_signed_in
            && self.verified_mobile.is_empty()
            && self.typed.values().all(String::is_empty);
        let mut response = if is_impersonal {
            view.answer_impersonal(StatusCode::OK, html)
        } else {
            view.answer(StatusCode::OK, html)
        };
        self.allow_target(view, &mut response)?;
        if !view.keeps_cookies {
            response.add_cookie(&mark(view)).map_err(Error::internal)?;
        }
        Ok(response)
    }

    /// Allows the form to lead to the site or client that the person came from.
    pub(super) fn allow_target(
        &self,
        view: &View,
        response: &mut HttpResponse,
    ) -> Result<(), Error> {
        let next = self.typed.get("next").map_or("", String::as_str);
        if let Some(target) = next::form_target(&view.web, next) {
            let policy = security_headers::with_form_target(&view.web.page_policy, &target)?;
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        Ok(())
    }

    /// Renders the page with a message above the form, and with problems by the names of fields.
    pub(super) fn render(
        &self,
        view: &View,
        status: StatusCode,
        alert: &str,
        problems: &BTreeMap<String, String>,
    ) -> Result<String, Error> {
        let none = String::new();
        // Templates ask for a code, which is shown again only while it is good.
        let mut form = BTreeMap::from([("sms_code", &none)]);
        form.extend(FormTemplate::all_shown_again().map(|name| (name, &none)));
        form.extend(self.typed.iter().map(|(name, text)| (*name, text)));
        let all_problems: BTreeMap<_, _> = FormTemplate::all_with_problem()
            .map(|name| (name, problems.get(name).unwrap_or(&none)))
            .collect();
        let next = self.typed.get("next").unwrap_or(&none);
        let wants_captcha = self.template == FormTemplate::LoginWithCaptcha
            || self.template == FormTemplate::RegisterVerified && self.price.is_some();
        let page_of = |form: FormTemplate| form.properties().page;
        let links = [
            ("register", page_of(FormTemplate::Register)),
            ("login", page_of(FormTemplate::LoginByCode)),
            ("login_by_code", page_of(FormTemplate::LoginByCode)),
            ("login_by_password", page_of(FormTemplate::Login)),
            ("login_after_reset", LOGIN_AFTER_RESET),
            ("reset_password", page_of(FormTemplate::ResetPassword)),
        ];
        let links = links.map(|(name, page)| (name, next::onto(&view.web.http.sites, page, next)));
        let mut context = Context::new();
        context.insert("form", &form);
        context.insert("problems", &all_problems);
        context.insert("alert", alert);
        context.insert("has_problem", &(!alert.is_empty() || !problems.is_empty()));
        context.insert("proved", &self.verified_mobile);
        context.insert("wants_captcha", &wants_captcha);
        context.insert("has_password", &self.template.asks_for_password());
        let proof = self.price.and_then(|price| price.required_proof());
        let needs_harder =
            self.price.and_then(|price| price.required_captcha()) == Some(RequiredCaptcha::Harder);
        // A browser without scripts sends no proof and solves a harder captcha in its place.
        context.insert("is_harder", &(needs_harder || proof.is_some()));
        context.insert("needs_harder", &needs_harder);
        context.insert("submission_cost", &self.submission_cost.unwrap_or(0));
        context.insert("proof_cost", &proof.map_or(0, |proof| proof.cost));
        // Scripts send a proof of work and show the captcha only where the server asks for it.
        let is_silent = view.web.parser.captcha_mode == CaptchaMode::Auto
            && self.price.is_none()
            && !problems.contains_key("captcha");
        context.insert("is_silent", &is_silent);
        context.insert("request_id", &self.request_id);
        context.insert("error", &self.error);
        context.insert("notice", &self.notice);
        let done = self.done.map_or_else(String::new, |done| done.sentence(view));
        context.insert("done", &done);
        context.insert("is_success", &self.done.is_none_or(Done::is_success));
        context.insert("signed_in_as", &self.signed_in_as);
        context.insert("captcha_id", CaptchaId::random().as_str());
        context.insert("idempotency_key", &Uuid::new_v4().to_string());
        context.insert("resend_after", &self.resend_after);
        context.insert("asked", &self.is_code_requested);
        context.insert("focus", self.focus);
        context.insert("to", &BTreeMap::from(links));
        context.insert("next_path", &next::path(&view.web.http.sites, next));
        view.render(status, self.template.properties().file, context)
    }
}

fn mark(view: &View) -> Cookie<'static> {
    Cookie::build(view.web.origin.cookie_name(MARK), "on")
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(view.web.origin.is_https())
        .finish()
}
