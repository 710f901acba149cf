//! The family of Django REST framework: what it asks for, and how it calls things.

use actix_web::http::Method;

use super::{Action, Family, RouteRow, request::FieldAliases, response::Envelope};
use crate::domain::legacy_api::LegacyApi;

const NAMES: FieldAliases = &[
    ("captcha_id", &["image_code_id"]),
    ("captcha", &["image_code"]),
    ("mobile", &["mobile"]),
    ("sms_code", &["code"]),
    ("login", &["username"]),
    ("password", &["password"]),
];

const ROUTES: &[RouteRow] = &[
    RouteRow { step: Action::Exists, methods: &[Method::GET], paths: &["mobile"] },
    RouteRow { step: Action::SendLoginCode, methods: &[Method::POST], paths: &["send_sms"] },
    RouteRow { step: Action::TokenByCode, methods: &[Method::POST], paths: &["login_sms"] },
    RouteRow { step: Action::TokenByPassword, methods: &[Method::POST], paths: &["login_mul"] },
    RouteRow { step: Action::TokenByRegistering, methods: &[Method::POST], paths: &["register"] },
];

pub(super) const FAMILY: Family = Family {
    dialect: LegacyApi::Drf,
    prefixes: &["/user"],
    routes: ROUTES,
    names: NAMES,
    manner: Envelope::Drf,
};
