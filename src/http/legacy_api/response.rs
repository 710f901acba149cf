//! Answers in the envelopes of the legacy APIs: every spelling that scripts read at once, and the result in the body.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse, dev::Payload, http::StatusCode,
    web::Data,
};
use chrono::Local;
use fluent_bundle::FluentArgs;
use serde_json::{Map, Value, json};

use super::types::{Action, Envelope, LegacyContext};
use crate::{
    domain::account::Account,
    errors::{Error, FieldProblem},
    http::{
        context::RequestContext,
        response::{
            envelope::error_builder,
            errno::Errno,
            error_table::{ErrorRow, error_row},
        },
        state::WebState,
    },
    i18n::{language::Language, problem_messages::problem_message},
};

/// Answers one request in the envelope and the language of its client.
pub struct LegacyResponder {
    web: Data<WebState>,
    language: Language,
    context: LegacyContext,
}

impl LegacyResponder {
    /// Returns the responder of a request for a legacy API; `None` for any other request.
    pub fn for_request(request: &HttpRequest) -> Option<Self> {
        let context = request.extensions().get::<LegacyContext>().copied()?;
        let web = request.app_data::<Data<WebState>>()?.clone();
        let language = RequestContext::of(request, &web).language;
        Some(Self { web, language, context })
    }

    /// Answers success with `data` for programs.
    pub(super) fn success(&self, data: &Value) -> HttpResponse {
        HttpResponse::Ok().json(self.success_envelope("dialect-done", data))
    }

    /// Answers success with an account. After a sign-in the answer also says which page comes next.
    pub(super) fn account(&self, account: &Account) -> HttpResponse {
        let mut envelope = self.success_envelope("dialect-done", &account_data(account));
        envelope.insert("user".to_owned(), account_user(account));
        if self.context.action == Action::SignIn {
            envelope.insert("next_url".to_owned(), json!("/"));
        }
        HttpResponse::Ok().json(envelope)
    }

    /// Answers success with an empty user, if nobody is signed in.
    pub(super) fn empty_user(&self) -> HttpResponse {
        let mut envelope = self.success_envelope("dialect-done", &json!({}));
        envelope.insert("user".to_owned(), json!({}));
        HttpResponse::Ok().json(envelope)
    }

    /// Answers success with the sentence of a key, and the fields of an object beside it in the envelope.
    pub(super) fn message(&self, key: &str, fields: &Value) -> HttpResponse {
        let mut envelope = self.success_envelope(key, &json!({}));
        envelope.extend(fields.as_object().cloned().unwrap_or_default());
        HttpResponse::Ok().json(envelope)
    }

    /// Answers an error. The status is 200, because scripts without an error callback see nothing else. Pictures, and
    /// requests from other sites, do not come from such scripts and get the true status.
    pub fn failure(&self, error: &Error) -> HttpResponse {
        let row = error_row(error);
        let is_from_script = self.context.action != Action::Captcha
            && !matches!(error, Error::CrossSite | Error::OriginMissing);
        let status = if is_from_script { StatusCode::OK } else { row.status };
        let errno = row.legacy_errno.unwrap_or(row.errno);
        let envelope =
            self.envelope(errno.code(), &self.error_message(error, &row), &row.data_object());
        error_builder(status, &row).json(envelope)
    }

    fn success_envelope(&self, key: &str, data: &Value) -> Map<String, Value> {
        let sentence = self.web.catalog.translate(self.language, key, &FluentArgs::new());
        self.envelope(Errno::Ok.code(), &sentence, data)
    }

    fn envelope(&self, errno: &str, sentence: &str, data: &Value) -> Map<String, Value> {
        let is_success = errno == Errno::Ok.code();
        let mut envelope = Map::new();
        match self.context.envelope {
            Envelope::Drf => {
                envelope.insert("code".to_owned(), json!(if is_success { 100 } else { 101 }));
            }
            Envelope::Errno | Envelope::ErrnoAndCode => {
                for name in ["errno", "errcode", "error", "error_code", "re_code"] {
                    envelope.insert(name.to_owned(), json!(errno));
                }
                envelope.insert("errmsg".to_owned(), json!(sentence));
                envelope.insert("data".to_owned(), data.clone());
            }
        }
        if self.context.envelope == Envelope::ErrnoAndCode {
            envelope.insert("code".to_owned(), json!(if is_success { "200" } else { errno }));
        }
        envelope.insert("msg".to_owned(), json!(sentence));
        envelope
    }

    /// Returns the sentence that the original back ends had for an error, where they had one. It may contain our own
    /// sentence, which says what to do.
    fn error_message(&self, error: &Error, row: &ErrorRow) -> String {
        let (catalog, language) = (&self.web.catalog, self.language);
        let detail = if let Error::Input(problems) = error {
            let mut sentences: Vec<_> =
                problems.iter().map(|problem| self.field_message(problem)).collect();
            // A captcha is two fields with one label, so both may have the same sentence.
            sentences.dedup();
            sentences.join(" ")
        } else {
            row.json_message(catalog, language)
        };
        match row.legacy_message_key {
            Some(key) => {
                catalog.translate(language, key, &FluentArgs::from_iter([("detail", detail)]))
            }
            None => detail,
        }
    }

    /// Returns the sentence for a field with its label in it, because these front-ends show all problems in one line.
    fn field_message(&self, FieldProblem { field, problem }: &FieldProblem) -> String {
        let (catalog, language) = (&self.web.catalog, self.language);
        let sentence = problem_message(catalog, language, *problem);
        let Some(label) = label_key(field) else { return sentence };
        let label = catalog.translate(language, label, &FluentArgs::new());
        let args = FluentArgs::from_iter([("field", label), ("problem", sentence)]);
        catalog.translate(language, "dialect-field", &args)
    }
}

impl FromRequest for LegacyResponder {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::for_request(request).ok_or_else(|| Error::internal("no legacy context")))
    }
}

/// Returns the key of a field's label.
fn label_key(field: &str) -> Option<&'static str> {
    Some(match field {
        "captcha_id" | "captcha" => "dialect-field-captcha",
        "mobile" => "dialect-field-mobile",
        "sms_code" => "dialect-field-sms-code",
        "login" => "dialect-field-login",
        "password" => "dialect-field-password",
        _ => return None,
    })
}

/// Returns an account under every name that scripts read it from. The number is masked (R110).
fn account_data(account: &Account) -> Value {
    let (name, mobile, avatar) = public_values(account);
    // The original back ends wrote the local time of their server.
    let created = account.created_at.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string();
    json!({
        "user_id": account.id,
        "name": name,
        "user_name": name,
        "username": name,
        "mobile": mobile,
        "user_mobile": mobile,
        "avatar": avatar,
        "avatar_url": avatar,
        "create_time": created,
    })
}

/// Returns an account as the object `user`, which some scripts read in place of `data`.
fn account_user(account: &Account) -> Value {
    let (name, mobile, avatar) = public_values(account);
    json!({
        "user_id": account.id,
        "name": name,
        "phone": mobile,
        "phone_num": mobile,
        "avatar": avatar,
        "avatar_url": avatar,
    })
}

fn public_values(account: &Account) -> (&str, String, &str) {
    let avatar = account.avatar_url.as_deref().unwrap_or_default();
    (account.name.as_str(), account.mobile.masked(), avatar)
}
