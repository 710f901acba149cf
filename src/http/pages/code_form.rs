//! Forms that verify a number: number, captcha, "send code" with its countdown, SMS code.

use actix_web::HttpResponse;
use fluent_bundle::FluentArgs;
use futures_util::future::join;

use super::{
    done::Done, form::FormPage, form_again, form_request::FormRequest, form_template::FormTemplate,
    next, view::see_other,
};
use crate::{
    domain::purpose::Purpose,
    errors::{Error, Problem},
    flows::{
        admit::submission_cost, require_proof_of_work::price_of_message, resend_after::resend_after,
    },
    http::{
        auth::{pending_cookie, viewer::Viewer},
        request::{bodies, fields::Fields, idempotency},
        response::seconds::seconds_up,
    },
};

/// A form that verifies a number.
#[derive(Debug)]
pub struct CodeForm {
    /// Which form it is.
    pub template: FormTemplate,
    /// The purpose of the code.
    pub purpose: Purpose,
    /// The name of the account whose password the form asks for, which password managers read; empty if there is none.
    pub login: String,
}

impl CodeForm {
    /// Makes a form for people who are not signed in.
    pub const fn new(template: FormTemplate, purpose: Purpose) -> Self {
        Self { template, purpose, login: String::new() }
    }

    /// Shows the empty form, with the number of this browser's last code and the seconds until another one can be requested.
    pub async fn get(
        &self,
        form_request: &FormRequest,
        viewer: Option<Viewer>,
    ) -> Result<HttpResponse, Error> {
        let FormRequest { view, request, .. } = form_request;
        if let Some(answer) = form_again::answer_to_get(view, request, self.template) {
            return answer;
        }
        let done = Done::of(view, request);
        let mut page = FormPage { done, ..FormPage::empty(self.template, "mobile") };
        // Who has to sign in again is not sent back to where that was said.
        let signed_in = viewer.as_ref().filter(|_| page.done.is_none());
        page.signed_in_as =
            signed_in.map_or_else(String::new, |viewer| viewer.account.mobile.masked());
        let next = next::of(form_request.request.query_string());
        if let Some(hint) = next::login_hint(&next) {
            page.typed.insert("mobile", hint);
        }
        page.typed.insert("next", next);
        page.typed.insert("login", self.login.clone());
        // Who is signed in has used the last code.
        if viewer.is_none() {
            self.count_down(form_request, &mut page).await;
        }
        if page.is_code_requested {
            let mut chosen = pending_cookie::chosen(&view.web, request, self.purpose);
            let names = self.template.properties().shown_again.iter();
            page.typed.extend(names.filter_map(|name| Some((*name, chosen.remove(*name)?))));
        }
        self.add_prices(form_request, &mut page).await;
        let mut response = page.show(view)?;
        Done::forget(view, request, &mut response)?;
        Ok(response)
    }

    /// Does what the pressed button says: shows another picture, sends a code, or submits the form. Enter does the next
    /// of these that is missing.
    pub async fn post(
        &self,
        form_request: &FormRequest,
        fields: &Fields,
        finish: impl AsyncFnOnce() -> Result<HttpResponse, Error>,
    ) -> Result<HttpResponse, Error> {
        let result = match fields.raw("step") {
            "picture" => {
                let page = self.again(form_request, fields).await;
                return form_again::show(page, &form_request.view);
            }
            "send" => self.send(form_request, fields).await,
            "next" if fields.raw("sms_code").is_empty() => self.send(form_request, fields).await,
            _ => finish().await,
        };
        match result {
            Ok(response) => Ok(response),
            Err(error) => self.refuse(form_request, fields, &error).await,
        }
    }

    /// Shows the form again with the error.
    pub async fn refuse(
        &self,
        form_request: &FormRequest,
        fields: &Fields,
        error: &Error,
    ) -> Result<HttpResponse, Error> {
        let mut page = self.again(form_request, fields).await;
        if !matches!(error, Error::SmsCodeGone | Error::SmsCodeWrong { .. }) {
            page.typed.insert("sms_code", fields.raw("sms_code").to_owned());
        }
        form_again::refuse(page, &form_request.view, error)
    }

