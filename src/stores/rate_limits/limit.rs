//! The table of limits. To add a limit, add a variant, and the compiler asks for the rest: its windows and the variables
//! that set them, its key in the kv store, and its error.
//!
//! docs/security.md gives the reasons for the defaults.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use crate::{
    domain::{mobile::Mobile, network::Network},
    errors::{Error, LimitMessage},
    stores::kv::Window,
};

const MINUTE: Duration = Duration::from_mins(1);
const TEN_MINUTES: Duration = Duration::from_mins(10);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// The largest value of most variables. It amounts to no limit at all.
const MAX: u32 = 1_000_000;
/// A subnet may do this many times as much as one address, unless the subnet has a limit of its own.
const ADDRESSES_PER_SUBNET: u32 = 5;

/// A limit of how often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Wrong SMS codes for a number, over all its codes (R19): of all strangers together, and of each known device.
    WrongCodesPerMobile,
    /// Wrong SMS codes for a number that are tried for a price when strangers have tried all others.
    WrongCodesReserve,
    /// SMS codes for the numbers that share all but their last four digits (R33).
    SmsPerPrefix,
    /// SMS messages for an address.
    SmsPerAddress,
    /// SMS messages for a /24, and four times as many for an IPv6 /48.
    SmsPerSubnet,
    /// SMS messages for an address without a captcha: a tenth, counted together with those that have one.
    SmsWithoutCaptchaPerAddress,
    /// Wrong and unknown captchas from an address in requests for an SMS code: ten times the number of messages.
    WrongCaptchasPerAddress,
    /// Captchas for an address (R10).
    CaptchasPerAddress,
    /// Harder captchas for an address beyond that, which are not paid for by a proof of work.
    HarderCaptchasPerAddress,
    /// SMS codes tried from an address, right or wrong.
    CodeTriesPerAddress,
    /// Accounts registered from an address.
    RegistrationsPerAddress,
    /// Failed sign-ins of strangers to a login, or of a device to the account that knows it. The first windows demand a
    /// price, only the last one refuses.
    FailedSignInsPerAccount,
    /// Failed sign-ins from an address. From half of the first window on a captcha is required, over a window a proof of
    /// work. Ten times as many are refused.
    FailedSignInsPerAddress,
    /// Distinct logins with failed sign-ins from an address. More of them are password spraying (R45).
    FailedAccountsPerAddress,
    /// The time between two SMS codes for a number, over all purposes.
    SmsResend,
    /// SMS codes for a number.
    SmsPerMobile,
    /// SMS codes for a number that a device known to its account requests, beside those of everybody.
    SmsPerDevice,
    /// SMS codes for a number that are sent for a price when it has had all others.
    SmsReserve,
    /// SMS messages of the whole service: bounds the bill (R32).
    SmsBudget,
    /// SMS messages for registrations, so that account owners get their codes when this part of the budget is spent (R32).
    RegistrationBudget,
    /// SMS codes to numbers without an account, while the SMS abuse guard bounds them.
    CodesToStrangers,
}

/// A variable that sets windows of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSetting {
    /// The name of the environment variable.
    pub variable: &'static str,
    /// The value if the variable is not set.
    pub default: u32,
    /// The values that are accepted.
    pub range: RangeInclusive<u32>,
    /// The meaning of the value.
    pub meaning: SettingMeaning,
}

/// The meaning of a variable's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingMeaning {
    /// A number of events. Each of these spans becomes a window, whose limit is the value times a factor.
    Events(Vec<(Duration, u32)>),
    /// The seconds in which there can be one event.
    Seconds,
    /// A threshold beside the windows.
    Threshold,
}

