//! `/account/name`, `/account/password`, `/account/mobile`, `/account/delete`: one form each.

use actix_session::Session;
use actix_web::HttpResponse;

use super::account::signed_in;
use crate::{
    domain::{account::Account, purpose::Purpose},
    errors::Error,
    flows::{
        change_mobile::change_mobile, change_name::change_name, change_password::change_password,
        delete_account::delete_account,
    },
    http::{
        auth::viewer::Viewer,
        pages::{
            code_form::CodeForm, form::FormPage, form_request::FormRequest,
            form_template::FormTemplate, view::see_other,
        },
        request::{bodies, body::Form, fields::Fields},
    },
};

const MOBILE: CodeForm =
    CodeForm { template: FormTemplate::AccountMobile, purpose: Purpose::Rebind };

/// `GET /account/name`.
pub async fn get_name(
    visit: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    signed_in(&visit, viewer, async |it| {
        let mut page = FormPage::empty(FormTemplate::AccountName, "name");
        page.typed.insert("name", it.account.name.as_str().to_owned());
        page.show(&visit.view)
    })
    .await
}

/// `POST /account/name`.
pub async fn post_name(
    visit: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    signed_in(&visit, viewer, async |Viewer { account, .. }| {
        let done = match bodies::name_change(&fields) {
            Ok(name) => change_name(&visit.state, &account, name).await.map(drop),
            Err(error) => Err(error),
        };
        done_or_again(&visit, &fields, FormTemplate::AccountName, &account, done)
    })
    .await
}

/// `GET /account/password`.
pub async fn get_password(
    visit: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    blank(&visit, viewer, FormTemplate::AccountPassword).await
}

/// `POST /account/password`.
pub async fn post_password(
    visit: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    signed_in(
        &visit,
        viewer.and_then(|viewer| viewer.fresh(&visit.state.clock)),
        async |Viewer { account, .. }| {
            let done = async {
                let change = bodies::password_change(&visit.view.web.parser, &fields, &account)?;
                let client = visit.who.client()?;
                visit.who.set_session_cookie(
                    &change_password(&visit.state, &account, change, client).await?,
                )
            };
            done_or_again(&visit, &fields, FormTemplate::AccountPassword, &account, done.await)
        },
    )
    .await
}

/// `GET /account/mobile`.
pub async fn get_mobile(
    visit: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    signed_in(&visit, viewer.and_then(|viewer| viewer.fresh(&visit.state.clock)), async |_| {
        MOBILE.get(&visit).await
    })
    .await
}

/// `POST /account/mobile`.
pub async fn post_mobile(
    visit: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    signed_in(
        &visit,
        viewer.and_then(|viewer| viewer.fresh(&visit.state.clock)),
        async |Viewer { account, .. }| {
            let fields = fields.of_form(MOBILE.template.properties().fields);
            let typed = visit.view.web.parser.mobile(fields.raw("mobile"));
            if fields.raw("step") != "picture" && typed == Ok(account.mobile.clone()) {
                // Before a message is sent and a captcha is used up.
                return MOBILE.refuse(&visit, &fields, &Error::OwnMobile).await;
            }
            let finish = async || {
                let change = bodies::mobile_change(&visit.view.web.parser, &fields)?;
                change_mobile(&visit.state, &account, change, visit.who.client()?).await?;
                Ok(see_other("/account"))
            };
            MOBILE.post(&visit, &fields, finish).await
        },
    )
    .await
}

/// `GET /account/delete`.
pub async fn get_delete(
    visit: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    blank(&visit, viewer, FormTemplate::AccountDelete).await
}

/// `POST /account/delete`.
pub async fn post_delete(
    visit: FormRequest,
    cookie: Session,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    signed_in(
        &visit,
        viewer.and_then(|viewer| viewer.fresh(&visit.state.clock)),
        async |Viewer { account, .. }| {
            let done = async {
                let proof = bodies::owner_proof(&fields)?;
                delete_account(&visit.state, &account, proof, visit.who.client()?).await
            };
            let done = done.await;
            if done.is_ok() {
                cookie.purge();
            }
            done_or_again(&visit, &fields, FormTemplate::AccountDelete, &account, done)
        },
    )
    .await
}

/// A form that asks for a password, for somebody who has signed in lately.
async fn blank(
    visit: &FormRequest,
    viewer: Result<Viewer, Error>,
    template: FormTemplate,
) -> Result<HttpResponse, Error> {
    signed_in(visit, viewer.and_then(|viewer| viewer.fresh(&visit.state.clock)), async |it| {
        form(&Fields::default(), template, &it.account).show(&visit.view)
    })
    .await
}

fn done_or_again(
    visit: &FormRequest,
    fields: &Fields,
    template: FormTemplate,
    account: &Account,
    done: Result<(), Error>,
) -> Result<HttpResponse, Error> {
    match done {
        Ok(()) => Ok(see_other("/account")),
        Err(error) => form(fields, template, account).show_failure(&visit.view, &error),
    }
}

/// A form of an account; password managers are told whose it is.
fn form(fields: &Fields, template: FormTemplate, account: &Account) -> FormPage {
    let mut page = FormPage::new(template, "password", fields);
    page.typed.insert("login", account.name.as_str().to_owned());
    page
}
