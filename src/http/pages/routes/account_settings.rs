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
            code_form::CodeForm, done::Done, form::FormPage, form_request::FormRequest,
            form_template::FormTemplate, view::see_other,
        },
        request::{bodies, body::Form, fields::Fields},
    },
};

const MOBILE: CodeForm =
    CodeForm { template: FormTemplate::AccountMobile, purpose: Purpose::Rebind };

/// `GET /account/name`.
pub async fn get_name(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    signed_in(&form_request, viewer, async |viewer| {
        let mut page = FormPage::empty(FormTemplate::AccountName, "name");
        page.typed.insert("name", viewer.account.name.as_str().to_owned());
        page.show(&form_request.view)
    })
    .await
}

/// `POST /account/name`.
pub async fn post_name(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    signed_in(&form_request, viewer, async |Viewer { account, .. }| {
        let done = match bodies::name_change(&fields) {
            Ok(name) => {
                change_name(&form_request.state, &account, name).await.map(|_| Done::NameChanged)
            }
            Err(error) => Err(error),
        };
        done_or_again(&form_request, &fields, FormTemplate::AccountName, &account, done)
    })
    .await
}

/// `GET /account/password`.
pub async fn get_password(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    blank(&form_request, viewer, FormTemplate::AccountPassword).await
}

/// `POST /account/password`.
pub async fn post_password(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    signed_in(&form_request, viewer, async |viewer| {
        let account = &viewer.account;
        let done = async {
            let change = bodies::password_change(&form_request.view.web.parser, &fields, account)?;
            let client = form_request.context.client()?;
            let owner = viewer.owner(&form_request.state.clock);
            let signed_in = change_password(&form_request.state, owner, change, client).await?;
            form_request.context.set_session_cookie(&signed_in)?;
            Ok(Done::PasswordChanged)
        };
        done_or_again(&form_request, &fields, FormTemplate::AccountPassword, account, done.await)
    })
    .await
}

/// `GET /account/mobile`.
pub async fn get_mobile(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    freshly_signed_in(&form_request, viewer, async |_| MOBILE.get(&form_request).await).await
}

/// `POST /account/mobile`.
pub async fn post_mobile(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    freshly_signed_in(&form_request, viewer, async |viewer| {
        let account = &viewer.account;
        let fields = fields.of_form(MOBILE.template.properties().fields);
        let typed = form_request.view.web.parser.mobile(fields.raw("mobile"));
        if fields.raw("step") != "picture" && typed == Ok(account.mobile.clone()) {
            // Before a message is sent and a captcha is used up.
            return MOBILE.refuse(&form_request, &fields, &Error::OwnMobile).await;
        }
        let finish = async || {
            let change = bodies::mobile_change(&form_request.view.web.parser, &fields)?;
            let owner = viewer.owner(&form_request.state.clock);
            let client = form_request.context.client()?;
            change_mobile(&form_request.state, owner, change, client).await?;
            Ok(see_other(&Done::MobileChanged.page()))
        };
        MOBILE.post(&form_request, &fields, finish).await
    })
    .await
}

/// `GET /account/delete`.
pub async fn get_delete(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    blank(&form_request, viewer, FormTemplate::AccountDelete).await
}

/// `POST /account/delete`.
pub async fn post_delete(
    form_request: FormRequest,
    cookie: Session,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    freshly_signed_in(&form_request, viewer, async |viewer| {
        let done = async {
            let proof = bodies::owner_proof(&fields)?;
            let owner = viewer.owner(&form_request.state.clock);
            let client = form_request.context.client()?;
            delete_account(&form_request.state, owner, proof, client).await?;
            Ok(Done::AccountDeleted)
        };
        let done = done.await;
        if done.is_ok() {
            cookie.purge();
        }
        done_or_again(&form_request, &fields, FormTemplate::AccountDelete, &viewer.account, done)
    })
    .await
}

/// Calls `handler` with the person who is signed in, if the sign-in is fresh enough to change what lets the owner in.
async fn freshly_signed_in(
    form_request: &FormRequest,
    viewer: Result<Viewer, Error>,
    handler: impl AsyncFnOnce(Viewer) -> Result<HttpResponse, Error>,
) -> Result<HttpResponse, Error> {
    let viewer = viewer.and_then(|viewer| viewer.fresh(&form_request.state.clock));
    signed_in(form_request, viewer, handler).await
}

/// Shows an empty form that asks for the password. The sign-in has to be fresh.
async fn blank(
    form_request: &FormRequest,
    viewer: Result<Viewer, Error>,
    template: FormTemplate,
) -> Result<HttpResponse, Error> {
    freshly_signed_in(form_request, viewer, async |viewer| {
        form(&Fields::default(), template, &viewer.account).show(&form_request.view)
    })
    .await
}

fn done_or_again(
    form_request: &FormRequest,
    fields: &Fields,
    template: FormTemplate,
    account: &Account,
    done: Result<Done, Error>,
) -> Result<HttpResponse, Error> {
    match done {
        Ok(done) => Ok(see_other(&done.page())),
        Err(error) => form(fields, template, account).show_failure(&form_request.view, &error),
    }
}

/// Makes a form of an account. Its hidden field `login` tells password managers which account it belongs to.
fn form(fields: &Fields, template: FormTemplate, account: &Account) -> FormPage {
    let mut page = FormPage::new(template, "password", fields);
    page.typed.insert("login", account.name.as_str().to_owned());
    page
}
