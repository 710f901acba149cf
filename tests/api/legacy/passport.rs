//! The legacy API under `/passport`, request by request.

use reqwest::Method;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each},
    client::FORM,
    interface::Interface,
};

use super::{BODIES, Body, Request, assert_answer, assert_is_person, new_id, solved, texted};

const PREFIXES: [&str; 3] = ["/passport", "/users", ""];

#[tokio::test]
async fn a_picture_is_drawn_and_a_code_texted_under_every_path_and_name() {
    let names = ["imageCodeId", "code_id", "cur_id", "CodeId", "image_code_id", "img_code_id"];
    let sends =
        [("sms_code", "image_code"), ("smscode", "imageCode"), ("get_sms_code", "img_code")];
    let ids = ["image_code_id", "imageCodeId", "img_code_id"];
    on_each(async |app| {
        let client = app.client();
        for prefix in PREFIXES {
            for ((name, path), slash) in names
                .iter()
                .flat_map(|name| ["image_code", "get_img_code"].map(|other| (*name, other)))
                .zip(["", "/"].into_iter().cycle())
            {
                let id = new_id();
                solved(&client, &format!("{prefix}/{path}{slash}?{name}={id}"), &id).await;
            }
            for (((path, of_text), of_id), body) in sends
                .iter()
                .flat_map(|send| ids.map(|id| (*send, id)))
                .zip(BODIES.into_iter().cycle())
            {
                let (id, mobile) = (new_id(), fresh_mobile());
                let text = solved(&client, &format!("{prefix}/image_code?cur_id={id}"), &id).await;
                let path = format!("{prefix}/{path}");
                let fields = vec![("mobile", &*mobile), (of_text, &*text), (of_id, &*id)];
                let send = Request { method: Method::POST, path, fields };

                assert_answer(&send.by(&client, body).await, "0");

                assert_eq!(app.gateway.count_for(&mobile), 1);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_registers_signs_out_and_in_under_every_path_and_name() {
    let outs = [Method::GET, Method::POST, Method::DELETE];
    on_each(async |app| {
        let registers = PREFIXES.map(|prefix| format!("{prefix}/register"));
        let registers = registers
            .into_iter()
            .chain(["/password/register".to_owned(), "/passport/register/".to_owned()]);
        for (turn, path) in registers.enumerate() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let code = texted(app, &client, &mobile).await;
            let of_code = ["smscode", "sms_code"][turn % 2];
            let of_password = ["password", "passwd"][turn % 2];
            let fields = vec![("mobile", &*mobile), (of_code, &*code), (of_password, PASSWORD)];
            let register = Request { method: Method::POST, path, fields };
            // At the path of a page a form belongs to the page; JSON of any content type belongs to the legacy API.
            let body = [Body::Json, Body::JsonAsForm][turn % 2];
            assert_is_person(&assert_answer(&register.by(&client, body).await, "0"), &mobile);
            assert!(client.is_signed_in().await, "{}", register.path);

            for (prefix, (method, of_password)) in
                PREFIXES.into_iter().zip(outs.iter().zip(["password", "passport", "passwd"]))
            {
                let profile = format!("{prefix}/user/info");
                assert_is_person(&assert_answer(&client.get(&profile).await, "0"), &mobile);

                let path = format!("{prefix}/{}", ["logout", "exit"][turn % 2]);
                let out = Request { method: method.clone(), path, fields: Vec::new() };
                assert_answer(&out.by(&client, Body::Json).await, "0");
                assert!(!client.is_signed_in().await, "{} {}", method, out.path);
                assert_answer(&client.get(&profile).await, "4101");

                let fields = vec![("mobile", &*mobile), (of_password, PASSWORD)];
                let enter =
                    Request { method: Method::POST, path: format!("{prefix}/login"), fields };
                let entered = assert_answer(&enter.by(&client, body).await, "0");
                assert_is_person(&entered, &mobile);
                assert_eq!(entered["next_url"], "/");
                assert!(client.is_signed_in().await);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_form_posted_to_the_path_of_a_page_is_handled_by_the_page() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;

        let wrong =
            client.post_form("/login", &[("login", &mobile), ("password", "wrong horse")]).await;
        let nothing = client.post_body("/register", FORM, "").await;
        let out = client.post_body("/logout", FORM, "").await;

        Interface::Page.assert_refused(&wrong, (401, "4102"), "error-wrong-login", &[]);
        assert_eq!(nothing.header("content-type"), "text/html; charset=utf-8", "{nothing:?}");
        Interface::Page.assert_success(&out, 303);
        assert_eq!(client.get("/register").await.status.as_u16(), 200);
        assert_eq!(client.get("/login").await.header("content-type"), "text/html; charset=utf-8");
    })
    .await;
}
