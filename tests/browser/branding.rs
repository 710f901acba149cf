//! Pages with an operator's name and colours, with every optional part, and a full queue for password hashes.

use std::thread::available_parallelism;

use haoma::domain::password::Password;
use test_support::app::{PASSWORD, fresh_mobile};
use tokio::task::JoinSet;

use crate::{person::Person, states::Walk};

/// The settings that these states need.
pub(super) const SETTINGS: [(&str, &str); 8] = [
    ("BRAND_NAME", "蓝鲸出行会员服务中心 Blue Whale Mobility"),
    ("BRAND_COLOR", "#8a1f5c"),
    ("SMS_PROVIDERS", "console"),
    ("POW", "always"),
    ("PASSWORD_PROFILE", "mlps"),
    ("PASSWORD_ITERATIONS", "10000000"),
    ("TERMS_URL", "https://example.com/terms"),
    ("TERMS_VERSION", "2026-11"),
];

/// A foreign hash of `PASSWORD` at the highest accepted cost. Verifying it and then renewing it takes a core more than
/// three seconds, and a request waits for a core for two at most.
const SLOW: &str = "$2b$15$AtAwYPhz4PvrCyecYO6DlONC336ub7BUNLOlaKNXzJmFiaKSTpibi";

/// Brings the browser into each of these states, and calls `look` with its name.
pub(super) async fn walk(person: &Person<'_>, language: &str, look: impl AsyncFn(&str)) {
    let walk = Walk { person, look };
    person.refuse("*/static/proof*").await;
    person.open(&format!("/register?lang={language}")).await;
    walk.look_at("dressed-register", ".development").await;
    // Without scripts, a longer captcha replaces the proof of work.
    person.type_number(&fresh_mobile()).await;
    person.send().await;
    walk.look_at("dressed-register-harder", ".harder #captcha-problem:not(:empty)").await;
    walk.show_a_full_hash_queue().await;
}

impl<F: AsyncFn(&str)> Walk<'_, F> {
    async fn show_a_full_hash_queue(&self) {
        let person = self.person;
        person.open("/login?by=password").await;
        person.type_into("login", &fresh_mobile()).await;
        person.type_into("password", PASSWORD).await;
        let mut others = JoinSet::new();
        for _ in 0..available_parallelism().map_or(1, usize::from) {
            let hasher = person.app.state.hasher.clone();
            let password = Password::typed(PASSWORD).expect("a password");
            others.spawn(async move { hasher.check(&password, Some(SLOW)).await });
        }
        person.click("form > .first").await;
        self.look_at("dressed-login-busy", "#alert:not(:empty)").await;
        others.join_all().await;
    }
}
