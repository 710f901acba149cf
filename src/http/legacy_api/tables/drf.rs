//! Front-ends of back ends in Django REST framework: the routes under `/api/v1/user` and their field names.

use actix_web::http::Method;

use crate::{
    domain::legacy_api::LegacyApi,
    http::legacy_api::types::{Action, Envelope, FieldAliases, LegacyTable, RouteRow},
};

const ALIASES: FieldAliases = &[
    ("captcha_id", &["image_code_id"]),
    ("captcha", &["image_code"]),
    ("mobile", &["mobile"]),
    ("sms_code", &["code"]),
    ("login", &["username"]),
    ("password", &["password"]),
];

const ROUTES: &[RouteRow] = &[
    RouteRow { action: Action::MobileExists, methods: &[Method::GET], paths: &["mobile"] },
    RouteRow { action: Action::SendLoginCode, methods: &[Method::POST], paths: &["send_sms"] },
    RouteRow { action: Action::TokenByCode, methods: &[Method::POST], paths: &["login_sms"] },
    RouteRow { action: Action::TokenByPassword, methods: &[Method::POST], paths: &["login_mul"] },
    RouteRow {
        action: Action::TokenByRegistration,
        methods: &[Method::POST],
        paths: &["register"],
    },
];

pub(super) const DRF: LegacyTable = LegacyTable {
    api: LegacyApi::Drf,
    prefixes: &["/user"],
    routes: ROUTES,
    aliases: ALIASES,
    envelope: Envelope::Drf,
};