impl Limit {
    /// All limits, in the order in which their variables are read.
    pub const ALL: [Self; 21] = [
        Self::WrongCodesPerMobile,
        Self::WrongCodesReserve,
        Self::SmsPerPrefix,
        Self::SmsPerAddress,
        Self::SmsPerSubnet,
        Self::SmsWithoutCaptchaPerAddress,
        Self::WrongCaptchasPerAddress,
        Self::CaptchasPerAddress,
        Self::HarderCaptchasPerAddress,
        Self::CodeTriesPerAddress,
        Self::RegistrationsPerAddress,
        Self::FailedSignInsPerAccount,
        Self::FailedSignInsPerAddress,
        Self::FailedAccountsPerAddress,
        Self::SmsResend,
        Self::SmsPerMobile,
        Self::SmsPerDevice,
        Self::SmsReserve,
        Self::SmsBudget,
        Self::RegistrationBudget,
        Self::CodesToStrangers,
    ];

    /// Returns the variables that set the windows. A limit without any is constant, or derived from another one.
    pub fn settings(self) -> Vec<LimitSetting> {
        let any = 1..=MAX;
        match self {
            Self::WrongCodesPerMobile => {
                vec![events("SMS_CODE_TRIES_PER_MOBILE_DAY", 10, 5..=50, DAY)]
            }
            Self::SmsPerPrefix => vec![events("SMS_PER_PREFIX_HOUR", 30, any, HOUR)],
            Self::SmsPerAddress => vec![
                events("SMS_PER_ADDRESS_10_MINUTES", 10, any.clone(), TEN_MINUTES),
                events("SMS_PER_ADDRESS_HOUR", 30, any.clone(), HOUR),
                events("SMS_PER_ADDRESS_DAY", 100, any, DAY),
            ],
            Self::SmsPerSubnet => vec![
                events("SMS_PER_SUBNET_10_MINUTES", 50, any.clone(), TEN_MINUTES),
                events("SMS_PER_SUBNET_HOUR", 200, any.clone(), HOUR),
                events("SMS_PER_SUBNET_DAY", 500, any, DAY),
            ],
            Self::CaptchasPerAddress => vec![
                events("CAPTCHAS_PER_ADDRESS_MINUTE", 10, any.clone(), MINUTE),
                events("CAPTCHAS_PER_ADDRESS_HOUR", 60, any, HOUR),
            ],
            Self::CodeTriesPerAddress => {
                vec![events("SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES", 30, any, TEN_MINUTES)]
            }
            Self::RegistrationsPerAddress => vec![
                events("REGISTRATIONS_PER_ADDRESS_HOUR", 30, any.clone(), HOUR),
                events("REGISTRATIONS_PER_ADDRESS_DAY", 100, any, DAY),
            ],
            Self::FailedSignInsPerAccount => {
                let windows = [(TEN_MINUTES / 2, 1), (HOUR, 2), (DAY, 11)];
                vec![events_in_each("SIGN_IN_FAILURES", 10, 3..=100, windows)]
            }
            Self::FailedSignInsPerAddress => {
                let windows = [(TEN_MINUTES, 1), (HOUR, 5)];
                vec![events_in_each("SIGN_IN_FAILURES_PER_ADDRESS", 20, 3..=MAX, windows)]
            }
            Self::SmsResend => vec![seconds("SMS_RESEND_SECONDS", 60, 1..=600)],
            Self::SmsPerMobile => vec![
                events("SMS_PER_MOBILE_HOUR", 5, 1..=1_000, HOUR),
                events("SMS_PER_MOBILE_DAY", 10, 1..=1_000, DAY),
            ],
            Self::SmsBudget => vec![
                events("SMS_PER_MINUTE", 60, 0..=MAX, MINUTE),
                events("SMS_PER_HOUR", 1_000, 0..=10 * MAX, HOUR),
                events("SMS_PER_DAY", 5_000, 0..=100 * MAX, DAY),
            ],
            Self::SmsWithoutCaptchaPerAddress
            | Self::WrongCaptchasPerAddress
            | Self::HarderCaptchasPerAddress
            | Self::FailedAccountsPerAddress
            | Self::RegistrationBudget
            | Self::CodesToStrangers
            | Self::SmsPerDevice
            | Self::SmsReserve
            | Self::WrongCodesReserve => Vec::new(),
        }
    }

