//! The requests to the vendors that send any text.

use reqwest::Url;

use super::{compact_time, header, message, secret, text, vectors};
use crate::sms::{Secret, sns, twilio, vonage};

#[test]
fn twilio_makes_the_same_request() {
    for vector in [vectors("twilio_ac"), vectors("twilio_sk")].concat() {
        let (user, password) =
            (text(&vector, "/given/username"), secret(&vector, "/given/password"));
        let token = if user.starts_with("SK") {
            Secret::parse(&format!("{user}:{}", password.as_str())).unwrap()
        } else {
            password
        };
        let settings = twilio::Settings {
            base_url: Url::parse("https://api.twilio.com").unwrap(),
            account_sid: "AC000000000000000000000000000000a1".to_owned(),
            auth_token: token,
            from: text(&vector, "/given/From").to_owned(),
            receipts_token: None,
            callback: None,
        };
        let message = message("", "042137");

        let request = twilio::request(&settings, &message);

        assert_eq!(request.url.as_str(), text(&vector, "/expect/url"));
        assert_eq!(header(&request, "authorization"), text(&vector, "/expect/authorization"));
        assert_eq!(header(&request, "content-type"), text(&vector, "/expect/content_type"));
        let (to, body) = (text(&vector, "/given/To"), text(&vector, "/given/Body"));
        let of_vector = twilio::form(&settings, to, body, message.ttl);
        let expected = format!("{}&ValidityPeriod=300", text(&vector, "/expect/form_body"));
        assert_eq!(of_vector, expected);
        assert_eq!(request.body, twilio::form(&settings, to, &message.text, message.ttl));
    }
}

#[test]
fn vonage_makes_the_same_request() {
    let vector = vectors("vonage_send").remove(0);
    let settings = vonage::Settings {
        base_url: Url::parse("https://rest.nexmo.com").unwrap(),
        api_key: text(&vector, "/given/api_key").to_owned(),
        api_secret: secret(&vector, "/given/api_secret"),
        from: text(&vector, "/given/from").to_owned(),
        signature_secret: None,
    };
    let message = message(text(&vector, "/given/ref"), "042137");

    let words = text(&vector, "/given/text");
    let request = vonage::request(&settings, &message.sms, words, message.ttl);

    assert_eq!(request.url.as_str(), text(&vector, "/expect/url"));
    assert_eq!(request.body, text(&vector, "/expect/body"));
    assert_eq!(header(&request, "authorization"), text(&vector, "/expect/authorization"));
    assert_eq!(header(&request, "content-type"), text(&vector, "/expect/content_type"));
}

#[test]
fn sns_makes_the_same_request() {
    let vector = vectors("sns_publish").remove(0);
    let settings = sns::Settings {
        base_url: Url::parse("https://sns.ap-southeast-1.amazonaws.com").unwrap(),
        region: text(&vector, "/given/region").to_owned(),
        access_key_id: text(&vector, "/given/access_key_id").to_owned(),
        secret_access_key: secret(&vector, "/given/secret_access_key"),
        sender_id: Some(text(&vector, "/given/sender_id").to_owned()),
    };
    let message = message("", "042137");
    let now = compact_time(text(&vector, "/expect/x-amz-date"));

    let request = sns::request(&settings, &message.sms, text(&vector, "/given/text"), now);

    assert_eq!(request.url.as_str(), text(&vector, "/expect/url"));
    assert_eq!(request.body, text(&vector, "/expect/body"));
    for name in ["content-type", "x-amz-date", "authorization"] {
        assert_eq!(header(&request, name), text(&vector, &format!("/expect/{name}")));
    }
}
