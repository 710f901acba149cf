use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::domain::{
    hex::{decode_hex, hex},
    keys::SecretKey,
};

const END: i64 = 1_790_000_123;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn key(label: &str) -> Key {
    SecretKey::new(vec![7; 32]).derive(label)
}

/// A challenge that takes at most 20 000 rounds, as a client sees it.
fn challenge(cost: u32) -> Value {
    json!(Challenge::new(&key("a"), 20_000, cost, at(END)))
}

fn solve(challenge: &Value) -> Value {
    let parameters = &challenge["parameters"];
    let bytes = |name: &str| decode_hex(parameters[name].as_str().unwrap()).unwrap();
    let derived_key = |counter: &u32| {
        let password = [bytes("nonce"), counter.to_be_bytes().to_vec()].concat();
        hex(&pbkdf2_sha256::derive(&password, &bytes("salt"), 2_000))
    };
    let prefix = parameters["keyPrefix"].as_str().unwrap();
    let counter = (0..=u32::MAX).find(|counter| derived_key(counter).starts_with(prefix)).unwrap();
    json!({ "challenge": challenge, "solution": { "counter": counter, "derivedKey": derived_key(&counter), "time": 12 } })
}

fn solve_older(challenge: &Value) -> Value {
    let digest = |number: &u32| {
        hex(&Sha256::digest(format!("{}{number}", challenge["salt"].as_str().unwrap())))
    };
    let mut solution = challenge.clone();
    solution["number"] =
        json!((0..=u32::MAX).find(|number| digest(number) == challenge["challenge"]).unwrap());
    solution
}

fn verify(solution: &Value, label: &str, now: i64) -> Result<u32, ProofProblem> {
    let proof = ProofOfWork::parse(&BASE64_STANDARD.encode(solution.to_string())).unwrap();
    proof.verify(&[key(label)], at(now)).map(|solved| solved.cost)
}

#[test]
fn a_right_answer_is_accepted_until_it_expires() {
    let challenge = challenge(1);
    for solution in [solve(&challenge), solve_older(&challenge)] {
        assert_eq!(verify(&solution, "a", END - 1), Ok(1));
        assert_eq!(verify(&solution, "a", END), Err(ProofProblem::Expired));
        assert_eq!(verify(&solution, "b", 0), Err(ProofProblem::Wrong), "another key");
    }
}

#[test]
fn the_cost_is_known_and_the_older_form_has_only_the_usual_one() {
    let expensive = challenge(3);

    assert_eq!(verify(&solve(&expensive), "a", 0), Ok(3));
    assert_eq!(expensive.get("challenge"), None);
}

#[test]
fn nothing_in_an_answer_can_be_changed() {
    let right = solve(&challenge(2));
    for (place, value) in [
        ("/challenge/parameters/algorithm", json!("PBKDF2/SHA-512")),
        ("/challenge/parameters/nonce", json!("00")),
        ("/challenge/parameters/salt", json!("00")),
        ("/challenge/parameters/cost", json!(1)),
        ("/challenge/parameters/keyLength", json!(16)),
        ("/challenge/parameters/keyPrefix", json!("")),
        ("/challenge/parameters/expiresAt", json!(END + 60)),
        ("/challenge/parameters/data/cost", json!(20)),
        ("/challenge/signature", json!("")),
        ("/solution/counter", json!(4_000_000_000_u32)),
        ("/solution/derivedKey", right["challenge"]["parameters"]["keyPrefix"].clone()),
    ] {
        let mut wrong = right.clone();
        *wrong.pointer_mut(place).unwrap() = value;
        assert_eq!(verify(&wrong, "a", 0), Err(ProofProblem::Wrong), "{place}");
    }
}

#[test]
fn nothing_in_an_older_answer_can_be_changed() {
    let right = solve_older(&challenge(1));
    let later = right["salt"].as_str().unwrap().replace(&END.to_string(), &(END + 60).to_string());
    let digest = hex(&Sha256::digest(format!("{later}{}", right["number"])));
    let wrong = [
        [("number", json!(4_000_000_000_u32)), ("salt", right["salt"].clone())],
        [("salt", json!(later)), ("algorithm", json!("SHA-256"))],
        [("salt", json!(later)), ("challenge", json!(digest))],
        [("algorithm", json!("SHA-1")), ("salt", right["salt"].clone())],
        [("signature", json!("")), ("salt", right["salt"].clone())],
    ];

    for changes in wrong {
        let mut solution = right.clone();
        for (name, value) in &changes {
            solution[name] = value.clone();
        }
        assert_eq!(verify(&solution, "a", 0), Err(ProofProblem::Wrong), "{changes:?}");
    }
}

#[test]
fn digits_cannot_move_between_expiry_and_number() {
    let right = solve_older(&json!(Challenge::new(&key("a"), 0, 1, at(END))));
    let salt = right["salt"].as_str().unwrap().trim_end_matches('&');
    let digest = hex(&Sha256::digest(format!("{salt}45")));
    let spliced = json!({
        "algorithm": "SHA-256", "challenge": digest, "number": 5, "salt": format!("{salt}4"),
        "signature": hex(&key("a").mac(&["SHA-256", &digest])),
    });

    assert_eq!(verify(&spliced, "a", 0), Err(ProofProblem::Wrong));
}

#[test]
fn an_unreadable_answer_is_refused() {
    for text in ["", "%", "e30=", "bnVsbA==", &BASE64_STANDARD.encode("[".repeat(10_000))] {
        assert_eq!(ProofOfWork::parse(text).err(), Some(Problem::Malformed), "{text}");
    }
}

#[test]
fn keys_are_those_of_altchas_own_library() {
    // Computed by `deriveKey` of altcha-lib 2.8.0.
    let expected = "c980f3c35770811ab25dc0575ba05f80ca6f76379ebf276d02da602836ece26c";
    let bytes: Vec<u8> = (0..32).collect();
    let (nonce, salt) = bytes.split_at(16);

    assert_eq!(pbkdf2::derived_key(nonce, salt, 2_000, 7), expected);
}