    /// Returns span and limit of the one window of a limit that no variable sets.
    fn constant(self) -> Option<(Duration, u32)> {
        const CONSTANTS: [(Limit, Duration, u32); 4] = [
            (Limit::FailedAccountsPerAddress, HOUR, 15),
            (Limit::SmsPerDevice, DAY, 5),
            (Limit::WrongCodesReserve, DAY, 5),
            (Limit::SmsReserve, DAY, 3),
        ];
        let row = CONSTANTS.into_iter().find(|(limit, ..)| *limit == self);
        row.map(|(_, span, limit)| (span, limit))
    }

    /// Returns the windows for the given values of the variables. Only [`LimitRules`] knows those of a derived limit.
    fn windows(self, mut value: impl FnMut(&LimitSetting) -> u32) -> Vec<Window> {
        if let Some((span, limit)) = self.constant() {
            return vec![Window { span, limit }];
        }
        let settings = self.settings();
        settings.iter().flat_map(|setting| setting.windows(value(setting))).collect()
    }

    /// Returns the key of the events of a subject: a subnet, an account, a number, a prefix, or nothing for the whole
    /// service. Limits with the same key count the same events.
    ///
    /// The text in braces decides which slot of a Redis Cluster has the key. Limits that are acquired together share it.
    fn key(self, subject: &str) -> String {
        match self {
            Self::CaptchasPerAddress => format!("haoma:limit:{{{subject}}}:captcha"),
            Self::HarderCaptchasPerAddress => format!("haoma:limit:{{{subject}}}:harder-captcha"),
            Self::SmsPerAddress | Self::SmsPerSubnet | Self::SmsWithoutCaptchaPerAddress => {
                format!("haoma:limit:{{{subject}}}:sms")
            }
            Self::WrongCaptchasPerAddress => format!("haoma:limit:{{{subject}}}:wrong-captcha"),
            Self::CodeTriesPerAddress => format!("haoma:limit:{{{subject}}}:code"),
            Self::RegistrationsPerAddress => format!("haoma:limit:{{{subject}}}:register"),
            Self::FailedSignInsPerAddress => format!("haoma:limit:{{{subject}}}:sign-in"),
            Self::FailedAccountsPerAddress => format!("haoma:limit:{{{subject}}}:sprayed"),
            Self::FailedSignInsPerAccount => format!("haoma:limit:{{sign-in:{subject}}}"),
            Self::SmsResend
            | Self::SmsPerMobile
            | Self::SmsPerDevice
            | Self::SmsReserve
            | Self::SmsPerPrefix => format!("haoma:limit:{{sms-mobile:{subject}}}"),
            Self::SmsBudget => "haoma:limit:{sms-service}".to_owned(),
            Self::RegistrationBudget => "haoma:limit:{sms-service}:register".to_owned(),
            Self::CodesToStrangers => "haoma:limit:{sms-service}:strict".to_owned(),
            Self::WrongCodesPerMobile => format!("haoma:limit:{{{subject}}}:wrong-codes"),
            Self::WrongCodesReserve => format!("haoma:limit:{{{subject}}}:wrong-codes:reserve"),
        }
    }

    /// Returns the key of the events of a single address, which has the slot of its subnet.
    pub(super) fn key_of_address(self, network: &Network) -> String {
        format!("{}:{}", self.key_of_subnet(network), network.client_range())
    }

    /// Returns the key of the events of a subnet.
    pub(super) fn key_of_subnet(self, network: &Network) -> String {
        self.key(&network.subnet())
    }

    /// Returns the key of the events of an account or a known device.
    pub(super) fn key_of_own(self, own: &str) -> String {
        self.key(own)
    }

    /// Returns the key of the events of an account.
    pub(super) fn key_of_account(self, account: &str) -> String {
        self.key(account)
    }

