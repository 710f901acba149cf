//! Front-ends of Flask back ends like ihome: the routes under `/api/v1.0` and their field names.

use actix_web::http::Method;

use crate::{
    domain::legacy_api::LegacyApi,
    http::legacy_api::types::{Action, Envelope, FieldAliases, LegacyTable, RouteRow},
};

const ALIASES: FieldAliases = &[
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

/// A path with a parameter becomes a regular expression, so it is written once, with all its spellings inside.
const ROUTES: &[RouteRow] = &[
    RouteRow {
        action: Action::Captcha,
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
        action: Action::SendRegistrationCode,
        methods: &[Method::GET],
        paths: &["{spelling:sms_codes|smscode|mobile_code}/{mobile}", "sms_codes"],
    },
    RouteRow {
        action: Action::SendRegistrationCode,
        methods: &[Method::POST],
        paths: &["sms_code", "sms_codes", "smsCode", "smscode"],
    },
    RouteRow {
        action: Action::Register,
        methods: &[Method::POST],
        paths: &["users", "user", "register"],
    },
    RouteRow {
        action: Action::SignIn,
        methods: &[Method::POST],
        paths: &["sessions", "session", "login"],
    },
    RouteRow {
        action: Action::CurrentUser,
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
        action: Action::SignOut,
        methods: &[Method::DELETE],
        paths: &["session", "sessions", "logout"],
    },
    RouteRow { action: Action::SignOut, methods: &[Method::GET], paths: &["logout"] },
];

/// The paths with a version.
pub(super) const VERSIONED: LegacyTable = LegacyTable {
    api: LegacyApi::Ihome,
    prefixes: &["/api/v1.0", "/api/v1_0", "/api/1.0"],
    routes: ROUTES,
    aliases: ALIASES,
    envelope: Envelope::Errno,
};

/// The paths without a version, whose scripts also read `code`.
pub(super) const BARE: LegacyTable =
    LegacyTable { prefixes: &["/api"], envelope: Envelope::ErrnoAndCode, ..VERSIONED };

/// The paths whose scripts ask for the current user and treat any error as a fault.
pub(super) const CURRENT_USER_OR_EMPTY: LegacyTable = LegacyTable {
    prefixes: &["/api/1.0"],
    routes: &[
        RouteRow {
            action: Action::CurrentUserOrEmpty,
            methods: &[Method::GET],
            paths: &["sessions"],
        },
        RouteRow { action: Action::SignIn, methods: &[Method::POST], paths: &["sessions"] },
        RouteRow { action: Action::SignOut, methods: &[Method::DELETE], paths: &["sessions"] },
    ],
    ..VERSIONED
};
