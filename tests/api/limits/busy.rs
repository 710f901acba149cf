//! While every core hashes, requests that need a hash are refused, and all others are served.

use std::thread::available_parallelism;

use futures_util::{future::join_all, join};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
    interface::{INTERFACES, Interface},
};

/// A hash is so slow that a core computes two or three while a request waits for one.
const SLOW_HASHES: (&str, &str) = ("PASSWORD_ITERATIONS", "10000000");
/// The requests at once for each core, which are more than that.
const REQUESTS_PER_CORE: usize = 6;

/// A number that has got a code, and the interface that it uses.
struct Texted {
    interface: Interface,
    mobile: String,
    code: String,
}

impl Texted {
    async fn on(interface: Interface, app: &TestApp) -> Self {
        let mobile = fresh_mobile();
        interface.assert_success(&interface.request_code(&app.client(), &mobile).await, 200);
        Self { interface, code: app.gateway.code_for(&mobile), mobile }
    }

    async fn register(&self, app: &TestApp) -> TestResponse {
        self.interface.register(&app.client(), &self.mobile, &self.code, PASSWORD).await
    }
}

/// Whether the request was refused for the time being; otherwise it has to have succeeded.
#[track_caller]
fn is_busy(interface: Interface, response: &TestResponse, got: impl FnOnce(&TestResponse)) -> bool {
    if !interface.ended_with(response, (503, "4500")) {
        got(response);
        return false;
    }
    interface.assert_refused(response, (503, "4500"), "error-busy", &[]);
    assert_eq!(response.header("retry-after"), "2", "{response:?}");
    true
}

/// Sends requests that need no hash, one after another.
async fn assert_served(app: &TestApp, client: &TestClient<'_>) {
    let stranger = app.client();
    assert_eq!(stranger.get("/readyz").await.body, r#"{"status":"up"}"#);
    assert_eq!(stranger.get("/login").await.status, 200);
    assert!(client.is_signed_in().await);
    Interface::Json.assert_success(&stranger.request_code(&fresh_mobile()).await, 200);
    Interface::Json.assert_success(&Interface::Json.sign_out(client).await, 200);
    assert!(!client.is_signed_in().await);
}

/// R74.
#[tokio::test]
async fn while_every_core_hashes_only_requests_with_a_password_are_refused() {
    on_each_with(&[SLOW_HASHES], async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        let requests = REQUESTS_PER_CORE * available_parallelism().map_or(1, usize::from);
        let interfaces: Vec<Interface> = INTERFACES.into_iter().cycle().take(requests).collect();
        let mut texted = Vec::new();
        for interface in interfaces {
            texted.push(Texted::on(interface, app).await);
        }

        let come = texted.iter().map(async |mobile| {
            let (client, login) = (app.client(), fresh_mobile());
            join!(mobile.interface.sign_in(&client, &login, PASSWORD), mobile.register(app))
        });
        let (answers, ()) = join!(join_all(come), assert_served(app, &client));

        let mut refused = [0, 0];
        for (texted_client, (signed_in, registered)) in texted.iter().zip(answers) {
            let is_unknown = |response: &TestResponse| {
                texted_client.interface.assert_refused(
                    response,
                    (401, "4102"),
                    "error-wrong-login",
                    &[],
                );
            };
            refused[0] += usize::from(is_busy(texted_client.interface, &signed_in, is_unknown));
            let is_registered =
                |response: &TestResponse| texted_client.interface.assert_success(response, 201);
            if is_busy(texted_client.interface, &registered, is_registered) {
                refused[1] += 1;
                // The code was restored.
                if refused[1] == 1 {
                    texted_client.interface.assert_success(&texted_client.register(app).await, 201);
                }
            }
        }
        assert!(
            refused.iter().all(|response| *response > 0),
            "{refused:?} of {requests} were refused for the time being"
        );
    })
    .await;
}