    /// Returns the key of the events of a number. It has the slot of its prefix, or for wrong codes the slot of its codes,
    /// because one script verifies a code and counts.
    pub(in crate::stores) fn key_of_mobile(self, mobile: &Mobile) -> String {
        if let Self::WrongCodesPerMobile | Self::WrongCodesReserve = self {
            return self.key(mobile.as_str());
        }
        let key = format!("{}:{}", self.key_of_prefix(mobile), mobile.as_str());
        if self == Self::SmsReserve { format!("{key}:reserve") } else { key }
    }

    /// Returns the key of the events of all numbers with the same prefix.
    pub(super) fn key_of_prefix(self, mobile: &Mobile) -> String {
        self.key(mobile.prefix())
    }

    /// Returns the key of the events of the whole service.
    pub(super) fn key_of_service(self) -> String {
        self.key("")
    }

    /// Returns the error for a refused request.
    pub fn error(self, retry_after: Duration) -> Error {
        let limit = match self {
            Self::SmsResend => LimitMessage::Resend,
            Self::SmsPerMobile | Self::SmsPerDevice | Self::SmsReserve => LimitMessage::Mobile,
            Self::SmsPerPrefix => LimitMessage::Prefix,
            Self::CaptchasPerAddress
            | Self::HarderCaptchasPerAddress
            | Self::SmsPerAddress
            | Self::SmsPerSubnet
            | Self::SmsWithoutCaptchaPerAddress
            | Self::WrongCaptchasPerAddress
            | Self::CodeTriesPerAddress
            | Self::RegistrationsPerAddress
            | Self::FailedSignInsPerAddress
            | Self::FailedAccountsPerAddress => LimitMessage::Address,
            Self::FailedSignInsPerAccount => LimitMessage::SignIn,
            Self::WrongCodesPerMobile | Self::WrongCodesReserve => LimitMessage::WrongCodes,
            Self::SmsBudget | Self::RegistrationBudget => {
                return Error::SmsBudgetSpent { retry_after };
            }
            Self::CodesToStrangers => return Error::SmsPaused { retry_after },
        };
        Error::TooOften { limit, retry_after }
    }
}

impl LimitSetting {
    fn windows(&self, value: u32) -> Vec<Window> {
        match &self.meaning {
            SettingMeaning::Events(spans) => {
                let windows = spans.iter();
                windows
                    .map(|(span, factor)| Window { span: *span, limit: value * factor })
                    .collect()
            }
            SettingMeaning::Seconds => {
                vec![Window { span: Duration::from_secs(value.into()), limit: 1 }]
            }
            SettingMeaning::Threshold => Vec::new(),
        }
    }
}

fn events(
    variable: &'static str,
    default: u32,
    range: RangeInclusive<u32>,
    span: Duration,
) -> LimitSetting {
    events_in_each(variable, default, range, [(span, 1)])
}

fn events_in_each(
    variable: &'static str,
    default: u32,
    range: RangeInclusive<u32>,
    windows: impl Into<Vec<(Duration, u32)>>,
) -> LimitSetting {
    LimitSetting { variable, default, range, meaning: SettingMeaning::Events(windows.into()) }
}

fn seconds(variable: &'static str, default: u32, range: RangeInclusive<u32>) -> LimitSetting {
    LimitSetting { variable, default, range, meaning: SettingMeaning::Seconds }
}

/// The windows of all limits as the operator has set them.
#[derive(Clone, Debug)]
pub struct LimitRules {
    windows: BTreeMap<Limit, Vec<Window>>,
    /// The number of failed sign-ins to an account after which a captcha is required (R44).
    failures_before_captcha: u32,
}

impl LimitRules {
    /// Asks for the value of every setting.
    pub fn new(mut value: impl FnMut(&LimitSetting) -> u32) -> Self {
        let windows = Limit::ALL.into_iter().map(|limit| (limit, limit.windows(&mut value)));
        let windows = windows.collect();
        let failures_before_captcha = value(&LimitSetting {
            variable: "SIGN_IN_FAILURES_BEFORE_CAPTCHA",
            default: 3,
            range: 1..=10,
            meaning: SettingMeaning::Threshold,
        });
        Self { windows, failures_before_captcha }
    }

