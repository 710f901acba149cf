//! The SMS vendors, each with a fake of its own: the requests that they get, and the meaning of their answers.

mod checks;
mod newer_requests;
mod requests;
mod webhook;
mod wire;

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use haoma::{
    application::sms_providers,
    config::{Config, Env},
    domain::{
        language::Language,
        mobile::Mobile,
        purpose::Purpose,
        sms_code::SmsCode,
        sms_message::{MessageId, Notice, SmsMessage, SmsPurpose},
    },
    sms::{AnswerClass, ClassifiedAnswer, CodeMessage, SmsProvider, client},
};
use test_support::{
    fake_vendor::{FakeVendor, Reply, SeenRequest, UNREACHABLE_URL, hang_up},
    vendor_accounts::{ABROAD, ACCOUNTS, NOTICES, VENDORS, answer, success},
};

const ID: &str = "0123456789abcdef0123456789abcdef";

/// Returns the client of a vendor, as an operator configures it, with this base URL.
fn vendor(name: &str, base_url: &str) -> Box<dyn SmsProvider> {
    vendor_with(&[], name, base_url)
}

fn vendor_with(more: &[(&str, &str)], name: &str, base_url: &str) -> Box<dyn SmsProvider> {
    let base_urls =
        VENDORS.map(|vendor| (format!("SMS_{}_BASE_URL", vendor.to_uppercase()), base_url));
    let own = [("SECRET_KEY", "0123456789abcdef0123456789abcdef"), ("SMS_PROVIDERS", name)];
    let settings = ACCOUNTS.into_iter().chain(NOTICES).chain(own).chain(more.iter().copied());
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    let pairs = settings.chain(base_urls).map(|(name, value)| (name, value.to_owned()));
    let mut config = Config::from_env(Env::from_pairs(pairs)).expect("settings");
    let client = client::build().expect("a client");
    sms_providers::provider(&config.providers.remove(0).provider, &client)
}

fn mobile() -> Mobile {
    Mobile::parse("13800138000").expect("a number")
}

fn sms(purpose: SmsPurpose) -> SmsMessage {
    SmsMessage { id: MessageId::new(ID), mobile: mobile(), language: Language::Chinese, purpose }
}

fn message() -> CodeMessage {
    CodeMessage {
        sms: sms(SmsPurpose::Code(Purpose::Register)),
        code: SmsCode::parse("042137").expect("a code"),
        ttl: Duration::from_mins(5),
        text: "【Haoma】验证码 042137，5 分钟内有效，请勿告诉他人。".to_owned(),
    }
}

/// Sends a message to a vendor that replies like this; returns the result and the request that the vendor got.
async fn send(name: &str, reply: Reply) -> (ClassifiedAnswer, SeenRequest) {
    let fake = FakeVendor::start(reply);
    let classified = vendor(name, &fake.url).send(&message()).await;
    let mut seen = fake.stop().await;
    assert_eq!(seen.len(), 1, "{name}: requests");
    (classified, seen.remove(0))
}

/// Sends a notice to a vendor that accepts it, and returns the request.
async fn notify(name: &str, code: &str) -> SeenRequest {
    let fake = FakeVendor::start(Reply::Now(200, answer(name, code)));
    let notice = sms(SmsPurpose::Notice(Notice::PasswordReset));
    let classified = vendor(name, &fake.url).notify(&notice, "…").await.expect("a template for it");
    assert_eq!(classified.class, AnswerClass::Sent, "{name}");
    let mut seen = fake.stop().await;
    assert_eq!(seen.len(), 1, "{name}: requests");
    seen.remove(0)
}

/// A reader of Korean gets the template in Korean, everybody else the plain one.
#[tokio::test]
async fn a_template_in_the_language_of_the_reader_takes_the_place_of_the_plain_one() {
    for (name, setting, template) in [
        ("yuntongxun", "SMS_YUNTONGXUN_TEMPLATE_ID_KO", "81581581"),
        ("tencent", "SMS_TENCENT_TEMPLATE_ID_KO", "815815"),
        ("aliyun", "SMS_ALIYUN_TEMPLATE_CODE_KO", "SMS_815815"),
        ("aliyun_pnvs", "SMS_ALIYUN_PNVS_TEMPLATE_CODE_KO", "815815"),
        ("huawei", "SMS_HUAWEI_TEMPLATE_ID_KO", "koreantemplate"),
        ("volcengine", "SMS_VOLCENGINE_TEMPLATE_ID_KO", "ST_korean"),
    ] {
        for (language, has_own) in [(Language::Korean, true), (Language::Japanese, false)] {
            let fake = FakeVendor::start(Reply::Now(200, answer(name, success(name).1)));
            let mut message = message();
            message.sms.language = language;
            vendor_with(&[(setting, template)], name, &fake.url).send(&message).await;
            let seen = fake.stop().await;
            let sent = format!("{:?}", seen.first().expect("a request"));
            assert_eq!(sent.contains(template), has_own, "{name} {}: {sent}", language.tag());
        }
    }
}

