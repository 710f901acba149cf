//! Vectors of the standards, and JWTs that nobody with the private key has signed.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PSS_SHA256, RsaKeyPair,
        RsaPublicKeyComponents,
    },
};
use rsa::{RsaPrivateKey, pkcs8::EncodePrivateKey as _, rand_core::OsRng};
use serde_json::{Value, json};

use super::{Jwk, parse_set, verify};
use crate::domain::{
    keys::SecretKey,
    public_key::{JwsAlgorithm, PublicKey},
    signing_algorithm::SigningAlgorithm,
    signing_key::SigningKey,
};

/// The claims of RFC 7515, appendix A.
const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
/// RFC 7515, appendix A.2.
const RS256: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7\
    AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4\
    BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K\
    0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv\
    hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
    p0igcN_IoypGlUPQGe77Rw";
const RSA_MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx\
    HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs\
    D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSH\
    SXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV\
    MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8\
    NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
/// RFC 7515, appendix A.3.
const ES256: &str = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA\
    pmWQxfKTUJqPP3-Kg6NU1Q";
const P256_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const P256_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
/// RFC 8037, appendix A.2.
const ED25519_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn rsa() -> Value {
    json!({ "kty": "RSA", "n": RSA_MODULUS, "e": "AQAB" })
}

fn p256() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "x": P256_X, "y": P256_Y })
}

fn ed25519() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": ED25519_X })
}

fn with(mut key: Value, name: &str, value: impl Into<Value>) -> Value {
    key[name] = value.into();
    key
}

fn keys(keys: &[Value]) -> Vec<Jwk> {
    parse_set(&json!({ "keys": keys }).to_string()).expect("keys")
}

/// Returns why a key set is refused.
fn refusal(keys: &[Value]) -> String {
    parse_set(&json!({ "keys": keys }).to_string()).expect_err("is refused").to_string()
}

fn jwt(header: &Value, signature: &str) -> String {
    format!("{}.{CLAIMS}.{signature}", BASE64.encode(header.to_string()))
}

fn rs256() -> String {
    jwt(&json!({ "alg": "RS256" }), RS256)
}

fn es256() -> String {
    jwt(&json!({ "alg": "ES256" }), ES256)
}

/// Makes a key of ours, and returns it with its public half.
fn own(algorithm: SigningAlgorithm) -> (SigningKey, Jwk) {
    let encryption_key = SecretKey::new(vec![1; 32]).derive("signing-keys");
    let (key, _) = SigningKey::random(algorithm, &encryption_key).unwrap();
    let jwk = Jwk { kid: None, algorithm: None, ..Jwk::from(key.public().clone()) };
    (key, jwk)
}

