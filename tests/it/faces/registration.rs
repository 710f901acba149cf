//! Opening an account, over both faces.

use reqwest::StatusCode;

use crate::haoma::{fresh_mobile, on_each};

#[tokio::test]
async fn a_person_registers_and_is_signed_in() {
    on_each(async |haoma| {
        let (person, mobile) = (haoma.visitor(), fresh_mobile());

        let registered = person.register(&mobile).await;
        let who = person.get("/api/v1/session").await;

        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        assert_eq!(who.status, StatusCode::OK);
        assert_eq!(who.json()["data"], registered.json()["data"]);
    })
    .await;
}
