//! The family of `/passport`: what it asks for, and how it calls things.

use actix_web::http::Method;

use super::{Action, Family, RouteRow, request::FieldAliases, response::Envelope};
use crate::domain::legacy_api::LegacyApi;

const NAMES: FieldAliases = &[
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
        step: Action::Captcha,
        methods: &[Method::GET],
        paths: &["image_code", "get_img_code"],
    },
    RouteRow {
        step: Action::SendCode,
        methods: &[Method::POST],
        paths: &["sms_code", "smscode", "get_sms_code"],
    },
    RouteRow {
        step: Action::Register,
        methods: &[Method::POST],
        paths: &["register", "password/register"],
    },
    RouteRow { step: Action::SignIn, methods: &[Method::POST], paths: &["login"] },
    RouteRow { step: Action::Who, methods: &[Method::GET], paths: &["user/info"] },
    RouteRow {
        step: Action::SignOut,
        methods: &[Method::GET, Method::POST, Method::DELETE],
        paths: &["logout", "exit"],
    },
];

pub(super) const FAMILY: Family = Family {
    dialect: LegacyApi::Passport,
    prefixes: &["/passport", "/users", ""],
    routes: ROUTES,
    names: NAMES,
    manner: Envelope::Errno,
};
