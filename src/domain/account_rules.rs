//! Who may get an account, and what it needs.

/// Who may get an account, and what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountRules {
    /// Who may get one.
    pub sign_up: SignUp,
    /// Whether it needs a password.
    pub password: PasswordRule,
}

/// Who may get an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Everybody with a mobile number.
    Open,
    /// Nobody. Accounts come from an import.
    Closed,
}

/// Whether a new account needs a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRule {
    /// A number and a code are enough. A password can be set later.
    Optional,
    /// Every new account has a password.
    Required,
}

impl AccountRules {
    /// Returns whether a right code for a number without an account creates one.
    pub fn code_creates_account(self) -> bool {
        self.sign_up == SignUp::Open && self.password == PasswordRule::Optional
    }
}
