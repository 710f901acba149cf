//! Why a POST was refused, as the page says it that follows.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, RETRY_AFTER},
    },
};
use serde::{Deserialize, Serialize};
use tera::Context;

use super::view::{View, see_other};
use crate::{
    errors::Error,
    http::{
        auth::encrypted_cookie,
        response::{
            error_log::log_error,
            error_table::{ErrorRow, error_row},
        },
    },
    logging,
};

/// How long a cookie with a refusal lasts if its page is never loaded.
pub(super) const LIFETIME: Duration = Duration::from_mins(1);

const ACCOUNT: &str = "/account";
/// The cookie of what was refused on `/account`, whose buttons are no forms to fill in.
const ACCOUNT_COOKIE: &str = "haoma_form_account";

/// Why a POST was refused, in the words of the page.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Refusal {
    /// The status of the page.
    pub status: u16,
    /// Seconds after which the same request may succeed.
    pub retry_after: Option<u64>,
    /// The name of the error, such as `mobile-taken`.
    pub error: String,
    /// The id of the refused request, which the log has; empty if only fields were refused.
    pub request_id: String,
    /// The sentence above the form; empty if only fields were refused.
    pub alert: String,
    /// Sentences by the names of their fields.
    pub problems: BTreeMap<String, String>,
}

impl Refusal {
    /// Writes down an error, and the sentences that stand beside fields.
    pub fn new(view: &View, row: &ErrorRow, problems: BTreeMap<String, String>) -> Self {
        // Nobody asks for help because a field has to be filled in again.
        let request = logging::current_request().filter(|_| problems.is_empty());
        let alert = row.message(&view.web.catalog, view.language);
        Self {
            status: row.status.as_u16(),
            retry_after: row.retry_seconds(),
            error: row.name().to_owned(),
            request_id: request.map_or_else(String::new, |request| request.id.as_str().to_owned()),
            alert: if problems.is_empty() { alert } else { String::new() },
            problems,
        }
    }

    /// Returns the status of the page that says it.
    pub fn status(&self) -> Result<StatusCode, Error> {
        StatusCode::from_u16(self.status).map_err(Error::internal)
    }

    /// Adds `Retry-After` to that page, where waiting helps.
    pub fn add_retry_after(&self, response: &mut HttpResponse) {
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }

    /// Redirects from a refused button of `/account` back to it. Without cookies, and for a failure of our own, the error
    /// is the answer.
    pub fn redirect_to_account(view: &View, error: Error) -> Result<HttpResponse, Error> {
        if !view.keeps_cookies || matches!(error, Error::Internal(_)) {
            return Err(error);
        }
        log_error(&view.web.metrics, &error);
        let refusal = Self::new(view, &error_row(&error), BTreeMap::new());
        let text = serde_json::to_string(&refusal).map_err(Error::internal)?;
        let mut response = see_other(ACCOUNT);
        encrypted_cookie::set(&view.web, &mut response, ACCOUNT_COOKIE, &text, LIFETIME)?;
        Ok(response)
    }

    /// Shows `/account` with it, for once.
    pub fn page(
        self,
        view: &View,
        template: &str,
        mut context: Context,
    ) -> Result<HttpResponse, Error> {
        context.insert("request_id", &self.request_id);
        let mut response = view.page(self.status()?, template, context)?;
        self.add_retry_after(&mut response);
        encrypted_cookie::forget(&view.web, &mut response, ACCOUNT_COOKIE)?;
        Ok(response)
    }

    /// Returns what `/account` has to say, which is mostly nothing.
    pub fn of_account(view: &View, request: &HttpRequest) -> Option<Self> {
        let text = encrypted_cookie::value(&view.web, request, ACCOUNT_COOKIE)?;
        serde_json::from_str(&text).ok()
    }
}
