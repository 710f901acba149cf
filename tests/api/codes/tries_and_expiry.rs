//! The SMS code: bound to its number, used once, dead after five wrong tries.

use test_support::{
    app::{PASSWORD, fresh_mobile, on_each, on_each_with},
    databases::redis_query,
    interface::INTERFACES,
    sms_codes::other_than,
};

#[tokio::test]
async fn five_wrong_tries_kill_a_code() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            face.assert_success(&face.request_code(&who, &mobile).await, 200);
            let code = haoma.gateway.code_for(&mobile);
            for left in (0..5).rev() {
                let wrong = face.register(&who, &mobile, &other_than(&code), PASSWORD).await;
                face.assert_refused(
                    &wrong,
                    (422, "4004"),
                    "error-sms-code-wrong",
                    &[("tries", left)],
                );
                if face == test_support::interface::Interface::Json {
                    assert_eq!(wrong.json()["data"]["tries_left"], left);
                }
            }

            let right = face.register(&who, &mobile, &code, PASSWORD).await;

            face.assert_refused(&right, (422, "4002"), "error-sms-code-gone", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn the_fifth_try_may_be_right() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            face.assert_success(&face.request_code(&who, &mobile).await, 200);
            let code = haoma.gateway.code_for(&mobile);
            for _ in 0..4 {
                face.register(&who, &mobile, &other_than(&code), PASSWORD).await;
            }

            face.assert_success(&face.register(&who, &mobile, &code, PASSWORD).await, 201);
        }
    })
    .await;
}

#[tokio::test]
async fn a_resend_restores_no_tries() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            face.assert_success(&face.request_code(&who, &mobile).await, 200);
            let code = haoma.gateway.code_for(&mobile);
            for _ in 0..3 {
                face.register(&who, &mobile, &other_than(&code), PASSWORD).await;
            }
            haoma.skip_resend_wait().await;
            face.assert_success(&face.request_code(&who, &mobile).await, 200);

            let wrong = face.register(&who, &mobile, &other_than(&code), PASSWORD).await;

            face.assert_refused(&wrong, (422, "4004"), "error-sms-code-wrong", &[("tries", 1)]);
        }
    })
    .await;
}

#[tokio::test]
async fn ten_wrong_tries_in_a_day_shut_a_number_out_over_all_its_codes() {
    on_each_with(&[("SMS_CODE_TRIES_PER_MOBILE_DAY", "7")], async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            for tries in [5, 2] {
                face.assert_success(&face.request_code(&who, &mobile).await, 200);
                let code = haoma.gateway.code_for(&mobile);
                for _ in 0..tries {
                    let wrong = face.register(&who, &mobile, &other_than(&code), PASSWORD).await;
                    assert_eq!(wrong.status.as_u16(), face.status(422), "{wrong:?}");
                }
                haoma.skip_resend_wait().await;
            }

            let code = haoma.gateway.code_for(&mobile);
            let right = face.register(&who, &mobile, &code, PASSWORD).await;

            let minutes = right.header("retry-after").parse::<u64>().expect("seconds").div_ceil(60);
            let args = [("minutes", minutes)];
            face.assert_refused(&right, (429, "4201"), "error-too-often-wrong-codes", &args);
        }
    })
    .await;
}

#[tokio::test]
async fn the_code_of_another_number_is_wrong_and_stays_that_numbers() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mine, theirs) = (haoma.client(), fresh_mobile(), fresh_mobile());
            face.assert_success(&face.request_code(&who, &mine).await, 200);
            face.assert_success(&face.request_code(&who, &theirs).await, 200);
            let (my_code, their_code) =
                (haoma.gateway.code_for(&mine), haoma.gateway.code_for(&theirs));
            assert_ne!(my_code, their_code, "once in a million runs: run it again");

            let wrong = face.register(&who, &mine, &their_code, PASSWORD).await;

            face.assert_refused(&wrong, (422, "4004"), "error-sms-code-wrong", &[("tries", 4)]);
            face.assert_success(&face.register(&who, &theirs, &their_code, PASSWORD).await, 201);
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_that_never_asked_has_no_code() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let refused = face.register(&haoma.client(), &fresh_mobile(), "123456", PASSWORD).await;
            face.assert_refused(&refused, (422, "4002"), "error-sms-code-gone", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_is_accepted_once() {
    on_each(async |haoma| {
        for face in INTERFACES {
            let (who, mobile) = (haoma.client(), fresh_mobile());
            face.assert_success(&face.request_code(&who, &mobile).await, 200);
            let code = haoma.gateway.code_for(&mobile);
            face.assert_success(&face.register(&who, &mobile, &code, PASSWORD).await, 201);

            let again = face.register(&haoma.client(), &mobile, &code, PASSWORD).await;

            face.assert_refused(&again, (422, "4002"), "error-sms-code-gone", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_stored_of_a_code_is_not_the_code() {
    on_each(async |haoma| {
        let (who, mobile) = (haoma.client(), fresh_mobile());
        who.request_code(&mobile).await;
        let code = haoma.gateway.code_for(&mobile);
        let Some(url) = haoma.redis.as_deref() else { return };

        let key = format!("haoma:sms:{{{mobile}}}:register");
        let held: Vec<String> = redis_query(url, &["HGETALL", &key]).await;
        let keys: Vec<String> = redis_query(url, &["KEYS", "*"]).await;

        assert!(held.contains(&"tries".to_owned()), "{held:?}");
        assert!(held.iter().chain(&keys).all(|it| *it != code), "{held:?} {keys:?}");
        assert!(keys.iter().all(|it| it.starts_with("haoma:")), "{keys:?}");
    })
    .await;
}
