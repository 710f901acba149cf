//! A form as it is shown: what was typed, what is wrong with it, what to do next.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, RETRY_AFTER},
    },
};
use tera::Context;
use uuid::Uuid;

use super::{next, rendered_form::Field, view::View};
use crate::{
    domain::captcha::CaptchaId,
    errors::{Error, LimitMessage},
    http::{
        request::input::Fields,
        response::{
            error_log::log_error,
            error_table::{ErrorRow, error_row},
            seconds::seconds_up,
        },
    },
    i18n::problem_messages::field_messages,
};

/// The fields that templates ask about, in the order in which a person meets them.
const FIELDS: [&str; 8] =
    ["name", "mobile", "login", "captcha", "sms_code", "password", "new_password", "terms"];

/// Of all forms.
pub(super) const TEMPLATES: [&str; 8] = [
    "register.html",
    "login.html",
    "login_by_code.html",
    "reset_password.html",
    "account_name.html",
    "account_password.html",
    "account_mobile.html",
    "account_delete.html",
];

/// A form on its way to the reader.
#[derive(Debug)]
pub struct FormPage {
    /// Of the file in `templates/`.
    pub template: &'static str,
    /// What is shown in the fields; never a password, a code or a captcha.
    pub typed: BTreeMap<&'static str, String>,
    /// Something good to know.
    pub notice: String,
    /// Seconds until a code can be asked for again; 0 for now.
    pub resend_after: u64,
    /// Whether this browser has asked a code for the number that is shown.
    pub is_asked: bool,
    /// Whether a sign-in needs a captcha.
    pub wants_captcha: bool,
    /// Whether the picture is a harder one, for who cannot show a proof of work.
    pub is_harder: bool,
    /// The number, masked, that was proved before; then only a password is asked for.
    pub proved: String,
    /// The field to begin with.
    pub focus: &'static str,
}

impl FormPage {
    /// A form with what was typed into it, or with nothing.
    pub fn new(template: &'static str, focus: &'static str, fields: &Fields) -> Self {
        let typed = ["mobile", "name", "login", "next"].map(|it| (it, fields.raw(it).to_owned()));
        Self {
            template,
            typed: typed.into(),
            notice: String::new(),
            resend_after: 0,
            is_asked: false,
            wants_captcha: false,
            is_harder: false,
            proved: String::new(),
            focus,
        }
    }

    /// A form with everything on it that may ever be.
    pub(super) fn full(template: &'static str, fields: &Fields) -> Self {
        let proved = if template == "register.html" { "138****8000" } else { "" };
        Self {
            notice: "…".to_owned(),
            resend_after: 5,
            is_asked: true,
            wants_captcha: true,
            is_harder: true,
            proved: proved.to_owned(),
            ..Self::new(template, "password", fields)
        }
    }

    /// The page with nothing wrong on it.
    pub(super) fn render_blank(&self, view: &View) -> Result<String, Error> {
        self.render(view, StatusCode::OK, ("", &BTreeMap::new()))
    }

    /// The page with a problem beside every field.
    pub(super) fn render_problems(&self, view: &View) -> Result<String, Error> {
        let problems = FIELDS.map(|it| (it.to_owned(), "…".to_owned())).into();
        self.render(view, StatusCode::BAD_REQUEST, ("…", &problems))
    }

    /// The path that the form is sent to, and the fields that have to come with it: some of them with a value.
    pub(super) fn needs(&self, view: &View) -> (&'static str, Vec<Field>) {
        let has_terms = view.web.parser.terms.is_some();
        let places = self.places().iter().copied();
        let places: Vec<_> = places.filter(|it| *it != "terms" || has_terms).collect();
        let mut fields: Vec<_> = places.iter().map(|it| (*it, None)).collect();
        fields.extend(places.contains(&"captcha").then_some(("captcha_id", None)));
        fields.extend(places.contains(&"sms_code").then_some(("step", Some("send"))));
        let path = match self.template {
            "register.html" => "/register",
            "reset_password.html" => "/reset-password",
            "account_name.html" => "/account/name",
            "account_password.html" => "/account/password",
            "account_mobile.html" => "/account/mobile",
            "account_delete.html" => "/account/delete",
            "login_by_code.html" => {
                fields.push(("by", Some("sms")));
                "/login"
            }
            _ => "/login",
        };
        (path, fields)
    }

    /// Shows the form.
    pub fn show(self, view: &View) -> Result<HttpResponse, Error> {
        Ok(view.answer(StatusCode::OK, self.render_blank(view)?))
    }

