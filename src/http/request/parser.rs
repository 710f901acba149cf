//! Parses requests by the operator's settings.

use crate::{
    domain::{
        account_rules::PasswordRule,
        captcha::CaptchaMode,
        country::Country,
        mobile::Mobile,
        name::Name,
        password::{Password, PasswordPolicy},
        region::Regions,
        terms::{Terms, TermsVersion},
    },
    errors::Problem,
    flows::sign_in::Login,
};

/// Parses the values whose rules depend on the settings; all others are parsed by their own types.
#[derive(Clone, Debug)]
pub struct RequestParser {
    /// The countries whose mobile numbers are accepted.
    pub regions: Regions,
    /// The policy for new passwords.
    pub passwords: PasswordPolicy,
    /// Whether a new account needs a password.
    pub password_rule: PasswordRule,
    /// The terms that have to be accepted with a registration.
    pub terms: Option<Terms>,
    /// Whether a request for an SMS code may come without a captcha.
    pub captcha_mode: CaptchaMode,
}

impl RequestParser {
    /// Parses a mobile number of a country that is served, as it is written in the country that was chosen for it.
    pub fn mobile(&self, text: &str, chosen: Option<Country>) -> Result<Mobile, Problem> {
        self.regions.mobile(text, chosen)
    }

    /// Parses a mobile number that is shown again beside the code of its country; a wrong code counts as none.
    pub fn shown_mobile(&self, text: &str, country: &str) -> Result<Mobile, Problem> {
        self.regions.mobile(text, self.regions.country(country).ok())
    }

    /// Parses a mobile number or a name.
    pub fn login(&self, text: &str, chosen: Option<Country>) -> Result<Login, Problem> {
        Login::parse(text, &self.regions, chosen)
    }

    /// Parses a new password. It has to pass the policy, and must be neither the number nor the name if they are known.
    pub fn new_password(
        &self,
        text: &str,
        mobile: Option<&Mobile>,
        name: Option<&Name>,
    ) -> Result<Password, Problem> {
        let password = Password::chosen(text, self.passwords)?;
        match mobile {
            Some(mobile) => password.apart_from(mobile, name),
            None => Ok(password),
        }
    }

    /// Parses the version of terms that a person accepts: only the current one can be accepted.
    pub fn terms_version(current: &Terms, text: &str) -> Result<TermsVersion, Problem> {
        TermsVersion::parse(text)
            .filter(|accepted| *accepted == current.version)
            .ok_or(Problem::TermsNotAccepted)
    }
}
