//! Types that hold a secret do not print it with `Debug`.

use std::fmt::Debug;

use actix_web::{FromRequest as _, http::header::CONTENT_TYPE, test::TestRequest};
use haoma::{
    config::{Config, Env},
    domain::{
        captcha::{CaptchaAnswer, CaptchaId, SolvedCaptcha},
        idempotency_key::IdempotencyKey,
        keys::SecretKey,
        mobile::Mobile,
        password::Password,
        password_hash::PasswordHash,
        purpose::Purpose,
        signing_algorithm::SigningAlgorithm,
        signing_key::SigningKey,
        sms_code::SmsCode,
    },
    flows::{
        admit::Payment,
        change_password::PasswordChange,
        prove_owner::OwnerProof,
        register::Registration,
        reset_password::PasswordReset,
        sign_in::{Credentials, Login},
        sign_in_by_code::CodeLogin,
        sms_code_request::SmsCodeRequest,
    },
    http::request::body::Json,
    sms::{receipts::ReceiptsSecret, webhook::WebhookSecret},
    stores::{
        codes::{CodeClient, TryQuota},
        kv::PermitId,
        tables::sessions::SessionKey,
    },
};
use test_support::{
    app::{fresh_mobile, on_each, settings_with},
    sms_gateway::{self, Gateway},
};

use crate::security::fuzz::properties::web;

const MOBILE: &str = "13800138000";
const CODE: &str = "042137";
const PASSWORD: &str = "correct horse 7";
const WORD: &str = "abcdefghijklmnopqrstuvwxyz012345";

#[track_caller]
fn hides(value: &impl Debug, secrets: &[&str]) {
    for printed in [format!("{value:?}"), format!("{value:#?}")] {
        for secret in secrets {
            assert!(!printed.contains(secret), "{secret} in {printed}");
        }
    }
}

fn mobile() -> Mobile {
    Mobile::parse(MOBILE).expect("a number")
}

fn code() -> SmsCode {
    SmsCode::parse(CODE).expect("a code")
}

fn password() -> Password {
    Password::typed(PASSWORD).expect("a password")
}

fn answer() -> CaptchaAnswer {
    CaptchaAnswer::parse("7kmp").expect("an answer")
}

/// R107.
#[test]
fn debug_output_of_domain_values_has_no_secret() {
    let key = SecretKey::new(WORD.as_bytes().to_vec());
    let bytes = format!("{:?}", WORD.as_bytes());
    hides(&key, &[WORD, &bytes]);
    hides(&key.derive("x"), &[&format!("{:?}", key.derive("x").as_bytes())]);
    hides(&mobile(), &[MOBILE]);
    hides(&code(), &[CODE]);
    hides(&password(), &[PASSWORD]);
    hides(&answer(), &["7kmp"]);
    let hash = PasswordHash::make(&password(), 1);
    let stored = hash.to_stored();
    hides(&hash, &stored.rsplit('$').take(2).collect::<Vec<_>>());
    hides(&hash, &[", "]);
    hides(&IdempotencyKey::parse(WORD), &[WORD]);
    for algorithm in SigningAlgorithm::ALL {
        let (signing, sealed) = SigningKey::random(algorithm, &key.derive("x")).expect("a key");
        hides(&signing, &[&sealed, "seed", "PrivateHalf(["]);
    }
    let session = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    hides(&SessionKey::parse(session).expect("a key"), &[session]);
    hides(&ReceiptsSecret::parse(WORD), &[WORD]);
    hides(&WebhookSecret::parse(sms_gateway::SECRET), &[sms_gateway::SECRET, ", "]);
}

/// R107.
#[test]
fn debug_output_of_requests_has_no_code_and_no_password() {
    let secrets = [MOBILE, CODE, PASSWORD, "7kmp"];
    let id = || CaptchaId::parse("a-1").expect("an id");
    hides(
        &Registration {
            mobile: mobile(),
            sms_code: code(),
            purposes: &[Purpose::Register],
            password: Some(password()),
            name: None,
            terms: None,
            payment: Payment::default(),
        },
        &secrets,
    );
    hides(
        &PasswordReset {
            mobile: mobile(),
            sms_code: code(),
            password: password(),
            payment: Payment::default(),
        },
        &secrets,
    );
    let owner = Some(OwnerProof::Password(password()));
    hides(&PasswordChange { owner, new: password() }, &secrets);
    hides(
        &CodeLogin {
            mobile: mobile(),
            sms_code: code(),
            remember: true,
            name: None,
            terms: Ok(None),
            payment: Payment::default(),
        },
        &secrets,
    );
    hides(&OwnerProof::SmsCode(code()), &secrets);
    hides(&OwnerProof::Password(password()), &secrets);
    let captcha = || Some(SolvedCaptcha { id: id(), answer: answer() });
    let login = Login::Mobile(mobile());
    let payment = Payment { captcha: captcha(), proof_of_work: None };
    hides(&Credentials { login, password: password(), remember: false, payment }, &secrets);
    let purpose = Purpose::Login;
    hides(
        &SmsCodeRequest {
            mobile: mobile(),
            purpose,
            captcha: captcha(),
            proof_of_work: None,
            is_new_mobile: false,
            needs_no_price: false,
        },
        &secrets,
    );
}

/// R107.
#[tokio::test]
async fn debug_output_of_settings_and_bodies_has_no_values() {
    let gateway = Gateway::start();
    let urls = [
        ("DATABASE_URL", "mysql://haoma:hush-hush@db.example/haoma"),
        ("REDIS_URL", "rediss://haoma:hush-hush@redis.example/0"),
        ("SMS_RECEIPTS_SECRET", WORD),
    ];
    let env = || settings_with(&gateway, urls);
    let secrets = ["hush-hush", WORD, sms_gateway::SECRET, "a key of the tests"];
    hides(&env(), &secrets);
    hides(&Config::from_env(env()).expect("settings"), &secrets);
    hides(&Env::from_pairs([("X".to_owned(), WORD.to_owned())]), &[WORD]);

    let body = format!(r#"{{"mobile":"{MOBILE}","password":"{PASSWORD}","login":"{PASSWORD}"}}"#);
    let request =
        TestRequest::post().app_data(web()).insert_header((CONTENT_TYPE, "application/json"));
    let request = request.insert_header(("idempotency-key", WORD)).set_payload(body);
    let (request, mut payload) = request.to_http_parts();
    let json = Json::from_request(&request, &mut payload).await.expect("JSON");
    assert_eq!(json.0.idempotency_key(), Some(WORD));
    hides(&json, &[MOBILE, PASSWORD, WORD]);
}

/// R107.
#[tokio::test]
async fn debug_output_of_a_delivery_has_no_code() {
    on_each(async |app| {
        let (codes, mobile) = (&app.state.codes, Mobile::parse(&fresh_mobile()).expect("a number"));
        let message = PermitId::new();
        let place = app.state.rate_limits.sms_of_mobile(&mobile, &message, None).await;
        hides(&place.expect("a place"), &[mobile.as_str(), &mobile.as_str()[..7]]);
        let issued = codes
            .issue(&mobile, Purpose::Login, (&CodeClient::default(), "192.0.2.0/24"), None)
            .await
            .expect("a code");
        let fresh = &issued.stored;
        let secrets = [mobile.as_str(), issued.code.digits(), &fresh.hmac, &fresh.seed];
        hides(&issued, &secrets);
        let client = (&CodeClient::default(), TryQuota::Usual);
        let spent = codes.consume(&mobile, Purpose::Login, &issued.code, client).await;
        hides(&spent.expect("it is right"), &secrets);
    })
    .await;
}
