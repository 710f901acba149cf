//! Proofs of work, computed as ALTCHA's own libraries do it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use haoma::domain::hex::{decode_hex, hex};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The answer to a question in the newer form, as ALTCHA's own libraries give it.
pub fn solve(question: &Value) -> Value {
    let parameters = &question["parameters"];
    let bytes = |name: &str| decode_hex(&text(parameters, name)).expect("pairs of digits");
    let (nonce, salt, prefix) = (bytes("nonce"), bytes("salt"), text(parameters, "keyPrefix"));
    let rounds = parameters["cost"].as_u64().and_then(|rounds| u32::try_from(rounds).ok());
    let rounds = rounds.expect("a number");
    let derived_key = |counter: u32| {
        let password = [nonce.as_slice(), &counter.to_be_bytes()].concat();
        hex(&pbkdf2_sha256::derive(&password, &salt, rounds))
    };
    let mut attempts = (0..).map(|counter| (counter, derived_key(counter)));
    let (counter, key) = attempts.find(|(_, key)| key.starts_with(&prefix)).expect("an answer");
    json!({
        "challenge": { "parameters": parameters, "signature": question["signature"] },
        "solution": { "counter": counter, "derivedKey": key, "time": 12 },
    })
}

/// The answer to a question in the older form.
pub fn solve_older(question: &Value) -> Value {
    let (salt, challenge) = (text(question, "salt"), text(question, "challenge"));
    let most = question["maxnumber"].as_u64().expect("a number");
    let digest = |number: u64| {
        let digest = Sha256::digest(format!("{salt}{number}"));
        hex(&digest)
    };
    let number = (0..=most).find(|number| digest(*number) == challenge).expect("an answer");
    json!({
        "algorithm": question["algorithm"], "challenge": challenge, "number": number, "salt": salt,
        "signature": question["signature"], "took": 12,
    })
}

/// The answer as it is sent.
pub fn sealed(proof: &Value) -> String {
    BASE64_STANDARD.encode(proof.to_string())
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().expect("a text").to_owned()
}
