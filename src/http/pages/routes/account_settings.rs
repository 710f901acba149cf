//! `/account/name`, `/account/password`, `/account/mobile`, `/account/delete`: one form each.

use actix_session::Session;
use actix_web::HttpResponse;

use super::account::signed_in;
use crate::{
    domain::{account::Account, purpose::Purpose},
    errors::Error,
    flows::{
        change_mobile::change_mobile, change_name::change_name, change_password::change_password,
        delete_account::delete_account, prove_owner::has_password,
    },
    http::{
        auth::{pending_cookie, viewer::Viewer},
        pages::{
            code_form::CodeForm, done::Done, form::FormPage, form_again, form_request::FormRequest,
            form_template::FormTemplate,
        },
        request::{bodies, body::Form, fields::Fields},
    },
};

/// An account as its forms know it.
struct Owner {
    viewer: Viewer,
    has_password: bool,
}

impl Owner {
    /// Returns the form to change or to set the password.
    fn password_form(&self) -> FormTemplate {
        if self.has_password {
            FormTemplate::AccountPassword
        } else {
            FormTemplate::AccountFirstPassword
        }
    }

    /// Returns the form to change the number.
    fn mobile_form(&self) -> CodeForm {
        let template = if self.has_password {
            FormTemplate::AccountMobile
        } else {
            FormTemplate::AccountMobileWithoutPassword
        };
        CodeForm {
            template,
            purpose: Purpose::Rebind,
            login: self.viewer.account.name.as_str().to_owned(),
        }
    }

    /// Returns the form to delete the account.
    fn delete_form(&self) -> FormTemplate {
        if self.has_password {
            FormTemplate::AccountDelete
        } else {
            FormTemplate::AccountDeleteWithoutPassword
        }
    }
}

/// `GET /account/name`.
pub async fn get_name(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    signed_in(&form_request, viewer, async |viewer| {
        let FormRequest { view, request, .. } = &form_request;
        if let Some(answer) = form_again::answer_to_get(view, request, FormTemplate::AccountName) {
            return answer;
        }
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
    owner(&form_request, viewer, async |owner| {
        blank(&form_request, owner.password_form(), &owner.viewer.account)
    })
    .await
}

/// `POST /account/password`.
pub async fn post_password(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    owner(&form_request, viewer, async |owner| {
        let account = &owner.viewer.account;
        let done = async {
            let change = bodies::password_change(&form_request.view.web.parser, &fields, account)?;
            let client = form_request.context.client()?;
            let signed_in = owner.viewer.owner(&form_request.state.clock);
            let signed_in = change_password(&form_request.state, signed_in, change, client).await?;
            form_request.context.set_session_cookie(&signed_in)?;
            Ok(if owner.has_password { Done::PasswordChanged } else { Done::PasswordSet })
        };
        done_or_again(&form_request, &fields, owner.password_form(), account, done.await)
    })
    .await
}

/// `GET /account/mobile`.
pub async fn get_mobile(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    owner(&form_request, viewer, async |owner| owner.mobile_form().get(&form_request, None).await)
        .await
}

/// `POST /account/mobile`.
pub async fn post_mobile(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    owner(&form_request, viewer, async |owner| {
        let form = owner.mobile_form();
        let fields = fields.of_form(form.template.properties().fields);
        let finish = async || {
            let change = bodies::mobile_change(&form_request.view.web.parser, &fields)?;
            let signed_in = owner.viewer.owner(&form_request.state.clock);
            let client = form_request.context.client()?;
            change_mobile(&form_request.state, signed_in, change, client).await?;
            Done::MobileChanged.redirect(&form_request.view.web)
        };
        form.post(&form_request, &fields, finish).await
    })
    .await
}

/// `GET /account/delete`.
pub async fn get_delete(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    owner(&form_request, viewer, async |owner| {
        blank(&form_request, owner.delete_form(), &owner.viewer.account)
    })
    .await
}

/// `POST /account/delete`.
pub async fn post_delete(
    form_request: FormRequest,
    cookie: Session,
    viewer: Result<Viewer, Error>,
    Form(fields): Form,
) -> Result<HttpResponse, Error> {
    owner(&form_request, viewer, async |owner| {
        let done = async {
            let proof = if owner.has_password {
                bodies::owner_proof(&fields)?
            } else {
                bodies::deletion_confirmed(&fields)?;
                None
            };
            let signed_in = owner.viewer.owner(&form_request.state.clock);
            let client = form_request.context.client()?;
            delete_account(&form_request.state, signed_in, proof, client).await?;
            Ok(Done::AccountDeleted)
        };
        let done = done.await;
        let is_deleted = done.is_ok();
        let form = owner.delete_form();
        let mut response =
            done_or_again(&form_request, &fields, form, &owner.viewer.account, done)?;
        if is_deleted {
            cookie.purge();
            let FormRequest { view, request, .. } = &form_request;
            pending_cookie::forget_mobiles(&view.web, request, &mut response)?;
        }
        Ok(response)
    })
    .await
}

/// Calls `handler` with the person who is signed in. The current password, which the form asks for, proves that it is the
/// owner; an account without one has to be signed in to again after a few minutes (R88).
async fn owner(
    form_request: &FormRequest,
    viewer: Result<Viewer, Error>,
    handler: impl AsyncFnOnce(Owner) -> Result<HttpResponse, Error>,
) -> Result<HttpResponse, Error> {
    let found = async {
        let viewer = viewer?;
        let has_password = has_password(&form_request.state, viewer.account.id).await?;
        let viewer = if has_password { viewer } else { viewer.fresh(&form_request.state.clock)? };
        Ok(Owner { viewer, has_password })
    };
    signed_in(form_request, found.await, handler).await
}

/// Shows an empty form of an account, or one that was refused a moment ago.
fn blank(
    form_request: &FormRequest,
    template: FormTemplate,
    account: &Account,
) -> Result<HttpResponse, Error> {
    let FormRequest { view, request, .. } = form_request;
    form_again::answer_to_get(view, request, template)
        .unwrap_or_else(|| form(&Fields::default(), template, account).show(view))
}

fn done_or_again(
    form_request: &FormRequest,
    fields: &Fields,
    template: FormTemplate,
    account: &Account,
    done: Result<Done, Error>,
) -> Result<HttpResponse, Error> {
    match done {
        Ok(done) => done.redirect(&form_request.view.web),
        Err(error) => {
            form_again::refuse(form(fields, template, account), &form_request.view, &error)
        }
    }
}

/// Makes a form of an account. Its hidden field `login` tells password managers which account it belongs to.
fn form(fields: &Fields, template: FormTemplate, account: &Account) -> FormPage {
    let with_problem = template.properties().with_problem;
    // A box is no field to type into.
    let focus = with_problem.first().filter(|name| **name != "confirm").copied();
    let focus = focus.unwrap_or_default();
    let mut page = FormPage::new(template, focus, fields);
    page.typed.insert("login", account.name.as_str().to_owned());
    page
}