    /// Shows the form again, with the failure in its place and the status that tells the truth.
    ///
    /// Every showing has a new captcha: the old one is used up, right or wrong.
    pub fn show_failure(mut self, view: &View, error: &Error) -> Result<HttpResponse, Error> {
        if let Error::Internal(_) = error {
            return Err(Error::internal(error.to_string()));
        }
        log_error(&view.web.metrics, error);
        let row = error_row(error);
        if let Error::TooOften { limit: LimitMessage::Resend, retry_after } = error {
            self.resend_after = seconds_up(*retry_after);
            self.is_asked = true;
        }
        self.is_harder |= matches!(error, Error::ProofOfWork(_));
        let problems = beside(view, self.places(), error, &row);
        let alert = if problems.is_empty() { said(view, &row) } else { String::new() };
        let first = FIELDS.into_iter().find(|it| problems.contains_key(*it));
        self.focus = first.unwrap_or(self.focus);
        let html = self.render(view, row.status, (&alert, &problems))?;
        let mut response = view.answer(row.status, html);
        if let Some(seconds) = row.retry_seconds() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        Ok(response)
    }

    /// The fields that have a place for a problem beside them; whatever is wrong with any other is said
    /// in the alert, or nobody would see it.
    fn places(&self) -> &'static [&'static str] {
        match self.template {
            "register.html" if !self.proved.is_empty() => &["password", "terms"],
            "register.html" => &["mobile", "captcha", "sms_code", "password", "terms"],
            "reset_password.html" | "account_mobile.html" => {
                &["mobile", "captcha", "sms_code", "password"]
            }
            "login.html" if self.wants_captcha => &["login", "password", "captcha"],
            "login.html" => &["login", "password"],
            "login_by_code.html" => &["mobile", "captcha", "sms_code"],
            "account_name.html" => &["name"],
            "account_password.html" => &["password", "new_password"],
            "account_delete.html" => &["password"],
            _ => &[],
        }
    }

    fn render(
        &self,
        view: &View,
        status: StatusCode,
        (alert, problems): (&str, &BTreeMap<String, String>),
    ) -> Result<String, Error> {
        let none = String::new();
        let of_field = |it: &'static str| (it, problems.get(it).unwrap_or(&none));
        let mut form: BTreeMap<_, _> = self.typed.iter().map(|(name, it)| (*name, it)).collect();
        form.insert("sms_code", &none);
        let next = self.typed.get("next").unwrap_or(&none);
        let mut context = Context::new();
        context.insert("form", &form);
        context.insert("problems", &FIELDS.map(of_field).into_iter().collect::<BTreeMap<_, _>>());
        context.insert("alert", alert);
        context.insert("has_problem", &(!alert.is_empty() || !problems.is_empty()));
        context.insert("proved", &self.proved);
        context.insert("wants_captcha", &self.wants_captcha);
        context.insert("is_harder", &self.is_harder);
        context.insert("notice", &self.notice);
        context.insert("captcha_id", CaptchaId::random().as_str());
        context.insert("idempotency_key", &Uuid::new_v4().to_string());
        context.insert("resend_after", &self.resend_after);
        context.insert("asked", &self.is_asked);
        // Whoever waits for a code in vain may have another way in.
        let has_another_way = ["register.html", "login_by_code.html"].contains(&self.template);
        context.insert("offers_password", &has_another_way);
        context.insert("focus", self.focus);
        let to = [
            ("register", "/register"),
            ("login", "/login"),
            ("login_by_code", "/login?by=sms"),
            ("reset_password", "/reset-password"),
        ];
        let to = to.map(|(name, path)| (name, next::onto(path, next)));
        context.insert("to", &BTreeMap::from(to));
        view.render(status, self.template, context)
    }
}

/// The sentences that belong beside fields; none if any of them has no place there.
fn beside(view: &View, places: &[&str], error: &Error, row: &ErrorRow) -> BTreeMap<String, String> {
    if let Error::Input(problems) = error {
        let all_have_a_place = problems.iter().all(|it| places.contains(&it.field.as_str()));
        let problems = if all_have_a_place { problems.as_slice() } else { &[] };
        return field_messages(&view.web.catalog, view.language, problems);
    }
    let field = row.form_field.filter(|field| places.contains(field));
    field.map(|field| (field.to_owned(), said(view, row))).into_iter().collect()
}

fn said(view: &View, row: &ErrorRow) -> String {
    row.message(&view.web.catalog, view.language)
}
