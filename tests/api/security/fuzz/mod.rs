//! Random mutations of valid texts, for a second each, or for `FUZZ_SECONDS`.

pub(super) mod properties;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

/// Texts that are inserted, because parsers may fail on them.
const BITS: [&str; 44] = [
    "",
    "\0",
    "\t",
    "\n",
    "\r\n",
    " ",
    "\u{7f}",
    "\u{a0}",
    "\u{200b}",
    "\u{202e}",
    "\u{3000}",
    "１３８",
    "٣",
    "é",
    "\u{feff}",
    "𝟙",
    "+86",
    "0086",
    "86",
    "+",
    "-",
    "00",
    "+852",
    "/",
    "//",
    "\\",
    "..",
    "@",
    ":",
    "?",
    "#",
    "%2f",
    "%5c",
    "%00",
    "%0a",
    "javascript:",
    "$",
    "=",
    "&",
    "\"",
    "{",
    "[",
    "null",
    "\\u0000",
];

#[expect(clippy::print_stdout, reason = "shown when the test fails, or with --nocapture")]
/// Tries a property on mutants of some seeds, and prints the mutant that violates it.
fn fuzz(property: fn(&str), seeds: &[&str]) {
    let start = rand::random();
    let mut random = StdRng::seed_from_u64(start);
    let until = Instant::now() + duration();
    for text in seeds {
        property(text);
    }
    let mut pool: Vec<String> = seeds.iter().map(|seed| (*seed).to_owned()).collect();
    let mut tried = 0_u32;
    while Instant::now() < until {
        tried += 1;
        let text = mutant(&mut random, &pool);
        let held = catch_unwind(AssertUnwindSafe(|| property(&text)));
        assert!(held.is_ok(), "{text:?}, of seed {start}");
        // Mutants of mutants get further away from the seeds.
        if text.len() < 300 && random.random_ratio(1, 8) {
            let place = random.random_range(0..pool.len() + 1);
            if place < pool.len() && place >= seeds.len() {
                pool[place] = text;
            } else if pool.len() < 500 {
                pool.push(text);
            }
        }
    }
    println!("{tried} texts");
}

#[expect(clippy::disallowed_methods, reason = "how long to try, no configuration")]
fn duration() -> Duration {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1))
}

/// Returns a text that is changed at a few positions.
fn mutant(random: &mut StdRng, pool: &[String]) -> String {
    let mut letters: Vec<char> = pool.choose(random).expect("a seed").chars().collect();
    for _ in 0..random.random_range(1..3) {
        let from = random.random_range(0..=letters.len());
        // Half of the mutations only insert.
        let most = if random.random() { 0 } else { 8 };
        let to = random.random_range(from..=letters.len().min(from + most));
        let bit: Vec<char> = match random.random_range(0..6) {
            0 => Vec::new(),
            1 => letters[from..to].repeat(2),
            2 => vec![random.random()],
            3 => vec![char::from(random.random_range(0x20..0x7f_u8))],
            4 => pool.choose(random).expect("a seed").chars().collect(),
            _ => BITS.choose(random).expect("a bit").chars().collect(),
        };
        letters.splice(from..to, bit);
    }
    letters.into_iter().collect()
}

#[test]
fn any_text_is_one_number_or_refused() {
    fuzz(
        properties::mobile,
        &[
            "13800138000",
            "+86 138-0013-8000",
            "008613800138000",
            "8613800138000",
            "+85251234567",
            "0044 7400 123456",
        ],
    );
}

#[test]
fn no_return_address_leads_to_another_site() {
    fuzz(
        properties::next,
        &[
            "/orders?id=7#end",
            "/a/../b",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/%2e%2e//x",
        ],
    );
}

#[test]
fn any_text_is_one_hash_or_refused() {
    fuzz(
        properties::password_hash,
        &[
            "$pbkdf2-sha256$i=600000,l=32$c2FsdHNhbHRzYWx0c2FsdA$VGhpcyBpcyB0aGlydHktdHdvIGJ5dGVzIGxvbmchIQ",
            "pbkdf2:sha256:1000$salt$5ec02b91a4b59c6f59dd5fbe4ca649ece4fa8568cdb8ba36cf41426e8805522b",
            "pbkdf2_sha256$1000$salt$XsArkaS1nG9Z3V++TKZJ7OT6hWjNuLo2z0FCbogFUis=",
            "$2b$12$EXRkfkdmXn2gzds2SSitu.MW9.gAVqa9eLS1//RYtYCmB1eLHg.9q",
        ],
    );
}

#[test]
fn any_body_is_read_or_refused() {
    fuzz(
        properties::bodies,
        &[
            r#"{"mobile":"13800138000","sms_code":"123456","password":"correct horse 7","name":"ada"}"#,
            r#"{"mobile":"13800138000","purpose":"login","captcha_id":"a-1","captcha":"abcd"}"#,
            r#"{"login":"ada","password":"correct horse 7","remember":true}"#,
            r#"{"login":"ada","password":"correct horse 7","remember":"on","captcha_id":"","captcha":""}"#,
            r#"{"password":"correct horse 7","new_password":"battery staple 8"}"#,
            "mobile=13800138000&sms_code=123456&password=correct+horse+7&idempotency_key=x",
            r#"{"a":[{"b":1e400}],"a":null}"#,
        ],
    );
}
