//! While every core hashes, whoever needs a hash is told to come back, and everybody else is served.

use std::thread::available_parallelism;

use futures_util::{future::join_all, join};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
    interface::{INTERFACES, Interface},
};

/// So dear that a core makes two or three hashes while people wait for it.
const DEAR: (&str, &str) = ("PASSWORD_ITERATIONS", "10000000");
/// Many more than that come at once, for each core.
const CROWD: usize = 6;

/// Somebody who has been texted a code, on a face of their own.
struct Texted {
    face: Interface,
    mobile: String,
    code: String,
}

impl Texted {
    async fn on(face: Interface, haoma: &TestApp) -> Self {
        let mobile = fresh_mobile();
        face.assert_success(&face.request_code(&haoma.client(), &mobile).await, 200);
        Self { face, code: haoma.gateway.code_for(&mobile), mobile }
    }

    async fn register(&self, haoma: &TestApp) -> TestResponse {
        self.face.register(&haoma.client(), &self.mobile, &self.code, PASSWORD).await
    }
}

/// Whether somebody was told to come back; if not, they have got what they came for.
#[track_caller]
fn is_busy(face: Interface, answer: &TestResponse, got: impl FnOnce(&TestResponse)) -> bool {
    if !face.ended_with(answer, (503, "4500")) {
        got(answer);
        return false;
    }
    face.assert_refused(answer, (503, "4500"), "error-busy", &[]);
    assert_eq!(answer.header("retry-after"), "2", "{answer:?}");
    true
}

/// What needs no hash, one thing after another.
async fn assert_served(haoma: &TestApp, who: &TestClient<'_>) {
    let stranger = haoma.client();
    assert_eq!(stranger.get("/readyz").await.body, r#"{"status":"up"}"#);
    assert_eq!(stranger.get("/login").await.status, 200);
    assert!(who.is_signed_in().await);
    Interface::Json.assert_success(&stranger.request_code(&fresh_mobile()).await, 200);
    Interface::Json.assert_success(&Interface::Json.sign_out(who).await, 200);
    assert!(!who.is_signed_in().await);
}

/// R74.
#[tokio::test]
async fn while_every_core_hashes_only_who_needs_a_hash_is_told_to_come_back() {
    on_each_with(&[DEAR], async |haoma| {
        let who = haoma.client().signed_in(&fresh_mobile()).await;
        let crowd = CROWD * available_parallelism().map_or(1, usize::from);
        let faces: Vec<Interface> = INTERFACES.into_iter().cycle().take(crowd).collect();
        let mut texted = Vec::new();
        for face in faces {
            texted.push(Texted::on(face, haoma).await);
        }

        let come = texted.iter().map(async |it| {
            let (visitor, login) = (haoma.client(), fresh_mobile());
            join!(it.face.sign_in(&visitor, &login, PASSWORD), it.register(haoma))
        });
        let (answers, ()) = join!(join_all(come), assert_served(haoma, &who));

        let mut refused = [0, 0];
        for (it, (signed_in, registered)) in texted.iter().zip(answers) {
            let is_unknown = |answer: &TestResponse| {
                it.face.assert_refused(answer, (401, "4102"), "error-wrong-login", &[]);
            };
            refused[0] += usize::from(is_busy(it.face, &signed_in, is_unknown));
            let is_registered = |answer: &TestResponse| it.face.assert_success(answer, 201);
            if is_busy(it.face, &registered, is_registered) {
                refused[1] += 1;
                // The code was put back.
                if refused[1] == 1 {
                    it.face.assert_success(&it.register(haoma).await, 201);
                }
            }
        }
        assert!(refused.iter().all(|it| *it > 0), "{refused:?} of {crowd} were told to come back");
    })
    .await;
}