    /// Sends a code and redirects to this same page, where a reload sends nothing.
    async fn send(
        &self,
        form_request: &FormRequest,
        fields: &Fields,
    ) -> Result<HttpResponse, Error> {
        let FormRequest { state, view, context, .. } = form_request;
        context.name_device();
        let request = bodies::sms_code_request_for(self.purpose, &view.web.parser, fields)?;
        let client = context.client()?;
        idempotency::wait_for_first(|| {
            idempotency::send(state, &view.web, fields, &request, client)
        })
        .await?;
        let mut response = see_other(&next::onto(
            &view.web.http.sites,
            self.template.properties().page,
            fields.raw("next"),
        ));
        let chosen = self.template.properties().shown_again.iter();
        let chosen: Vec<_> = chosen
            .filter(|name| !matches!(**name, "mobile" | "country" | "next"))
            .map(|name| (*name, fields.raw(name)))
            .collect();
        let of_form = (&request.mobile, chosen.as_slice());
        pending_cookie::remember_mobile(&view.web, &mut response, of_form, self.purpose)?;
        Ok(response)
    }

    /// Makes the form as it was typed, with a new picture.
    async fn again(&self, form_request: &FormRequest, fields: &Fields) -> FormPage {
        let mut page = FormPage::new(self.template, "captcha", fields);
        page.typed.insert("login", self.login.clone());
        self.count_down(form_request, &mut page).await;
        self.add_prices(form_request, &mut page).await;
        page
    }

    /// Fills in the number of this browser's last code, and the seconds until another one can be requested.
    ///
    /// Without an answer from the store the page is shown without a countdown.
    async fn count_down(
        &self,
        FormRequest { state, view, request, context }: &FormRequest,
        page: &mut FormPage,
    ) {
        let parser = &view.web.parser;
        let typed = page.typed_mobile(parser);
        let Some(mobile) = pending_cookie::pending_mobile(&view.web, request, self.purpose) else {
            // A new number of an account is another one than all before.
            let known = pending_cookie::mobile_of_any_purpose(&view.web, request);
            if let Some(mobile) =
                known.filter(|_| typed == Err(Problem::Missing) && self.purpose != Purpose::Rebind)
            {
                page.fill_in_mobile(&parser.regions, &mobile);
            }
            return;
        };
        match typed {
            Err(Problem::Missing) => page.fill_in_mobile(&parser.regions, &mobile),
            typed if typed.as_ref() != Ok(&mobile) => return,
            _ => {}
        }
        page.is_code_requested = true;
        let Ok(client) = context.client() else { return };
        match resend_after(state, &mobile, client).await {
            Ok(remaining) if !remaining.is_zero() => {
                page.resend_after = seconds_up(remaining);
                page.focus = "sms_code";
                let args = FluentArgs::from_iter([("mobile", mobile.grouped())]);
                page.notice = view.translate("notice-sms-sent", &args);
            }
            Ok(_) => {}
            Err(error) => log::warn!("event=no_countdown error={error:?}"),
        }
    }

    /// Adds what a code and the submission of the form cost this browser. Without an answer from the store they cost
    /// nothing more than usual, so that the page is shown.
    async fn add_prices(
        &self,
        FormRequest { state, view, context, .. }: &FormRequest,
        page: &mut FormPage,
    ) {
        let mobile = page.typed_mobile(&view.web.parser).ok();
        let Ok(client) = context.client() else { return };
        let message = price_of_message(state, mobile.as_ref(), client);
        let submission = submission_cost(state, self.purpose, client);
        let (message, submission) = join(message, submission).await;
        page.price = message.unwrap_or_default();
        page.submission_cost = submission.unwrap_or_default();
    }
}
