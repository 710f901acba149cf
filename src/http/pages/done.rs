//! What a person has just done, or what has ended their session: one line on the page that follows. An encrypted cookie
//! names it, so that no link can make a page say so.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};
use fluent_bundle::FluentArgs;

use super::view::{View, see_other};
use crate::{
    errors::Error,
    http::{auth::encrypted_cookie, state::WebState},
};

const COOKIE: &str = "haoma_done";
/// How long the cookie lasts if its page is never loaded.
const LIFETIME: Duration = Duration::from_mins(1);

/// Something that a page says in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The account was created.
    Registered,
    /// The name was changed.
    NameChanged,
    /// The password was changed.
    PasswordChanged,
    /// The first password was set.
    PasswordSet,
    /// The number was changed.
    MobileChanged,
    /// Another session was ended.
    SessionEnded,
    /// All other sessions were ended.
    OthersSignedOut,
    /// A known device was forgotten.
    DeviceForgotten,
    /// An application has lost its access.
    ApplicationRemoved,
    /// The person has signed out.
    SignedOut,
    /// The account was deleted.
    AccountDeleted,
    /// The password was reset.
    PasswordReset,
    /// The session was too old.
    Expired,
    /// The session was ended from another device.
    Ended,
    /// The session was ended by newer ones, because its account had too many.
    Displaced,
    /// A change needs a fresh sign-in.
    SignInAgain,
}

/// The page of the person who is signed in.
const ACCOUNT: &str = "/account";
const LOGIN: &str = "/login";

impl Done {
    const ALL: [Self; 16] = [
        Self::Registered,
        Self::NameChanged,
        Self::PasswordChanged,
        Self::PasswordSet,
        Self::MobileChanged,
        Self::SessionEnded,
        Self::OthersSignedOut,
        Self::DeviceForgotten,
        Self::ApplicationRemoved,
        Self::SignedOut,
        Self::AccountDeleted,
        Self::PasswordReset,
        Self::Expired,
        Self::Ended,
        Self::Displaced,
        Self::SignInAgain,
    ];

    /// Returns the page that says so, the word in the cookie, and the key of the sentence.
    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Registered => (ACCOUNT, "registered", "notice-registered"),
            Self::NameChanged => (ACCOUNT, "name", "notice-name-changed"),
            Self::PasswordChanged => (ACCOUNT, "password", "notice-password-changed"),
            Self::PasswordSet => (ACCOUNT, "first-password", "notice-password-set"),
            Self::MobileChanged => (ACCOUNT, "mobile", "notice-mobile-changed"),
            Self::SessionEnded => (ACCOUNT, "session", "notice-session-ended"),
            Self::OthersSignedOut => (ACCOUNT, "others", "notice-others-signed-out"),
            Self::DeviceForgotten => (ACCOUNT, "device", "notice-device-forgotten"),
            Self::ApplicationRemoved => (ACCOUNT, "application", "notice-application-removed"),
            Self::SignedOut => (LOGIN, "signed-out", "notice-signed-out"),
            Self::AccountDeleted => (LOGIN, "deleted", "notice-account-deleted"),
            Self::PasswordReset => (LOGIN, "reset", "notice-password-reset"),
            Self::Expired => (LOGIN, "expired", "notice-expired"),
            Self::Ended => (LOGIN, "ended", "notice-ended"),
            Self::Displaced => (LOGIN, "elsewhere", "error-signed-in-elsewhere"),
            Self::SignInAgain => (LOGIN, "again", "error-sign-in-again"),
        }
    }

    /// Redirects to the page that says so.
    pub fn redirect(self, web: &WebState) -> Result<HttpResponse, Error> {
        self.redirect_to(web, self.row().0)
    }

    /// Redirects to `path`, which says so if it is the right page. Another one would not.
    pub fn redirect_to(self, web: &WebState, path: &str) -> Result<HttpResponse, Error> {
        let (page, word, _) = self.row();
        let mut response = see_other(path);
        if path.split(['?', '#']).next() == Some(page) {
            encrypted_cookie::set(web, &mut response, COOKIE, word, LIFETIME)?;
        }
        Ok(response)
    }

    /// Returns the line that the page of a request has to say, which is mostly none.
    pub fn notice(view: &View, request: &HttpRequest) -> String {
        Self::of(view, request).map_or_else(String::new, |done| done.sentence(view))
    }

    /// Returns the line in the language of the page.
    pub fn sentence(self, view: &View) -> String {
        view.translate(self.row().2, &FluentArgs::new())
    }

    /// Whether the person wanted it. A session that ended by itself is no success.
    pub fn is_success(self) -> bool {
        !matches!(self, Self::Expired | Self::Ended | Self::Displaced | Self::SignInAgain)
    }

    /// Has the answer forget what its page has said.
    pub fn forget(
        view: &View,
        request: &HttpRequest,
        response: &mut HttpResponse,
    ) -> Result<(), Error> {
        match Self::of(view, request) {
            Some(_) => encrypted_cookie::forget(&view.web, response, COOKIE),
            None => Ok(()),
        }
    }

    /// Returns what the page of a request has to say.
    pub fn of(view: &View, request: &HttpRequest) -> Option<Self> {
        let told = encrypted_cookie::value(&view.web, request, COOKIE)?;
        let says = |done: &Self| {
            let (page, word, _) = done.row();
            page == request.path() && told == word
        };
        Self::ALL.into_iter().find(says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_means_two_things() {
        for (at, done) in Done::ALL.iter().enumerate() {
            let (page, word, _) = done.row();
            let earlier = Done::ALL.iter().take(at);
            assert!(earlier.clone().all(|other| (other.row().0, other.row().1) != (page, word)));
        }
    }
}
