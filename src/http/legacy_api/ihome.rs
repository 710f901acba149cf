//! The family of `/api/v1.0`: what it asks for, and how it calls things.

use actix_web::http::Method;

use super::{Action, Family, RouteRow, request::FieldAliases, response::Envelope};
use crate::domain::legacy_api::LegacyApi;

const NAMES: FieldAliases = &[
    (
        "captcha_id",
        &[
            "captcha_id",
            "image_code_id",
            "imageCodeId",
            "img_code_id",
            "image_code_key",
            "cur_id",
            "cur",
            "uuid",
            "codeid",
            "codeId",
            "code_id",
            "id",
        ],
    ),
    ("previous_captcha_id", &["pre_id", "last_uuid", "pre_uuid", "precodeid", "pre"]),
    (
        "captcha",
        &["image_code", "image_code_text", "image_codes", "imageCode", "img_code", "text", "code"],
    ),
    ("mobile", &["mobile", "phone_num"]),
    ("sms_code", &["sms_code", "smscode", "phonecode", "phoneCode", "phone_code", "mobile_code"]),
    ("login", &["mobile", "phone", "phone_num", "username"]),
    ("password", &["password", "passwd", "pwd"]),
    ("password_again", &["password2", "passwd2", "cpwd"]),
];

/// A path that holds a value is a regular expression, so it stands here once for all its spellings.
const ROUTES: &[RouteRow] = &[
    RouteRow {
        step: Action::Captcha,
        methods: &[Method::GET],
        paths: &[
            "{spelling:image_codes?|imagecode|img_codes?}/{captcha_id}",
            "image_code",
            "imageCode",
            "img_code",
            "imagecode",
        ],
    },
    RouteRow {
        step: Action::SendCode,
        methods: &[Method::GET],
        paths: &["{spelling:sms_codes|smscode|mobile_code}/{mobile}", "sms_codes"],
    },
    RouteRow {
        step: Action::SendCode,
        methods: &[Method::POST],
        paths: &["sms_code", "sms_codes", "smsCode", "smscode"],
    },
    RouteRow {
        step: Action::Register,
        methods: &[Method::POST],
        paths: &["users", "user", "register"],
    },
    RouteRow {
        step: Action::SignIn,
        methods: &[Method::POST],
        paths: &["sessions", "session", "login"],
    },
    RouteRow {
        step: Action::Who,
        methods: &[Method::GET],
        paths: &[
            "session",
            "sessions",
            "users/sessions",
            "checklogin",
            "user",
            "users",
            "{profile:check_login|check_index_login|my|profile|profile/info|users?/info|user[-_]info|users?/avatar\
                |users/show_avatar|users/show_name-mobile}",
        ],
    },
    RouteRow {
        step: Action::SignOut,
        methods: &[Method::DELETE],
        paths: &["session", "sessions", "logout"],
    },
    RouteRow { step: Action::SignOut, methods: &[Method::GET], paths: &["logout"] },
];

/// With a version in the path.
pub(super) const VERSIONED: Family = Family {
    dialect: LegacyApi::Ihome,
    prefixes: &["/api/v1.0", "/api/v1_0", "/api/1.0"],
    routes: ROUTES,
    names: NAMES,
    manner: Envelope::Errno,
};

/// Without one, where scripts look for one spelling more.
pub(super) const BARE: Family =
    Family { prefixes: &["/api"], manner: Envelope::ErrnoAndCode, ..VERSIONED };

/// Where scripts ask who is there, and take any failure for a fault.
pub(super) const NOBODY_IS_FINE: Family = Family {
    prefixes: &["/api/1.0"],
    routes: &[
        RouteRow { step: Action::WhoIfAnybody, methods: &[Method::GET], paths: &["sessions"] },
        RouteRow { step: Action::SignIn, methods: &[Method::POST], paths: &["sessions"] },
        RouteRow { step: Action::SignOut, methods: &[Method::DELETE], paths: &["sessions"] },
    ],
    ..VERSIONED
};
