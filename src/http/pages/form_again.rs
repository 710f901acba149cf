//! Shows a form again after its POST: refused, or with another captcha.
//!
//! The POST redirects (303), so that neither Back nor a reload meets a page that the browser could only get by sending the
//! form once more. What was typed and what is wrong with it go along in an encrypted cookie, which the page that shows
//! them deletes. A client without cookies gets the page at once.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::{
    form::FormPage,
    form_template::FormTemplate,
    next,
    refusal::{LIFETIME, Refusal},
    view::{View, see_other},
};
use crate::{
    errors::{Error, FieldProblem, LimitMessage, Price},
    http::{
        auth::encrypted_cookie,
        response::{
            error_log::log_error,
            error_table::{ErrorRow, error_row},
            seconds::seconds_up,
        },
    },
    i18n::problem_messages::field_messages,
};

/// The most bytes of a form in a cookie. Encrypted it is a third longer, and browsers keep 4096 bytes.
const MAX_FORM_BYTES: usize = 2 * 1024;
/// The most bytes of the address to redirect to. It repeats `next`, which was typed by nobody.
const MAX_ADDRESS_BYTES: usize = 2 * 1024;

/// A form as it will be shown.
#[derive(Serialize, Deserialize)]
struct FormAgain {
    template: FormTemplate,
    /// Neither a password nor a captcha is among them; a code only while it is good.
    typed: BTreeMap<String, String>,
    focus: String,
    notice: String,
    resend_after: u64,
    is_code_requested: bool,
    price: Option<Price>,
    submission_cost: Option<u32>,
    verified_mobile: String,
    refusal: Option<Refusal>,
}

/// Shows a form again with the error, under the status of that error.
///
/// It always shows a new captcha: the old one is consumed, right or wrong.
pub fn refuse(mut page: FormPage, view: &View, error: &Error) -> Result<HttpResponse, Error> {
    if let Error::Internal(_) = error {
        return Err(Error::internal(error.to_string()));
    }
    log_error(&view.web.metrics, error);
    let mut row = error_row(error);
    if matches!(error, Error::MobileTaken) && page.template.changes_mobile() {
        // Whoever is signed in is not told to sign in.
        row.message_key = "mobile-taken-by-another";
    }
    if let Error::TooOften { limit: LimitMessage::Resend, retry_after } = error {
        page.resend_after = seconds_up(*retry_after);
        page.is_code_requested = true;
    }
    if let Error::PriceRequired(price) = error {
        page.price = Some(*price);
        page.submission_cost = price.required_proof().map(|proof| proof.cost);
    }
    let with_problem = page.template.properties().with_problem;
    let problems = problems_beside_fields(view, with_problem, error, &row);
    let first = with_problem.iter().find(|name| problems.contains_key(**name));
    page.focus = first.copied().unwrap_or(page.focus);
    let sign_in = sign_in_instead(&page, error);
    let refusal = Refusal::new(view, &row, problems);
    let mut response = FormAgain::new(page, Some(refusal)).answer(view)?;
    if let Some(sign_in) = sign_in {
        FormAgain::new(sign_in, None).remember(view, &mut response)?;
    }
    Ok(response)
}

/// Returns the form that the link beside a registered number leads to, with that number in it.
fn sign_in_instead(page: &FormPage, error: &Error) -> Option<FormPage> {
    let is_offered = page.template == FormTemplate::Register && matches!(error, Error::MobileTaken);
    is_offered.then(|| {
        let typed =
            page.typed.iter().filter(|(name, _)| matches!(**name, "mobile" | "country" | "next"));
        let mut sign_in = FormPage::empty(FormTemplate::LoginByCode, "mobile");
        sign_in.typed.extend(typed.map(|(name, text)| (*name, text.clone())));
        sign_in
    })
}

/// Shows a form as it was typed, with a new captcha.
pub fn show(page: FormPage, view: &View) -> Result<HttpResponse, Error> {
    FormAgain::new(page, None).answer(view)
}

/// Returns the answer to a GET of this form's page if the form was sent a moment ago and has to be shown again.
pub fn answer_to_get(
    view: &View,
    request: &HttpRequest,
    template: FormTemplate,
) -> Option<Result<HttpResponse, Error>> {
    let cookie = cookie_of(template);
    let text = encrypted_cookie::value(&view.web, request, &cookie)?;
    let form: FormAgain = serde_json::from_str(&text).ok()?;
    Some(form.show(view).and_then(|mut response| {
        encrypted_cookie::forget(&view.web, &mut response, &cookie)?;
        Ok(response)
    }))
}

