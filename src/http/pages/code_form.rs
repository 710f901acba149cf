//! A form that proves a number on the way: number, captcha, "send code" with its countdown, SMS code.

use actix_web::HttpResponse;
use fluent_bundle::FluentArgs;

use super::{form::FormPage, form_request::FormRequest, next, view::see_other};
use crate::{
    domain::purpose::Purpose,
    errors::Error,
    flows::require_proof_of_work::needs_proof_of_work,
    http::{
        auth::pending_cookie,
        request::{bodies, idempotency, input::Fields},
        response::seconds::seconds_up,
    },
};

/// The fields of a form that takes a code and a password.
pub const CODE_AND_PASSWORD: &[&str] =
    &["mobile", "captcha_id", "captcha", "proof_of_work", "sms_code", "password", "next", "step"];

/// One of the forms.
#[derive(Clone, Copy, Debug)]
pub struct CodeForm {
    /// Of the file in `templates/`.
    pub template: &'static str,
    /// Where it stands.
    pub path: &'static str,
    /// What the code is for.
    pub purpose: Purpose,
    /// Every field it has.
    pub fields: &'static [&'static str],
}

impl CodeForm {
    /// Shows the empty form, with the number and the seconds that this browser is waiting for.
    pub async fn get(&self, visit: &FormRequest) -> Result<HttpResponse, Error> {
        let mut page = FormPage::new(self.template, "mobile", &Fields::default());
        page.typed.insert("next", next::of(visit.request.query_string()));
        self.count_down(visit, &mut page).await;
        page.is_harder = is_harder(visit, &page).await;
        page.show(&visit.view)
    }

    /// Does what the pressed button says: another picture, a code, or what the form is for. Enter means
    /// the next thing that is missing.
    pub async fn post(
        &self,
        visit: &FormRequest,
        fields: &Fields,
        finish: impl AsyncFnOnce() -> Result<HttpResponse, Error>,
    ) -> Result<HttpResponse, Error> {
        let done = match fields.raw("step") {
            "picture" => return self.again(visit, fields).await.show(&visit.view),
            "send" => self.send(visit, fields).await,
            "next" if fields.raw("sms_code").is_empty() => self.send(visit, fields).await,
            _ => finish().await,
        };
        match done {
            Ok(response) => Ok(response),
            Err(error) => self.refuse(visit, fields, &error).await,
        }
    }

    /// Shows the form again, and why what it asks for is not done.
    pub async fn refuse(
        &self,
        visit: &FormRequest,
        fields: &Fields,
        error: &Error,
    ) -> Result<HttpResponse, Error> {
        self.again(visit, fields).await.show_failure(&visit.view, error)
    }

    /// Texts a code, and goes on to this same page: there a reload texts nobody.
    async fn send(&self, visit: &FormRequest, fields: &Fields) -> Result<HttpResponse, Error> {
        let wish = bodies::sms_code_request(&visit.view.web.parser, fields, self.fields, |_| {
            Some(self.purpose)
        })?;
        let FormRequest { state, view, who, .. } = visit;
        let client = who.client()?;
        idempotency::wait_for_first(|| idempotency::send(state, &view.web, fields, &wish, client))
            .await?;
        let mut response = see_other(&next::onto(self.path, fields.raw("next")));
        pending_cookie::remember_mobile(
            &visit.view.web,
            &mut response,
            &wish.mobile,
            self.purpose,
        )?;
        Ok(response)
    }

    /// The form as it was typed, with a new picture.
    async fn again(&self, visit: &FormRequest, fields: &Fields) -> FormPage {
        let mut page = FormPage::new(self.template, "captcha", fields);
        self.count_down(visit, &mut page).await;
        page.is_harder = is_harder(visit, &page).await;
        page
    }

    /// Fills in the number this browser has asked a code for, and the seconds that truly remain.
    ///
    /// A store that does not answer shows no countdown: the page must come up all the same.
    async fn count_down(
        &self,
        FormRequest { state, view, request, .. }: &FormRequest,
        page: &mut FormPage,
    ) {
        let Some(mobile) = pending_cookie::pending_mobile(&view.web, request, self.purpose) else {
            return;
        };
        let typed = page.typed.entry("mobile").or_default();
        if typed.is_empty() {
            mobile.as_str().clone_into(typed);
        } else if view.web.parser.mobile(typed).as_ref() != Ok(&mobile) {
            return;
        }
        page.is_asked = true;
        match state.rate_limits.resend_after(&mobile).await {
            Ok(remaining) if !remaining.is_zero() => {
                page.resend_after = seconds_up(remaining);
                page.focus = "sms_code";
                let args = FluentArgs::from_iter([("mobile", mobile.masked())]);
                page.notice = view.translate("notice-sms-sent", &args);
            }
            Ok(_) => {}
            Err(error) => log::warn!("event=no_countdown error={error:?}"),
        }
    }
}

/// Whether the form needs a proof of work, or a harder picture. A store that does not answer decides
/// nothing here: the page must come up all the same.
async fn is_harder(FormRequest { state, view, who, .. }: &FormRequest, page: &FormPage) -> bool {
    let mobile = page.typed.get("mobile").and_then(|it| view.web.parser.mobile(it).ok());
    let Ok(client) = who.client() else { return false };
    needs_proof_of_work(state, mobile.as_ref(), client.address).await.unwrap_or_default()
}
