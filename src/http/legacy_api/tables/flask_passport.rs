//! Front-ends of Flask back ends with a `passport` blueprint: the routes under `/passport` and their field names.

use actix_web::http::Method;

use crate::{
    domain::legacy_api::LegacyApi,
    http::legacy_api::types::{Action, Envelope, FieldAliases, LegacyTable, RouteRow},
};

const ALIASES: FieldAliases = &[
    ("captcha_id", &["imageCodeId", "image_code_id", "img_code_id", "code_id", "cur_id", "CodeId"]),
    ("previous_captcha_id", &["pre_id", "last_uuid", "pre_uuid", "precodeid", "pre"]),
    ("captcha", &["image_code", "imageCode", "img_code"]),
    ("mobile", &["mobile"]),
    ("sms_code", &["smscode", "sms_code"]),
    ("login", &["mobile"]),
    ("password", &["password", "passport", "passwd"]),
];

const ROUTES: &[RouteRow] = &[
    RouteRow {
        action: Action::Captcha,
        methods: &[Method::GET],
        paths: &["image_code", "get_img_code"],
    },
    RouteRow {
        action: Action::SendRegistrationCode,
        methods: &[Method::POST],
        paths: &["sms_code", "smscode", "get_sms_code"],
    },
    RouteRow {
        action: Action::Register,
        methods: &[Method::POST],
        paths: &["register", "password/register"],
    },
    RouteRow { action: Action::SignIn, methods: &[Method::POST], paths: &["login"] },
    RouteRow { action: Action::CurrentUser, methods: &[Method::GET], paths: &["user/info"] },
    RouteRow {
        action: Action::SignOut,
        methods: &[Method::GET, Method::POST, Method::DELETE],
        paths: &["logout", "exit"],
    },
];

pub(super) const PASSPORT: LegacyTable = LegacyTable {
    api: LegacyApi::Passport,
    prefixes: &["/passport", "/users", ""],
    routes: ROUTES,
    aliases: ALIASES,
    envelope: Envelope::Errno,
};
