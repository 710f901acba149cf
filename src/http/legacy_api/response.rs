//! One writer for all dialects: every spelling of an envelope at once, and the verdict in the body.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse, dev::Payload, http::StatusCode,
    web::Data,
};
use chrono::Local;
use fluent_bundle::FluentArgs;
use serde_json::{Map, Value, json};

use super::{Action, request::FieldAliases};
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

/// Put on a request before it is read: in whose names and manner it is asked.
#[derive(Clone, Copy)]
pub(super) struct LegacyContext {
    pub(super) names: FieldAliases,
    pub(super) manner: Envelope,
    pub(super) step: Action,
}

/// The shape of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// Numbers of ours as texts, under all their names.
    Errno,
    /// The same, and `code`, which is "200" for success.
    ErrnoAndCode,
    /// `code` 100 or 101, and `msg`.
    Drf,
}

/// How the front-end behind a request is answered.
pub struct LegacyResponder {
    web: Data<WebState>,
    language: Language,
    asking: LegacyContext,
}

impl LegacyResponder {
    /// The voice for a request that came in a dialect.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let asking = request.extensions().get::<LegacyContext>().copied()?;
        let web = request.app_data::<Data<WebState>>()?.clone();
        let language = RequestContext::of(request, &web).language;
        Some(Self { web, language, asking })
    }

    /// It is done; `data` is what a program learns from it.
    pub(super) fn done(&self, data: &Value) -> HttpResponse {
        HttpResponse::Ok().json(self.success("dialect-done", data))
    }

    /// The person; at the sign-in also where to go next.
    pub(super) fn person(&self, account: &Account) -> HttpResponse {
        let mut envelope = self.success("dialect-done", &data_of(account));
        envelope.insert("user".to_owned(), user_of(account));
        if self.asking.step == Action::SignIn {
            envelope.insert("next_url".to_owned(), json!("/"));
        }
        HttpResponse::Ok().json(envelope)
    }

    /// Nobody is there, and that is fine.
    pub(super) fn nobody(&self) -> HttpResponse {
        let mut envelope = self.success("dialect-done", &json!({}));
        envelope.insert("user".to_owned(), json!({}));
        HttpResponse::Ok().json(envelope)
    }

    /// Done, as the drf family hears it: a sentence, and what stands beside it.
    pub(super) fn told(&self, key: &str, beside: &Value) -> HttpResponse {
        let mut envelope = self.success(key, &json!({}));
        envelope.extend(beside.as_object().cloned().unwrap_or_default());
        HttpResponse::Ok().json(envelope)
    }

    /// A failure. Scripts without an error callback see only what comes with status 200; pictures and
    /// what another site stands behind are not asked for by scripts.
    pub fn refuse(&self, error: &Error) -> HttpResponse {
        let is_verdict = self.asking.step != Action::Captcha
            && !matches!(error, Error::CrossSite | Error::OriginMissing);
        let row = error_row(error);
        let status = if is_verdict { StatusCode::OK } else { row.status };
        let errno = row.legacy_errno.unwrap_or(row.errno);
        let envelope = self.envelope(errno.code(), &self.explain(error, &row), &row.data_object());
        error_builder(status, &row).json(envelope)
    }

    fn success(&self, key: &str, data: &Value) -> Map<String, Value> {
        let sentence = self.web.catalog.translate(self.language, key, &FluentArgs::new());
        self.envelope(Errno::Ok.code(), &sentence, data)
    }

    fn envelope(&self, errno: &str, sentence: &str, data: &Value) -> Map<String, Value> {
        let is_done = errno == Errno::Ok.code();
        let mut envelope = Map::new();
        match self.asking.manner {
            Envelope::Drf => {
                envelope.insert("code".to_owned(), json!(if is_done { 100 } else { 101 }));
            }
            Envelope::Errno | Envelope::ErrnoAndCode => {
                for name in ["errno", "errcode", "error", "error_code", "re_code"] {
                    envelope.insert(name.to_owned(), json!(errno));
                }
                envelope.insert("errmsg".to_owned(), json!(sentence));
                envelope.insert("data".to_owned(), data.clone());
            }
        }
        if self.asking.manner == Envelope::ErrnoAndCode {
            envelope.insert("code".to_owned(), json!(if is_done { "200" } else { errno }));
        }
        envelope.insert("msg".to_owned(), json!(sentence));
        envelope
    }

    /// The words that these front-ends have always shown, and behind them what helps further.
    fn explain(&self, error: &Error, row: &ErrorRow) -> String {
        let (words, language) = (&self.web.catalog, self.language);
        let detail = if let Error::Input(problems) = error {
            let mut sentences: Vec<_> = problems.iter().map(|it| self.about(it)).collect();
            // A picture is one thing to people, and two fields.
            sentences.dedup();
            sentences.join(" ")
        } else {
            row.message(words, language)
        };
        match row.legacy_message_key {
            Some(key) => {
                words.translate(language, key, &FluentArgs::from_iter([("detail", detail)]))
            }
            None => detail,
        }
    }

    /// What is wrong with a field, and which it is: these front-ends have one line for all of them.
    fn about(&self, FieldProblem { field, problem }: &FieldProblem) -> String {
        let (words, language) = (&self.web.catalog, self.language);
        let sentence = problem_message(words, language, *problem);
        let Some(label) = label(field) else { return sentence };
        let label = words.translate(language, label, &FluentArgs::new());
        let args = FluentArgs::from_iter([("field", label), ("problem", sentence)]);
        words.translate(language, "dialect-field", &args)
    }
}

impl FromRequest for LegacyResponder {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or_else(|| Error::internal("no dialect")))
    }
}

/// What people call a field.
fn label(field: &str) -> Option<&'static str> {
    Some(match field {
        "captcha_id" | "captcha" => "dialect-field-captcha",
        "mobile" => "dialect-field-mobile",
        "sms_code" => "dialect-field-sms-code",
        "login" => "dialect-field-login",
        "password" => "dialect-field-password",
        _ => return None,
    })
}

/// A person under every name that scripts look for; the number is masked (R110).
fn data_of(account: &Account) -> Value {
    let (name, mobile, avatar) = shown(account);
    // The back ends that these front-ends were written for told their own local time.
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

fn user_of(account: &Account) -> Value {
    let (name, mobile, avatar) = shown(account);
    json!({
        "user_id": account.id,
        "name": name,
        "phone": mobile,
        "phone_num": mobile,
        "avatar": avatar,
        "avatar_url": avatar,
    })
}

fn shown(account: &Account) -> (&str, String, &str) {
    let avatar = account.avatar_url.as_deref().unwrap_or_default();
    (account.name.as_str(), account.mobile.masked(), avatar)
}