#[test]
fn the_vectors_of_the_standards_verify() {
    let all = keys(&[ed25519(), p256(), rsa()]);
    let claims = json!({ "iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true });
    assert_eq!(verify(&rs256(), &all), Some(claims.clone()));
    assert_eq!(verify(&es256(), &all), Some(claims));

    // RFC 8037, appendix A.4. Its payload is no JSON, so it is no JWT.
    let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let bytes = BASE64.decode(signature).unwrap();
    assert!(all[0].key.verifies(JwsAlgorithm::EdDsa, signed.as_bytes(), &bytes));
    assert_eq!(verify(&format!("{signed}.{signature}"), &all), None);
}

#[test]
fn each_algorithm_verifies_and_only_by_its_own_key() {
    let (pairs, jwks): (Vec<_>, Vec<_>) = SigningAlgorithm::ALL.map(own).into_iter().unzip();
    let (_, others): (Vec<_>, Vec<_>) = SigningAlgorithm::ALL.map(own).into_iter().unzip();
    let claims = json!({ "sub": "7" });
    for pair in &pairs {
        let token = pair.sign_as("logout+jwt", &claims).unwrap();
        // The header has a `kid`, and a key without one is not chosen by it.
        assert_eq!(verify(&token, &jwks), None);
        let named: Vec<_> =
            jwks.iter().map(|jwk| Jwk { kid: Some(jwk.key.thumbprint()), ..jwk.clone() }).collect();
        assert_eq!(verify(&token, &named), Some(claims.clone()));
        assert_eq!(verify(&token, &others), None);
        let header = BASE64.decode(token.split('.').next().unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(
            (&header["typ"], &header["kid"]),
            (&json!("logout+jwt"), &json!(pair.public().kid))
        );
    }
}

#[test]
fn ps256_verifies() {
    let private = RsaPrivateKey::new(&mut OsRng, 2048).unwrap().to_pkcs8_der().unwrap();
    let pair = RsaKeyPair::from_pkcs8(private.as_bytes()).unwrap();
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
    let key = PublicKey::rsa(&public.n, &public.e).unwrap();
    let signed = format!("{}.{CLAIMS}", BASE64.encode(r#"{"alg":"PS256"}"#));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    let signature = BASE64.encode(signature);
    let is_good = |alg: &str, only| {
        let token = jwt(&json!({ "alg": alg }), &signature);
        verify(&token, &[Jwk { kid: None, algorithm: only, key: key.clone() }]).is_some()
    };

    assert!(is_good("PS256", None));
    assert!(is_good("PS256", Some(JwsAlgorithm::Ps256)));
    assert!(!is_good("PS256", Some(JwsAlgorithm::Rs256)), "the key is for RS256 only");
    assert!(!is_good("RS256", None), "it is another signature");
}

#[test]
fn what_nobody_has_signed_is_refused() {
    let all = keys(&[ed25519(), p256(), rsa()]);
    let swapped = es256().replace("eyJhbGciOiJFUzI1NiJ9", &BASE64.encode(r#"{"alg":"ES256" }"#));
    let other_claims = rs256().replace(CLAIMS, &BASE64.encode(r#"{"iss":"joe"}"#));
    let forged = [
        jwt(&json!({ "alg": "none" }), ""),
        jwt(&json!({ "alg": "None" }), RS256),
        jwt(&json!({}), RS256),
        jwt(&json!({ "alg": "RS256" }), ES256),
        jwt(&json!({ "alg": "ES256" }), RS256),
        jwt(&json!({ "alg": "PS256" }), RS256),
        jwt(&json!({ "alg": "EdDSA" }), ES256),
        jwt(&json!({ "alg": "RS512" }), RS256),
        // These numbers are zero, which verifiers with a known fault accept under any key.
        jwt(&json!({ "alg": "ES256" }), &BASE64.encode([0; 64])),
        jwt(&json!({ "alg": "RS256" }), ""),
        swapped,
        other_claims,
        format!("{}=", es256()),
        format!("{}.", es256()),
        format!(".{}", es256()),
        es256().replacen('.', "", 1),
        String::new(),
        "..".to_owned(),
    ];
    for token in forged {
        assert_eq!(verify(&token, &all), None, "{token}");
    }
    assert_eq!(verify(&rs256(), &[]), None);
    assert_eq!(verify(&rs256(), &all[..2]), None);
    assert_eq!(verify(&es256(), &all[2..]), None);
}

/// Public keys are known to everybody, so a MAC under one proves nothing.
#[test]
fn a_mac_under_a_public_key_is_refused() {
    let spki = format!("-----BEGIN PUBLIC KEY-----\n{RSA_MODULUS}\n-----END PUBLIC KEY-----\n");
    let jwk = rsa().to_string();
    let modulus = BASE64.decode(RSA_MODULUS).unwrap();
    for secret in [spki.as_bytes(), jwk.as_bytes(), RSA_MODULUS.as_bytes(), &modulus, b""] {
        let header = json!({ "alg": "HS256" });
        let signed = jwt(&header, "");
        let signed = signed.strip_suffix('.').unwrap();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        let token = jwt(&header, &BASE64.encode(tag));
        assert_eq!(verify(&token, &keys(&[rsa()])), None);
    }
}

#[test]
fn the_header_chooses_the_key_and_brings_none() {
    let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let random = SystemRandom::new();
    let private = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(curve, private.as_ref(), &random).unwrap();
    let key = PublicKey::p256_of_point(pair.public_key().as_ref()).unwrap();
    let theirs = Jwk { kid: None, algorithm: None, key };
    let header = |more: Value| {
        let mut header = json!({ "alg": "ES256" });
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        header
    };
    let sign = |header: &Value| {
        let signed = jwt(header, "");
        let bytes = signed.strip_suffix('.').unwrap().as_bytes();
        jwt(header, &BASE64.encode(pair.sign(&random, bytes).unwrap()))
    };
    let named = |kid: &str| [Jwk { kid: Some(kid.to_owned()), ..theirs.clone() }];

    assert!(verify(&sign(&header(json!({ "kid": "a" }))), &named("a")).is_some());
    assert!(verify(&sign(&header(json!({}))), &named("a")).is_some());
    assert!(verify(&sign(&header(json!({ "kid": "a" }))), &named("b")).is_none());
    assert!(verify(&sign(&header(json!({ "kid": 1 }))), &named("a")).is_none());
    let embedded = sign(&header(json!({ "jwk": theirs })));
    assert!(verify(&embedded, &named("a")).is_some());
    assert!(verify(&embedded, &keys(&[p256()])).is_none());
    let extended = header(json!({ "crit": ["b64"], "b64": false }));
    assert!(
        verify(&sign(&extended), &named("a")).is_none(),
        "it means something that we do not know"
    );
}

#[test]
fn a_file_may_have_keys_that_we_cannot_use() {
    let p384 = json!({ "kty": "EC", "crv": "P-384", "x": P256_X, "y": P256_Y });
    let unknown = json!({ "kty": "AKP", "alg": "ML-DSA-65", "pub": "AA" });
    let usable = with(with(rsa(), "kid", "2011-04-29"), "x5t", "AA");
    let set = keys(&[
        p384.clone(),
        unknown,
        with(rsa(), "use", "enc"),
        with(rsa(), "key_ops", json!(["encrypt"])),
        with(rsa(), "alg", "RS512"),
        usable,
    ]);

    assert_eq!(set.len(), 1);
    assert_eq!(set[0].kid.as_deref(), Some("2011-04-29"));
    assert!(refusal(&[p384]).contains("no key that verifies"));
    assert!(refusal(&[]).contains("no key that verifies"));
}

#[test]
fn a_file_with_a_private_or_a_bad_key_is_refused_with_its_reason() {
    let short = BASE64.encode([0xff; 128]);
    for (bad, reason) in [
        (with(p256(), "d", "AA"), "key 2 has a private member (`d`)"),
        (with(rsa(), "p", "AA"), "key 2 has a private member (`p`)"),
        (with(json!({ "kty": "oct" }), "k", "AA"), "key 2 has a private member (`k`)"),
        (with(rsa(), "n", short), "key 2 is an RSA key of 1024 bits"),
        (with(rsa(), "n", BASE64.encode([0xff; 1025])), "key 2 is an RSA key of 8200 bits"),
        (with(rsa(), "n", "not base64!"), "key 2 `n`"),
        (with(p256(), "y", Value::Null), "key 2 `y`"),
        (with(p256(), "x", "AA"), "key 2 `x` or `y`"),
        (with(ed25519(), "x", P256_X.get(1..)), "key 2 `x`"),
        (with(rsa(), "kid", 7), "key 2 is malformed"),
        (json!("a key"), "key 2 is malformed"),
    ] {
        let found = refusal(&[rsa(), bad.clone()]);
        assert!(found.starts_with(reason), "{bad}: {found}");
    }
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, &rsa().to_string()] {
        assert!(parse_set(text).is_err(), "{text}");
    }
}

#[test]
fn a_key_keeps_what_matters_as_json() {
    let full = json!({
        "kty": "RSA", "n": RSA_MODULUS, "e": "AQAB", "kid": "a", "alg": "PS256", "use": "sig",
    });
    let key: Jwk = serde_json::from_value(with(full.clone(), "x5c", json!(["AA"]))).unwrap();
    assert_eq!(serde_json::to_value(key).unwrap(), full);
    // Some write a leading zero, as in DER; the key is the same.
    let padded = [&[0], BASE64.decode(RSA_MODULUS).unwrap().as_slice()].concat();
    assert_eq!(keys(&[with(rsa(), "n", BASE64.encode(padded))]), keys(&[rsa()]));
    assert!(serde_json::from_value::<Jwk>(with(p256(), "d", "AA")).is_err());
}
