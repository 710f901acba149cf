//! What a person has just done, or what has ended their session: one line on the page that follows, which the parameter
//! `done` of its address names.

use fluent_bundle::FluentArgs;

use super::{next, view::View};

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
    /// The person has signed out.
    SignedOut,
    /// The account was deleted.
    AccountDeleted,
    /// The password was reset.
    PasswordReset,
    /// The session was ended from another device, or it was too old.
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
    const ALL: [Self; 14] = [
        Self::Registered,
        Self::NameChanged,
        Self::PasswordChanged,
        Self::PasswordSet,
        Self::MobileChanged,
        Self::SessionEnded,
        Self::OthersSignedOut,
        Self::DeviceForgotten,
        Self::SignedOut,
        Self::AccountDeleted,
        Self::PasswordReset,
        Self::Ended,
        Self::Displaced,
        Self::SignInAgain,
    ];

    /// Returns the page that says so, the word in its address, and the key of the sentence.
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
            Self::SignedOut => (LOGIN, "signed-out", "notice-signed-out"),
            Self::AccountDeleted => (LOGIN, "deleted", "notice-account-deleted"),
            Self::PasswordReset => (LOGIN, "reset", "notice-password-reset"),
            Self::Ended => (LOGIN, "ended", "notice-ended"),
            Self::Displaced => (LOGIN, "elsewhere", "error-signed-in-elsewhere"),
            Self::SignInAgain => (LOGIN, "again", "error-sign-in-again"),
        }
    }

    /// Returns the address of the page that says so.
    pub fn page(self) -> String {
        let (page, word, _) = self.row();
        format!("{page}?done={word}")
    }

    /// Returns `path`, with the parameter if it is the page that says so. Another page would not read it.
    pub fn onto(self, path: &str) -> String {
        let (page, word, _) = self.row();
        let (before, fragment) = path.split_once('#').unwrap_or((path, ""));
        if before.split('?').next() != Some(page) {
            return path.to_owned();
        }
        let joint = if before.contains('?') { '&' } else { '?' };
        let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
        format!("{before}{joint}done={word}{fragment}")
    }

    /// Returns the line that a page of this path has to say, which is mostly none.
    pub fn notice(view: &View, path: &str) -> String {
        let says = |done: &Self| {
            let (page, word, _) = done.row();
            page == path && next::has(&view.query, "done", word)
        };
        let done = Self::ALL.into_iter().find(says);
        done.map_or(String::new(), |done| view.translate(done.row().2, &FluentArgs::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_that_says_it_gets_the_parameter() {
        for (path, expected) in [
            ("/account", "/account?done=registered"),
            ("/account?welcome", "/account?welcome&done=registered"),
            ("/account#sessions", "/account?done=registered#sessions"),
            ("/account/name", "/account/name"),
            ("/orders?from=/account", "/orders?from=/account"),
        ] {
            assert_eq!(Done::Registered.onto(path), expected);
        }
        assert_eq!(Done::AccountDeleted.page(), "/login?done=deleted");
    }

    #[test]
    fn no_word_means_two_things() {
        for (at, done) in Done::ALL.iter().enumerate() {
            let (page, word, _) = done.row();
            let earlier = Done::ALL.iter().take(at);
            assert!(earlier.clone().all(|other| (other.row().0, other.row().1) != (page, word)));
        }
    }
}