    /// Returns the windows of a limit.
    pub fn windows(&self, limit: Limit) -> Vec<Window> {
        if limit == Limit::RegistrationBudget {
            return self.windows(Limit::SmsBudget).into_iter().map(registration_share).collect();
        }
        if let Some((of, derived)) = derived(limit) {
            return self.windows(of).into_iter().map(derived).collect();
        }
        let default = || limit.windows(|setting| setting.default);
        self.windows.get(&limit).cloned().unwrap_or_else(default)
    }

    /// Returns the window of the wrong codes for a number: of a known device, or of all strangers together.
    pub fn wrong_codes_of_mobile(&self) -> Window {
        self.only_window(Limit::WrongCodesPerMobile)
    }

    /// Returns the window of the wrong codes for a number that are tried for a price.
    pub fn wrong_codes_of_reserve(&self) -> Window {
        self.only_window(Limit::WrongCodesReserve)
    }

    fn only_window(&self, limit: Limit) -> Window {
        self.windows(limit).first().copied().unwrap_or(Window { span: DAY, limit: 1 })
    }

    /// Returns the windows of a limit of addresses for a whole subnet.
    pub(super) fn windows_of_subnet(&self, limit: Limit) -> Vec<Window> {
        if limit == Limit::SmsPerAddress {
            return self.windows(Limit::SmsPerSubnet);
        }
        if let Some((of, derived)) = derived(limit) {
            return self.windows_of_subnet(of).into_iter().map(derived).collect();
        }
        let windows = self.windows(limit).into_iter();
        windows.map(|window| times(window, ADDRESSES_PER_SUBNET)).collect()
    }

    pub(super) fn failures_before_captcha(&self) -> u32 {
        self.failures_before_captcha
    }

    /// Returns the same rules with fewer failed sign-ins, for the time when Redis does not answer (R126).
    pub(super) fn stricter_for_sign_ins(&self) -> Self {
        let mut stricter_rules = self.clone();
        for limit in [Limit::FailedSignInsPerAccount, Limit::FailedSignInsPerAddress] {
            let windows = self.windows(limit).into_iter().map(stricter).collect();
            stricter_rules.windows.insert(limit, windows);
        }
        stricter_rules
    }
}

/// Returns the window with a limit that is this many times as high.
pub(super) fn times(window: Window, factor: u32) -> Window {
    Window { limit: window.limit.saturating_mul(factor), ..window }
}

/// Returns the window with a quarter of its limit, for suspicious traffic. At least one event is allowed, or nobody could
/// sign in at all.
pub(super) fn stricter(window: Window) -> Window {
    Window { limit: window.limit.div_ceil(4), ..window }
}

/// Makes the windows of a derived limit.
type Derivation = fn(Window) -> Window;

/// Returns from which limit the windows of another one follow, and how; `None` if they have settings of their own.
fn derived(limit: Limit) -> Option<(Limit, Derivation)> {
    const DERIVED: [(Limit, Limit, Derivation); 3] = [
        (Limit::SmsWithoutCaptchaPerAddress, Limit::SmsPerAddress, |window| Window {
            limit: window.limit.div_ceil(10),
            ..window
        }),
        (Limit::WrongCaptchasPerAddress, Limit::SmsPerAddress, |window| times(window, 10)),
        (Limit::HarderCaptchasPerAddress, Limit::CaptchasPerAddress, |window| window),
    ];
    let mut rows = DERIVED.into_iter();
    rows.find(|(derived, ..)| *derived == limit).map(|(_, of, windows)| (of, windows))
}

/// Returns a window of the budget with the 60 % of its limit that registrations may use. It is at least one unless the
/// budget is zero.
fn registration_share(window: Window) -> Window {
    let share = u64::from(window.limit) * 3 / 5;
    let share = u32::try_from(share).unwrap_or(u32::MAX);
    Window { limit: share.max(window.limit.min(1)), ..window }
}
