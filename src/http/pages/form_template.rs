//! The forms: for each its file, its path and its fields.

use serde::{Deserialize, Serialize};

/// A form. One that is shown with more or fewer fields, depending on what was proved before, is a form of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormTemplate {
    /// Registers.
    Register,
    /// Registers a number that this browser has proved already, so that only a password is asked for.
    RegisterVerified,
    /// Signs in by password.
    Login,
    /// Signs in by password and captcha.
    LoginWithCaptcha,
    /// Signs in by SMS code.
    LoginByCode,
    /// Sets a new password after an SMS code.
    ResetPassword,
    /// Changes the name.
    AccountName,
    /// Changes the password.
    AccountPassword,
    /// Changes the number.
    AccountMobile,
    /// Deletes the account.
    AccountDelete,
    /// Sets the first password, soon after a sign-in by SMS code.
    AccountFirstPassword,
    /// Changes the number of an account without a password, soon after a sign-in.
    AccountMobileWithoutPassword,
    /// Deletes an account without a password, soon after a sign-in.
    AccountDeleteWithoutPassword,
}

/// The properties of one form.
#[derive(Debug)]
pub struct FormProperties {
    /// The file in `templates/`.
    pub file: &'static str,
    /// The path of the page, with the query that leads to this form.
    pub page: &'static str,
    /// All fields that may be sent; the idempotency key is read before them.
    pub fields: &'static [&'static str],
    /// The fields whose problems are shown beside them, in the order of the page. A problem of any other field is shown
    /// above the form, because otherwise it would not be visible.
    pub with_problem: &'static [&'static str],
    /// The fields that are shown again as they were typed: never a password, a code or a captcha.
    pub shown_again: &'static [&'static str],
    /// Hidden fields and buttons that a template must have beside the fields with problems, some with a value.
    pub hidden: &'static [Field],
}

/// The name of a field, and its value where it matters.
pub(super) type Field = (&'static str, Option<&'static str>);

const REGISTER: &[&str] = &[
    "mobile",
    "country",
    "captcha_id",
    "captcha",
    "proof_of_work",
    "sms_code",
    "password",
    "name",
    "terms",
    "next",
    "step",
];
const LOGIN: &[&str] = &[
    "login",
    "country",
    "password",
    "remember",
    "captcha_id",
    "captcha",
    "proof_of_work",
    "next",
    "step",
];
const LOGIN_BY_CODE: &[&str] = &[
    "by",
    "mobile",
    "country",
    "captcha_id",
    "captcha",
    "proof_of_work",
    "sms_code",
    "remember",
    "name",
    "terms",
    "next",
    "step",
];
const CODE_AND_PASSWORD: &[&str] = &[
    "mobile",
    "country",
    "captcha_id",
    "captcha",
    "proof_of_work",
    "sms_code",
    "password",
    "next",
    "step",
];

const CAPTCHA_ID: Field = ("captcha_id", None);
const SEND_BUTTON: Field = ("step", Some("send"));

impl FormTemplate {
    /// All forms.
    pub const ALL: [Self; 13] = [
        Self::Register,
        Self::RegisterVerified,
        Self::Login,
        Self::LoginWithCaptcha,
        Self::LoginByCode,
        Self::ResetPassword,
        Self::AccountName,
        Self::AccountPassword,
        Self::AccountMobile,
        Self::AccountDelete,
        Self::AccountFirstPassword,
        Self::AccountMobileWithoutPassword,
        Self::AccountDeleteWithoutPassword,
    ];

