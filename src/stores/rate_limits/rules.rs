//! The numbers; docs/security.md has them with their reasons.

use std::time::Duration;

use crate::stores::kv::Window;

/// A minute.
pub const MINUTE: Duration = Duration::from_mins(1);
/// Ten minutes.
pub const TEN_MINUTES: Duration = Duration::from_mins(10);
/// An hour.
pub const HOUR: Duration = Duration::from_hours(1);
/// A day.
pub const DAY: Duration = Duration::from_hours(24);

/// How often what may be done.
#[derive(Clone, Copy, Debug)]
pub struct LimitRules {
    /// Between two text messages to one number, over all purposes.
    pub resend: Duration,
    /// Text messages to one number.
    pub sms_of_mobile: [Window; 2],
    /// Text messages to the numbers that share all but four digits (R33).
    pub sms_of_prefix: Window,
    /// Text messages asked for from one address.
    pub sms_of_address: [Window; 3],
    /// The same from a /24; four times as many from an IPv6 /48.
    pub sms_of_subnet: [Window; 3],
    /// Text messages of the whole service.
    pub sms_of_service: [Window; 3],
    /// Pictures drawn for one address (R10).
    pub captchas_of_address: [Window; 2],
    /// Codes tried from one address, right or wrong.
    pub code_tries_of_address: Window,
    /// Accounts opened from one address.
    pub registrations_of_address: [Window; 2],
    /// Failed sign-ins of an account after which a captcha is asked for (R44).
    pub sign_in_failures_before_captcha: u32,
    /// Failed sign-ins of an account. What makes the waiting grow: minutes after ten, an hour after
    /// twenty, some 110 a day.
    pub sign_in_failures: [Window; 3],
    /// Failed sign-ins from an address. From half of the first on a captcha is asked for.
    pub sign_in_failures_of_address: [Window; 2],
}

/// What a neighbourhood may do when no number of its own is given, in addresses.
const ADDRESSES_OF_SUBNET: u32 = 5;
/// A limit under suspicion, or in the spare store, is this part of the normal one.
const STRICTER: u32 = 4;

/// A neighbourhood's share of what one address may do.
pub(super) fn of_subnet(window: Window) -> Window {
    times(window, ADDRESSES_OF_SUBNET)
}

/// So many times as much.
pub(super) fn times(window: Window, factor: u32) -> Window {
    Window { limit: window.limit.saturating_mul(factor), ..window }
}

/// A quarter, but at least one, or nobody could do anything at all.
pub(super) fn stricter(window: Window) -> Window {
    Window { limit: window.limit.div_ceil(STRICTER), ..window }
}

/// A tenth, but at least one.
pub(super) fn without_captcha(window: Window) -> Window {
    Window { limit: window.limit.div_ceil(10), ..window }
}

/// What registration may use of a budget: 60 %, so that those who have an account get in when it is used
/// up (R32).
pub(super) fn of_registration(window: Window) -> Window {
    let share = u64::from(window.limit) * 3 / 5;
    let share = u32::try_from(share).unwrap_or(u32::MAX);
    Window { limit: share.max(window.limit.min(1)), ..window }
}
