//! Registration and the account: passwords, names, numbers, terms.

mod account;
mod by_code;
mod feedback;
mod form_again;
mod mobile_change;
mod password_managers;
mod passwords;
mod registration;
mod terms;
mod test_numbers;
mod without_password;
