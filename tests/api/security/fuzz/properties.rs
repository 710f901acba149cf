//! Properties that hold for any text. The targets in `fuzz/` try the same.

use std::{collections::BTreeMap, fmt::Debug};

use actix_web::{
    FromRequest as _, http::header::CONTENT_TYPE, rt::Runtime, test::TestRequest, web::Data,
};
use haoma::{
    config::{Config, Env},
    domain::{
        clock::Clock, keys::SecretKey, mobile::Mobile, password_hash::PasswordHash,
        purpose::Purpose, region::Regions, sites::Sites,
    },
    errors::Error,
    http::{
        pages::next,
        request::{
            bodies,
            body::{Form, Json},
            fields::Fields,
            parser::RequestParser,
        },
        state::WebState,
    },
    metrics::Metrics,
};
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

/// A number has one spelling, in ASCII (R50, R51), whatever separates the digits of the text. Letters, digits of other
/// scripts and control characters are not accepted. `Debug` hides the number.
pub(crate) fn mobile(text: &str) {
    let Ok(mobile) = Mobile::parse(text) else { return };
    let is_part = |letter: char| letter.is_ascii_digit() || !letter.is_alphanumeric();
    assert!(text.nfkc().all(|letter| is_part(letter) && !letter.is_control()), "{text:?}");
    let digits = mobile.as_str().strip_prefix('+').unwrap_or(mobile.as_str());
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{text:?}");
    assert_eq!(mobile.is_mainland(), mobile.as_str().len() == 11 && !mobile.as_str().contains('+'));
    for spelling in [mobile.as_str(), &mobile.e164()] {
        assert_eq!(Mobile::parse(spelling).as_ref(), Ok(&mobile), "{text:?} as {spelling}");
    }
    assert!(!format!("{mobile:?}").contains(mobile.as_str()), "{text:?}");
    let is_ours = Regions::mainland().mobile(text, None).is_ok();
    assert_eq!(is_ours, mobile.is_mainland(), "{text:?}");
}

/// The address after signing in is on our own site, as browsers read it (R59).
pub(crate) fn next(text: &str) {
    let own = Url::parse("https://id.example.com/login").expect("a URL");
    let sites = Sites::default();
    let path = next::path(&sites, text);
    let is_odd = |character: char| character.is_control() || character == '\\' || character == ' ';
    assert!(path.starts_with('/') && !path.starts_with("//"), "{text:?} gives {path:?}");
    assert!(!path.contains(is_odd), "{text:?} gives {path:?}");
    assert_eq!(own.join(&path).expect("a path").origin(), own.origin(), "{text:?} gives {path:?}");
    assert_eq!(next::path(&sites, &path), path, "{text:?} is not settled at once");
    let link = next::onto(&sites, "/login?by=sms", text);
    let query = link.split_once('?').expect("a query").1;
    assert!(matches!(next::of(query), it if it.is_empty() || it == text), "{text:?} in {link:?}");
}

/// A parsed hash is written as it was read, and `Debug` hides it (R107).
pub(crate) fn password_hash(text: &str) {
    let Some(hash) = PasswordHash::parse(text) else { return };
    let stored = hash.to_stored();
    let again = PasswordHash::parse(&stored).map(|hash| hash.to_stored());
    assert_eq!(again.as_ref(), Some(&stored), "{text:?}");
    assert_eq!(format!("{hash:?}"), "***", "{text:?}");
}

/// A body is parsed or refused without a panic; a form and JSON with the same fields are equal (R53–R56).
pub(crate) fn bodies(text: &str) {
    thread_local! {
        static RUNTIME_AND_STATE: (Runtime, Data<WebState>) = (Runtime::new().expect("a runtime"), web());
    }

    RUNTIME_AND_STATE.with(|(runtime, web)| runtime.block_on(try_body(web, text)));
}

async fn try_body(web: &Data<WebState>, text: &str) {
    let json = read(web, "application/json", text, true).await;
    let form = read(web, "application/x-www-form-urlencoded", text, false).await;
    for fields in json.iter().chain(&form) {
        parse(&web.parser, fields);
    }
    // The same fields are sent in the other format.
    let Ok(fields) = serde_json::from_str::<BTreeMap<String, String>>(text) else { return };
    let pairs = fields.iter().filter(|(name, _)| *name != "idempotency_key");
    let same: BTreeMap<_, _> = pairs.collect();
    let as_json = serde_json::to_string(&same).expect("JSON");
    let mut as_form = url::form_urlencoded::Serializer::new(String::new());
    let as_form = as_form.extend_pairs(&same).finish();
    let json =
        read(web, "application/json", &as_json, true).await.map(|body| parse(&web.parser, &body));
    let form = read(web, "application/x-www-form-urlencoded", &as_form, false).await;
    assert_eq!(json.ok(), form.map(|body| parse(&web.parser, &body)).ok(), "{text:?}");
}

/// Parses the fields as each kind of body.
fn parse(parser: &RequestParser, fields: &Fields) -> Vec<String> {
    let outcome = [
        outcome(fields, bodies::registration(parser, fields)),
        outcome(fields, bodies::sms_code_request_for(Purpose::Login, parser, fields)),
        outcome(fields, bodies::credentials(parser, fields)),
        outcome(fields, bodies::code_login(parser, fields)),
        outcome(fields, bodies::password_reset(parser, fields)),
        outcome(fields, bodies::mobile_change(parser, fields)),
        outcome(fields, bodies::name_change(fields)),
        outcome(fields, bodies::owner_proof(fields)),
    ];
    outcome.into()
}

/// Returns the parsed body as `Debug` prints it, which never includes a password (R107), or its problems.
fn outcome<T: Debug>(fields: &Fields, read: Result<T, Error>) -> String {
    match read {
        Ok(it) => {
            let (outcome, password) = (format!("{it:?}"), fields.raw("password"));
            let is_printed = password.len() >= 8 && outcome.contains(password);
            assert!(!is_printed || fields.raw("login").contains(password), "printed: {outcome}");
            outcome
        }
        Err(Error::Input(problems)) => format!("{problems:?}"),
        Err(error) => panic!("{error}"),
    }
}

async fn read(
    web: &Data<WebState>,
    content_type: &str,
    body: &str,
    is_json: bool,
) -> Result<Fields, Error> {
    let request =
        TestRequest::post().app_data(web.clone()).insert_header((CONTENT_TYPE, content_type));
    let (request, mut payload) = request.set_payload(body.to_owned()).to_http_parts();
    if is_json {
        Json::from_request(&request, &mut payload).await.map(|json| json.0)
    } else {
        Form::from_request(&request, &mut payload).await.map(|form| form.0)
    }
}

/// Returns the state of handlers with the default settings.
pub(crate) fn web() -> Data<WebState> {
    let config = Config::from_env(Env::from_pairs([])).expect("the defaults");
    let shared = (Metrics::default(), Clock::default());
    let web = WebState::new(&config, None, shared, &SecretKey::new(vec![7; 32]));
    Data::new(web.expect("templates and texts"))
}
