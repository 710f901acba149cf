//! Proofs of work, computed as ALTCHA's own libraries do it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use haoma::domain::hex::hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The answer to a question, as ALTCHA's own libraries give it.
pub fn solve(question: &Value) -> Value {
    let text = |name: &str| question[name].as_str().expect("a text").to_owned();
    let (salt, challenge) = (text("salt"), text("challenge"));
    let most = question["maxnumber"].as_u64().expect("a number");
    let digest = |number: u64| {
        let digest = Sha256::digest(format!("{salt}{number}"));
        hex(&digest)
    };
    let number = (0..=most).find(|number| digest(*number) == challenge).expect("an answer");
    json!({
        "algorithm": text("algorithm"), "challenge": challenge, "number": number, "salt": salt,
        "signature": text("signature"), "took": 12,
    })
}

/// The answer as it is sent.
pub fn sealed(proof: &Value) -> String {
    BASE64_STANDARD.encode(proof.to_string())
}