#[tokio::test]
async fn every_answer_has_its_outcome_and_the_code_of_the_vendor() {
    use AnswerClass::{BadNumber, Balance, Busy, Config, Sent, TooFrequent};

    for (name, status, code, class) in [
        ("yuntongxun", 200, "000000", Sent),
        ("yuntongxun", 200, "160038", TooFrequent),
        ("yuntongxun", 200, "111109", Config),
        ("yuntongxun", 200, "111142", Balance),
        ("yuntongxun", 200, "169999", Busy),
        ("tencent", 200, "Ok", Sent),
        ("tencent", 200, "LimitExceeded.PhoneNumberThirtySecondLimit", TooFrequent),
        ("tencent", 200, "AuthFailure.SignatureFailure", Config),
        ("tencent", 200, "FailedOperation.InsufficientBalanceInSmsPackage", Balance),
        ("aliyun", 200, "OK", Sent),
        ("aliyun", 200, "isv.BUSINESS_LIMIT_CONTROL", TooFrequent),
        ("aliyun", 400, "SignatureDoesNotMatch", Config),
        ("aliyun", 200, "isv.AMOUNT_NOT_ENOUGH", Balance),
        ("aliyun_pnvs", 200, "OK", Sent),
        ("aliyun_pnvs", 200, "biz.FREQUENCY", TooFrequent),
        ("aliyun_pnvs", 200, "MOBILE_NUMBER_ILLEGAL", BadNumber),
        ("aliyun_pnvs", 400, "SignatureDoesNotMatch", Config),
        ("aliyun_pnvs", 200, "FUNCTION_NOT_OPENED", Config),
        ("aliyun_pnvs", 200, "AMOUNT_NOT_ENOUGH", Balance),
        ("aliyun_pnvs", 400, "Throttling.User", Busy),
        ("huawei", 200, "000000", Sent),
        ("huawei", 200, "MILIMIT", TooFrequent),
        ("huawei", 401, "E000104", Config),
        ("huawei", 200, "E200030", Config),
        ("huawei", 401, "E000112", Balance),
        ("huawei", 200, "E200015", Busy),
        ("volcengine", 200, "OK", Sent),
        ("volcengine", 200, "RE:0006", BadNumber),
        ("volcengine", 401, "SignatureDoesNotMatch", Config),
        ("volcengine", 400, "RE:0005", Config),
        ("volcengine", 200, "RE:0010", Balance),
        ("volcengine", 429, "FlowLimitExceeded", Busy),
        ("vonage", 200, "0", Sent),
        ("vonage", 200, "7", BadNumber),
        ("vonage", 200, "4", Config),
        ("vonage", 200, "9", Balance),
        ("vonage", 200, "1", Busy),
        ("sns", 200, "200", Sent),
        ("sns", 400, "OptedOut", BadNumber),
        ("sns", 403, "InvalidClientTokenId", Config),
        ("sns", 400, "Throttling", Busy),
        ("twilio", 201, "201", Sent),
        ("twilio", 429, "20429", Busy),
        ("twilio", 401, "20003", Config),
        ("twilio", 403, "20005", Balance),
        ("twilio", 200, "21606", Config),
    ] {
        let (classified, _) = send(name, Reply::Now(status, answer(name, code))).await;

        assert_eq!((classified.class, classified.detail.as_str()), (class, code), "{name}");
        if class == Sent {
            assert_eq!(classified.message_id.as_deref(), Some("id-1"), "{name}");
        }
    }
}

#[tokio::test]
async fn an_answer_after_which_a_message_may_have_been_sent_is_unknown() {
    for name in VENDORS {
        let (status, _) = success(name);
        for (reply, detail) in [
            (Reply::Now(500, String::new()), "500".to_owned()),
            (Reply::Now(502, "<html>".to_owned()), "502".to_owned()),
            (Reply::Now(status, String::new()), status.to_string()),
            (Reply::Now(status, r#"{"Code":"O"#.to_owned()), status.to_string()),
            (Reply::CutOff, "connection lost".to_owned()),
        ] {
            let (classified, _) = send(name, reply).await;

            assert_eq!(classified, ClassifiedAnswer::new(AnswerClass::Unknown, detail), "{name}");
        }
    }
}

#[tokio::test]
async fn a_vendor_that_hangs_up_is_not_asked_again() {
    for name in VENDORS {
        let (url, count) = hang_up();

        let classified = vendor(name, &url).send(&message()).await;

        assert_eq!(
            classified,
            ClassifiedAnswer::new(AnswerClass::Unknown, "connection lost"),
            "{name}"
        );
        assert_eq!(count.load(Ordering::SeqCst), 1, "{name}");
    }
}

#[tokio::test]
async fn a_vendor_that_cannot_be_reached_got_nothing() {
    for name in VENDORS {
        let classified = vendor(name, UNREACHABLE_URL).send(&message()).await;

        assert_eq!(
            classified,
            ClassifiedAnswer::new(AnswerClass::Busy, "cannot connect"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_slow_vendor_is_given_up_and_those_abroad_after_the_others() {
    let waiting = VENDORS.map(|name| {
        tokio::spawn(
            async move { (name, send(name, Reply::After(Duration::from_secs(20))).await.0) },
        )
    });
    let mut waiting = FuturesUnordered::from_iter(waiting);
    let mut order = Vec::new();
    while let Some(one) = waiting.next().await {
        let (name, classified) = one.expect("a classified");
        assert_eq!(classified, ClassifiedAnswer::new(AnswerClass::Unknown, "time-out"), "{name}");
        order.push(name);
    }
    let mut last = order.split_off(VENDORS.len() - ABROAD.len());
    last.sort_unstable_by_key(|name| ABROAD.iter().position(|other| other == name));
    assert_eq!(last, ABROAD, "they stand on other continents, and have longer");
}
