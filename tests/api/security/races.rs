//! Many at once: what may happen once happens once.

use diesel::{dsl::sql, sql_types::BigInt};
use futures_util::{StreamExt as _, future::join_all, stream};
use haoma::stores::{db::RunQueryDsl as _, tables::users};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each},
    client::{TestClient, TestResponse},
    interface::{Action, INTERFACES, Interface},
    sms_gateway,
};

fn with_status(answers: &[TestResponse], status: u16) -> usize {
    answers.iter().filter(|it| it.status.as_u16() == status).count()
}

/// So many captchas, and what would be read in them.
async fn solved(who: &TestClient<'_>, many: usize) -> Vec<(String, String)> {
    let mut solved = Vec::new();
    for _ in 0..many {
        solved.push(who.haoma.captcha_without_picture().await);
    }
    solved
}

/// How many accounts there are.
async fn accounts(haoma: &TestApp) -> i64 {
    let count = haoma.state.db.read(async |it| {
        let count = sql::<BigInt>("(SELECT COUNT(*) FROM users)");
        Ok(diesel::select(count).get_result(it).await?)
    });
    count.await.expect("answers")
}

#[tokio::test]
async fn a_hundred_sends_with_one_captcha_text_at_most_once() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let who = haoma.client();
            let before = haoma.gateway.messages().len();
            let (id, answer) = who.solve_captcha().await;
            let numbers: Vec<String> = (0..100).map(|_| fresh_mobile()).collect();
            let sends = numbers.iter().map(|it| face.request_code_with(&who, it, (&id, &answer)));

            let answers = join_all(sends).await;

            assert_eq!(haoma.gateway.messages().len() - before, 1);
            assert_eq!(face.count(&answers, (422, "4002")), 99);
        }
    })
    .await;
}

#[tokio::test]
async fn of_many_sends_for_one_number_one_is_texted() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            let solved = solved(&who, 20).await;
            let sends =
                solved.iter().map(|(id, it)| face.request_code_with(&who, &mobile, (id, it)));

            let answers = join_all(sends).await;

            assert_eq!(haoma.gateway.count_for(&mobile), 1);
            assert_eq!(face.count(&answers, (429, "4201")), 19);
            for answer in answers.iter().filter(|it| face.ended_with(it, (429, "4201"))) {
                let wait = answer.header("retry-after").parse::<u64>().expect("seconds");
                assert!((1..=60).contains(&wait));
                assert_eq!(face.resend_after(answer), wait);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_that_was_texted_outlives_a_message_that_was_refused_just_before() {
    on_each(async |haoma| {
        haoma.gateway.answer(sms_gateway::Answer::BlockedAtFirst);
        let mut texted = 0;
        for _ in 0..30 {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            let solved = solved(&who, 24).await;
            let sends = solved
                .iter()
                .map(|(id, it)| Interface::Json.request_code_with(&who, &mobile, (id, it)));

            // Some at a time, so that somebody asks just when the place comes free.
            stream::iter(sends).buffer_unordered(6).count().await;

            if haoma.gateway.count_for(&mobile) > 1 {
                let code = haoma.gateway.code_for(&mobile);
                let registered = Interface::Json.register(&who, &mobile, &code, PASSWORD).await;
                Interface::Json.assert_success(&registered, 201);
                texted += 1;
            }
        }
        assert!(texted > 0, "nobody was texted after a refusal");
    })
    .await;
}

#[tokio::test]
async fn of_fifty_who_register_one_number_with_one_code_one_gets_it() {
    // Only wrong tries count against the ten of the day.
    on_each(async |haoma| {
        for (already, face) in INTERFACES.into_iter().enumerate() {
            let mobile = fresh_mobile();
            face.assert_success(&face.request_code(&haoma.client(), &mobile).await, 200);
            let code = haoma.gateway.code_for(&mobile);
            let people: Vec<_> = (0..50).map(|_| haoma.client()).collect();

            let answers =
                join_all(people.iter().map(|it| face.register(it, &mobile, &code, PASSWORD))).await;

            let created = if face == Interface::Page { 303 } else { 201 };
            assert_eq!(face.count(&answers, (created, "0")), 1);
            for answer in answers.iter().filter(|it| !face.ended_with(it, (created, "0"))) {
                face.assert_refused(answer, (422, "4002"), "error-sms-code-gone", &[]);
            }
            assert_eq!(accounts(haoma).await, i64::try_from(already + 1).expect("few"));
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_who_proved_one_number_the_unique_index_lets_one_in() {
    on_each(async |haoma| {
        for _ in 0..5 {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            who.request_code(&mobile).await;
            let code = haoma.gateway.code_for(&mobile);
            // The other one is past the code already, and about to insert.
            let other = test_support::databases::new_user(&mobile, &format!("other-{mobile}"));
            let insert = haoma.state.db.write(async move |it| users::create(it, &other).await);

            let (mine, theirs) = futures_util::join!(
                Interface::Json.register(&who, &mobile, &code, PASSWORD),
                insert
            );

            let mine_is_in = mine.status.as_u16() == 201;
            assert_ne!(mine_is_in, theirs.is_ok(), "{mine:?} {theirs:?}");
            if !mine_is_in {
                Interface::Json.assert_refused(&mine, (409, "4003"), "error-mobile-taken", &[]);
            }
        }
        assert_eq!(accounts(haoma).await, 5);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_want_one_name_one_gets_it_and_the_others_may_choose_again() {
    on_each(async |haoma| {
        let mut people = Vec::new();
        for _ in 0..8 {
            let mobile = fresh_mobile();
            Interface::Json.assert_success(&haoma.client().request_code(&mobile).await, 200);
            people.push((haoma.client(), mobile.clone(), haoma.gateway.code_for(&mobile)));
        }
        let register = async |who: &(_, String, String), name: &str| {
            let fields = [
                ("mobile", who.1.as_str()),
                ("sms_code", &who.2),
                ("password", PASSWORD),
                ("name", name),
            ];
            Interface::Json.perform(&who.0, Action::Register, &fields).await
        };

        let answers = join_all(people.iter().map(|it| register(it, "Ada"))).await;

        assert_eq!(with_status(&answers, 201), 1);
        assert_eq!(with_status(&answers, 409), 7);
        for (number, (person, answer)) in people.iter().zip(&answers).enumerate() {
            if answer.status.as_u16() == 409 {
                Interface::Json.assert_refused(answer, (409, "4003"), "error-name-taken", &[]);
                let again = register(person, &format!("ada-{number}")).await;
                Interface::Json.assert_success(&again, 201);
            }
        }
        assert_eq!(accounts(haoma).await, 8);
    })
    .await;
}
