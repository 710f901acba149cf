//! Password managers find on every page whose password it is, and whether it is a new one.

use serde_json::json;
use test_support::{
    app::{TestApp, fresh_mobile, on_each_with},
    client::TestClient,
    sms_codes::code,
};

/// Returns the value of an attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\"")).and_then(|(_, value)| value.split('"').next())
}

/// Returns what password managers read of the form that has a password: the kinds of its fields in their order.
async fn kinds(client: &TestClient<'_>, page: &str) -> Vec<String> {
    let shown = client.get(page).await;
    assert_eq!(shown.status, 200, "{page}: {shown:?}");
    let forms = shown.body.split("<form").skip(1).filter_map(|form| form.split("</form").next());
    let form = forms.filter(|form| form.contains("type=\"password\"")).collect::<Vec<_>>();
    assert_eq!(form.len(), 1, "{page}: {shown:?}");
    let inputs = form.iter().flat_map(|form| form.split("<input").skip(1));
    let inputs = inputs.filter_map(|input| input.split('>').next());
    let kinds = inputs.filter_map(|input| {
        let kind = attribute(input, "autocomplete")?;
        let is_text = !matches!(attribute(input, "type"), Some("hidden" | "checkbox"));
        assert_eq!(
            attribute(input, "type") == Some("password"),
            kind.ends_with("-password"),
            "{input}"
        );
        assert!(kind != "username" || is_text && !input.contains(" hidden"), "{page}: {input}");
        is_text.then(|| kind.to_owned())
    });
    kinds.filter(|kind| kind == "username" || kind.ends_with("-password")).collect()
}

async fn on_each(test: impl AsyncFn(&TestApp)) {
    on_each_with(&[("ACCOUNT_PASSWORD", "required")], test).await;
}

#[tokio::test]
async fn a_password_follows_the_name_that_it_belongs_to() {
    on_each(async |app| {
        let stranger = app.client();
        for (page, expected) in [
            ("/login?by=password", "current-password"),
            ("/register", "new-password"),
            ("/reset-password", "new-password"),
        ] {
            assert_eq!(kinds(&stranger, page).await, ["username", expected], "{page}");
        }
        let mobile = fresh_mobile();
        let proved = app.client();
        let sms_code = code(&proved, &mobile, "login").await;
        let fields = [("by", "sms"), ("mobile", &*mobile), ("sms_code", &*sms_code)];
        proved.post_form("/login", &fields).await;
        assert_eq!(kinds(&proved, "/register").await, ["username", "new-password"]);

        let mobile = fresh_mobile();
        let owner = app.client().signed_in(&mobile).await;
        let name = owner.get("/api/v1/session").await.json()["data"]["name"].clone();
        for (page, expected) in [
            ("/account/password", &["current-password", "new-password"][..]),
            ("/account/mobile", &["current-password"]),
            ("/account/delete", &["current-password"]),
        ] {
            assert_eq!(kinds(&owner, page).await, [&["username"], expected].concat(), "{page}");
            let shown = owner.get(page).await;
            let login = shown.value_after("autocomplete=\"username\" value=\"");
            assert_eq!(json!(login), name, "{page}");
        }
    })
    .await;
}

/// A form that was refused has the name again.
#[tokio::test]
async fn a_refused_form_still_names_the_account() {
    on_each(async |app| {
        let owner = app.client().signed_in(&fresh_mobile()).await;
        let name = owner.get("/api/v1/session").await.json()["data"]["name"].clone();
        for (page, fields) in [
            ("/account/password", [("password", "wrong"), ("new_password", "battery staple 8")]),
            ("/account/mobile", [("mobile", "1"), ("step", "save")]),
        ] {
            let refused = owner.post_form(page, &fields).await;
            assert!(refused.status.is_client_error(), "{refused:?}");
            let login = refused.value_after("autocomplete=\"username\" value=\"");
            assert_eq!(json!(login), name, "{page}");
        }
    })
    .await;
}
