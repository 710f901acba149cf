//! Concurrent requests for something that may happen only once.

use diesel::{dsl::sql, sql_types::BigInt};
use futures_util::{StreamExt as _, future::join_all, stream};
use haoma::stores::{db::RunQueryDsl as _, tables::users};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each},
    client::{TestClient, TestResponse},
    interface::{Action, INTERFACES, Interface, interfaces},
    sms_gateway,
};

fn with_status(responses: &[TestResponse], status: u16) -> usize {
    responses.iter().filter(|response| response.status.as_u16() == status).count()
}

/// Returns so many captchas with their answers.
async fn solved(client: &TestClient<'_>, many: usize) -> Vec<(String, String)> {
    let mut solved = Vec::new();
    for _ in 0..many {
        solved.push(client.app.captcha_without_picture().await);
    }
    solved
}

/// Returns the number of accounts.
async fn accounts(app: &TestApp) -> i64 {
    let count = app.state.db.read(async |connection| {
        let count = sql::<BigInt>("(SELECT COUNT(*) FROM users)");
        Ok(diesel::select(count).get_result(connection).await?)
    });
    count.await.expect("answers")
}

#[tokio::test]
async fn a_hundred_sends_with_one_captcha_text_at_most_once() {
    on_each(async |app| {
        for interface in interfaces() {
            let client = app.client();
            let before = app.gateway.messages().len();
            let (id, answer) = client.solve_captcha().await;
            let numbers: Vec<String> = (0..100).map(|_| fresh_mobile()).collect();
            let sends = numbers
                .iter()
                .map(|number| interface.request_code_with(&client, number, (&id, &answer)));

            let answers = join_all(sends).await;

            assert_eq!(app.gateway.messages().len() - before, 1);
            assert_eq!(interface.count(&answers, (422, "4002")), 99);
        }
    })
    .await;
}

#[tokio::test]
async fn of_many_sends_for_one_number_one_is_texted() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let solved = solved(&client, 20).await;
            let sends = solved
                .iter()
                .map(|(id, letters)| interface.request_code_with(&client, &mobile, (id, letters)));

            let responses = join_all(sends).await;

            assert_eq!(app.gateway.count_for(&mobile), 1);
            assert_eq!(interface.count(&responses, (429, "4201")), 19);
            for response in
                responses.iter().filter(|response| interface.ended_with(response, (429, "4201")))
            {
                let wait = response.header("retry-after").parse::<u64>().expect("seconds");
                assert!((1..=60).contains(&wait));
                assert_eq!(interface.resend_after(response), wait);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_sent_code_survives_the_refusal_of_an_earlier_message() {
    on_each(async |app| {
        app.gateway.answer(sms_gateway::Answer::BlockedAtFirst);
        let mut texted = 0;
        for _ in 0..30 {
            let (client, mobile) = (app.client(), fresh_mobile());
            let solved = solved(&client, 24).await;
            let sends = solved.iter().map(|(id, letters)| {
                Interface::Json.request_code_with(&client, &mobile, (id, letters))
            });

            // Six requests run at a time, so that one arrives just when the permit is returned.
            stream::iter(sends).buffer_unordered(6).count().await;

            if app.gateway.count_for(&mobile) > 1 {
                let code = app.gateway.code_for(&mobile);
                let registered = Interface::Json.register(&client, &mobile, &code, PASSWORD).await;
                Interface::Json.assert_success(&registered, 201);
                texted += 1;
            }
        }
        assert!(texted > 0, "no message was sent after a refusal");
    })
    .await;
}

#[tokio::test]
async fn of_fifty_who_register_one_number_with_one_code_one_gets_it() {
    // Only wrong tries count against the ten of the day.
    on_each(async |app| {
        for (already, interface) in INTERFACES.into_iter().enumerate() {
            let mobile = fresh_mobile();
            interface.assert_success(&interface.request_code(&app.client(), &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            let clients: Vec<_> = (0..50).map(|_| app.client()).collect();

            let answers = join_all(
                clients.iter().map(|client| interface.register(client, &mobile, &code, PASSWORD)),
            )
            .await;

            let created = if interface == Interface::Page { 303 } else { 201 };
            assert_eq!(interface.count(&answers, (created, "0")), 1);
            for response in
                answers.iter().filter(|answer| !interface.ended_with(answer, (created, "0")))
            {
                interface.assert_refused(response, (422, "4002"), "error-sms-code-gone", &[]);
            }
            assert_eq!(accounts(app).await, i64::try_from(already + 1).expect("few"));
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_who_verified_one_number_the_unique_index_accepts_one() {
    on_each(async |app| {
        for _ in 0..5 {
            let (client, mobile) = (app.client(), fresh_mobile());
            client.request_code(&mobile).await;
            let code = app.gateway.code_for(&mobile);
            // The other registration has consumed the code already and is about to insert.
            let other = test_support::databases::new_user(&mobile, &format!("other-{mobile}"));
            let insert =
                app.state.db.write(async move |connection| users::create(connection, &other).await);

            let (mine, theirs) = futures_util::join!(
                Interface::Json.register(&client, &mobile, &code, PASSWORD),
                insert
            );

            let mine_is_in = mine.status.as_u16() == 201;
            assert_ne!(mine_is_in, theirs.is_ok(), "{mine:?} {theirs:?}");
            if !mine_is_in {
                Interface::Json.assert_refused(&mine, (409, "4003"), "error-mobile-taken", &[]);
            }
        }
        assert_eq!(accounts(app).await, 5);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_want_one_name_one_gets_it_and_the_others_may_choose_again() {
    on_each(async |app| {
        let mut clients = Vec::new();
        for _ in 0..8 {
            let mobile = fresh_mobile();
            Interface::Json.assert_success(&app.client().request_code(&mobile).await, 200);
            clients.push((app.client(), mobile.clone(), app.gateway.code_for(&mobile)));
        }
        let register = async |client: &(_, String, String), name: &str| {
            let fields = [
                ("mobile", client.1.as_str()),
                ("sms_code", &client.2),
                ("password", PASSWORD),
                ("name", name),
            ];
            Interface::Json.perform(&client.0, Action::Register, &fields).await
        };

        let responses = join_all(clients.iter().map(|client| register(client, "Ada"))).await;

        assert_eq!(with_status(&responses, 201), 1);
        assert_eq!(with_status(&responses, 409), 7);
        for (number, (person, response)) in clients.iter().zip(&responses).enumerate() {
            if response.status.as_u16() == 409 {
                Interface::Json.assert_refused(response, (409, "4003"), "error-name-taken", &[]);
                let again = register(person, &format!("ada-{number}")).await;
                Interface::Json.assert_success(&again, 201);
            }
        }
        assert_eq!(accounts(app).await, 8);
    })
    .await;
}