impl FormAgain {
    fn new(page: FormPage, refusal: Option<Refusal>) -> Self {
        let typed = page.typed.into_iter();
        Self {
            template: page.template,
            typed: typed.map(|(name, text)| (name.to_owned(), text)).collect(),
            focus: page.focus.to_owned(),
            notice: page.notice,
            resend_after: page.resend_after,
            is_code_requested: page.is_code_requested,
            price: page.price,
            submission_cost: page.submission_cost,
            verified_mobile: page.verified_mobile,
            refusal,
        }
    }

    /// Answers the POST.
    fn answer(mut self, view: &View) -> Result<HttpResponse, Error> {
        let next = self.typed.get("next").map_or("", String::as_str);
        let address = next::onto(&view.web.http.sites, self.template.properties().page, next);
        let address = next::in_language_of(&view.query, &address);
        let mut text = serde_json::to_string(&self).map_err(Error::internal)?;
        if text.len() > MAX_FORM_BYTES {
            // Whatever makes it so long is nothing that a person has typed.
            self.typed.retain(|_, text| text.len() <= 64);
            text = serde_json::to_string(&self).map_err(Error::internal)?;
        }
        if !view.keeps_cookies || text.len() > MAX_FORM_BYTES || address.len() > MAX_ADDRESS_BYTES {
            return self.show(view);
        }
        let mut response = see_other(&address);
        encrypted_cookie::set(
            &view.web,
            &mut response,
            &cookie_of(self.template),
            &text,
            LIFETIME,
        )?;
        Ok(response)
    }

    /// Has the page of the form show it to a browser that keeps cookies.
    fn remember(&self, view: &View, response: &mut HttpResponse) -> Result<(), Error> {
        let text = serde_json::to_string(self).map_err(Error::internal)?;
        if !view.keeps_cookies || text.len() > MAX_FORM_BYTES {
            return Ok(());
        }
        encrypted_cookie::set(&view.web, response, &cookie_of(self.template), &text, LIFETIME)
    }

    fn show(self, view: &View) -> Result<HttpResponse, Error> {
        let mut page = FormPage::empty(self.template, known(&self.focus));
        page.typed.extend(self.typed.into_iter().map(|(name, text)| (known(&name), text)));
        page.notice = self.notice;
        page.resend_after = self.resend_after;
        page.is_code_requested = self.is_code_requested;
        page.price = self.price;
        page.submission_cost = self.submission_cost;
        page.verified_mobile = self.verified_mobile;
        let Some(refusal) = self.refusal else { return page.show(view) };
        let status = refusal.status()?;
        page.request_id.clone_from(&refusal.request_id);
        page.error.clone_from(&refusal.error);
        let html = page.render(view, status, &refusal.alert, &refusal.problems)?;
        let mut response = view.answer(status, html);
        refusal.add_retry_after(&mut response);
        page.allow_target(view, &mut response)?;
        Ok(response)
    }
}

/// Returns the name of the cookie for all forms of a page. Forms of other pages have other ones, so that two tabs do not
/// mix.
fn cookie_of(template: FormTemplate) -> String {
    let page = template.properties().page;
    let name: String = page
        .chars()
        .map(|letter| if letter.is_ascii_alphabetic() { letter } else { '_' })
        .collect();
    format!("haoma_form{name}")
}

/// Returns the name of a field as templates have it; an empty one if there is no such field.
fn known(name: &str) -> &'static str {
    FormTemplate::all_fields().find(|field| *field == name).unwrap_or_default()
}

/// Returns the messages that are shown beside fields; none if one of them would have no place there.
fn problems_beside_fields(
    view: &View,
    with_problem: &[&str],
    error: &Error,
    row: &ErrorRow,
) -> BTreeMap<String, String> {
    if let Error::Input(problems) = error {
        // What is wrong with a country stands below the number beside which it is chosen.
        let number = if with_problem.contains(&"login") { "login" } else { "mobile" };
        let place =
            |field: &str| if field == "country" { number.to_owned() } else { field.to_owned() };
        let problems: Vec<_> = problems
            .iter()
            .map(|it| FieldProblem { field: place(&it.field), problem: it.problem })
            .collect();
        let all_have_a_place =
            problems.iter().all(|problem| with_problem.contains(&problem.field.as_str()));
        let problems = if all_have_a_place { problems.as_slice() } else { &[] };
        return field_messages(&view.web.catalog, view.language, problems);
    }
    let field = row.form_field.filter(|field| with_problem.contains(field));
    field.map(|field| (field.to_owned(), message(view, row))).into_iter().collect()
}

fn message(view: &View, row: &ErrorRow) -> String {
    row.message(&view.web.catalog, view.language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_share_a_cookie_exactly_if_they_share_a_page() {
        for one in FormTemplate::ALL {
            for other in FormTemplate::ALL {
                let same_page = one.properties().page == other.properties().page;
                assert_eq!(cookie_of(one) == cookie_of(other), same_page, "{one:?} {other:?}");
            }
        }
        assert_eq!(cookie_of(FormTemplate::Login), "haoma_form_login_by_password");
    }
}
