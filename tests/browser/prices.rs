//! Pages at an address that has used its quotas up.

use test_support::app::fresh_mobile;

use crate::person::{Person, Script, on_each_with};

const QUOTAS: [(&str, &str); 4] = [
    ("POW_COMPLEXITY", "1000"),
    ("CAPTCHAS_PER_ADDRESS_MINUTE", "2"),
    ("SMS_PER_ADDRESS_10_MINUTES", "1"),
    ("REGISTRATIONS_PER_ADDRESS_HOUR", "1"),
];

/// Somebody else at the same address registers, asks for another code and looks at pictures.
async fn use_quotas_up(person: &Person<'_>) {
    let neighbour = person.app.client().signed_in(&fresh_mobile()).await;
    person.app.wait_for_background_tasks().await;
    drop(neighbour);
    let neighbour = person.app.client();
    assert_eq!(neighbour.request_code(&fresh_mobile()).await.status.as_u16(), 200);
    person.app.wait_for_background_tasks().await;
    while neighbour.get("/api/v1/captchas/seen").await.status.as_u16() == 200 {}
}

#[tokio::test]
async fn scripts_pay_for_pictures_messages_and_registrations() {
    on_each_with(&QUOTAS, Script::On, async |person| {
        use_quotas_up(person).await;
        let mobile = fresh_mobile();

        person.begin_registration(&mobile).await;
        person.open_the_sheet().await;
        person
            .until("a picture that is whole", async || {
                let width = "return document.querySelector('.picture img').naturalWidth";
                person.run(width).await.as_u64().filter(|width| *width > 0)
            })
            .await;
        person.solve_the_picture().await;
        person.sees("验证码已发送至").await;
        let code = person.app.gateway.code_for(&mobile);
        person.finish_registration(&code).await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_a_harder_picture_pays_for_a_message() {
    on_each_with(&QUOTAS, Script::Off, async |person| {
        use_quotas_up(person).await;
        let mobile = fresh_mobile();

        person.begin_registration(&mobile).await;
        assert!(person.is_shown(".harder .picture img").await);
        person.send().await;

        person.sees("验证码已发送至").await;
        assert_eq!(person.number().await, mobile);
        assert_eq!(person.app.gateway.count_for(&mobile), 1);
    })
    .await;
}