    /// Returns the properties of the form.
    #[expect(clippy::too_many_lines, reason = "a table: one row a form")]
    pub const fn properties(self) -> &'static FormProperties {
        match self {
            Self::Register => &FormProperties {
                file: "register.html",
                page: "/register",
                fields: REGISTER,
                with_problem: &["mobile", "captcha", "sms_code", "password", "terms"],
                shown_again: &["mobile", "country", "name", "terms", "next"],
                hidden: &[CAPTCHA_ID, SEND_BUTTON],
            },
            Self::RegisterVerified => &FormProperties {
                file: "register.html",
                page: "/register",
                fields: REGISTER,
                with_problem: &["password", "terms"],
                shown_again: &["name", "terms", "next"],
                hidden: &[],
            },
            Self::Login => &FormProperties {
                file: "login.html",
                page: "/login?by=password",
                fields: LOGIN,
                with_problem: &["login", "password"],
                shown_again: &["login", "country", "remember", "next"],
                hidden: &[],
            },
            Self::LoginWithCaptcha => &FormProperties {
                file: "login.html",
                page: "/login?by=password",
                fields: LOGIN,
                with_problem: &["login", "password", "captcha"],
                shown_again: &["login", "country", "remember", "next"],
                hidden: &[CAPTCHA_ID],
            },
            Self::LoginByCode => &FormProperties {
                file: "login_by_code.html",
                page: "/login",
                fields: LOGIN_BY_CODE,
                with_problem: &["mobile", "captcha", "sms_code", "terms"],
                shown_again: &["mobile", "country", "remember", "terms", "next"],
                hidden: &[CAPTCHA_ID, SEND_BUTTON, ("by", Some("sms"))],
            },
            Self::ResetPassword => &FormProperties {
                file: "reset_password.html",
                page: "/reset-password",
                fields: CODE_AND_PASSWORD,
                with_problem: &["mobile", "captcha", "sms_code", "password"],
                shown_again: &["mobile", "country", "next"],
                hidden: &[CAPTCHA_ID, SEND_BUTTON],
            },
            Self::AccountName => &FormProperties {
                file: "account_name.html",
                page: "/account/name",
                fields: &["name"],
                with_problem: &["name"],
                shown_again: &["name"],
                hidden: &[],
            },
            Self::AccountPassword => &FormProperties {
                file: "account_password.html",
                page: "/account/password",
                fields: &["password", "new_password"],
                with_problem: &["password", "new_password"],
                shown_again: &[],
                hidden: &[],
            },
            Self::AccountMobile => &FormProperties {
                file: "account_mobile.html",
                page: "/account/mobile",
                fields: CODE_AND_PASSWORD,
                with_problem: &["mobile", "captcha", "sms_code", "password"],
                shown_again: &["mobile", "country", "next"],
                hidden: &[CAPTCHA_ID, SEND_BUTTON],
            },
            Self::AccountDelete => &FormProperties {
                file: "account_delete.html",
                page: "/account/delete",
                fields: &["password", "sms_code"],
                with_problem: &["password"],
                shown_again: &[],
                hidden: &[],
            },
            Self::AccountFirstPassword => &FormProperties {
                file: "account_password.html",
                page: "/account/password",
                fields: &["new_password"],
                with_problem: &["new_password"],
                shown_again: &[],
                hidden: &[],
            },
            Self::AccountMobileWithoutPassword => &FormProperties {
                file: "account_mobile.html",
                page: "/account/mobile",
                fields: CODE_AND_PASSWORD,
                with_problem: &["mobile", "captcha", "sms_code"],
                shown_again: &["mobile", "country", "next"],
                hidden: &[CAPTCHA_ID, SEND_BUTTON],
            },
            Self::AccountDeleteWithoutPassword => &FormProperties {
                file: "account_delete.html",
                page: "/account/delete",
                fields: &["confirm"],
                with_problem: &["confirm"],
                shown_again: &[],
                hidden: &[],
            },
        }
    }

    /// Returns whether the form asks for the current password, if it is one of the account.
    pub(super) fn asks_for_password(self) -> bool {
        self.properties().with_problem.contains(&"password")
    }

    /// Returns whether the form changes the number of an account.
    pub(super) fn changes_mobile(self) -> bool {
        matches!(self, Self::AccountMobile | Self::AccountMobileWithoutPassword)
    }

    /// Returns the path that the form is posted to.
    pub(super) fn action(self) -> &'static str {
        let page = self.properties().page;
        page.split_once('?').map_or(page, |(path, _)| path)
    }

    /// Returns every name of a field in some form.
    pub(super) fn all_fields() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().flat_map(|form| form.properties().fields).copied()
    }

    /// Returns the names of all fields that have a place for a problem in some form; templates may ask for any of them.
    pub(super) fn all_with_problem() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().flat_map(|form| form.properties().with_problem).copied()
    }

    /// Returns the names of all fields that some form shows again; templates may ask for any of them.
    pub(super) fn all_shown_again() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().flat_map(|form| form.properties().shown_again).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_a_form_shows_or_needs_may_be_sent() {
        for form in FormTemplate::ALL {
            let FormProperties { fields, with_problem, shown_again, hidden, .. } =
                form.properties();
            let hidden = hidden.iter().map(|(name, _)| name);
            for name in with_problem.iter().chain(*shown_again).chain(hidden) {
                assert!(fields.contains(name), "{form:?} cannot send {name}");
            }
        }
    }
}
