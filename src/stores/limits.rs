//! How often something may be done: the subjects, their windows, and giving a place back.

use std::{net::IpAddr, time::Duration};

use super::kv::{Kv, Memory, Reservation, Ticket, Window};
use crate::{
    domain::mobile::Mobile,
    errors::{Error, Limit},
};

const MINUTE: Duration = Duration::from_mins(1);
const TEN_MINUTES: Duration = Duration::from_mins(10);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Limits over rolling windows, exact under parallel requests and across instances.
#[derive(Clone)]
pub struct Limits {
    kv: Kv,
    /// Counts failed sign-ins, more strictly, while Redis does not answer (SECURITY R126).
    spare: Kv,
    rules: LimitRules,
}

/// A limit for whoever has solved no captcha is this part of the normal one.
const WITHOUT_CAPTCHA: u32 = 10;

/// A limit in the spare store is this part of the normal one.
const STRICTER: u32 = 4;

/// The numbers; sources and reasons stand in SECURITY §4.1.
#[derive(Clone, Copy, Debug)]
pub struct LimitRules {
    /// Between two text messages to one number, over all purposes.
    pub resend: Duration,
    /// Text messages to one number in an hour.
    pub sms_per_mobile_hour: u32,
    /// Text messages to one number in a day.
    pub sms_per_mobile_day: u32,
    /// Text messages asked for from one address in ten minutes.
    pub sms_per_address_10_minutes: u32,
    /// Text messages asked for from one address in an hour.
    pub sms_per_address_hour: u32,
    /// Text messages asked for from one address in a day.
    pub sms_per_address_day: u32,
    /// Text messages of the whole service in a minute.
    pub sms_per_minute: u32,
    /// Text messages of the whole service in an hour.
    pub sms_per_hour: u32,
    /// Text messages of the whole service in a day.
    pub sms_per_day: u32,
    /// Failed sign-ins of an account after which a captcha is asked for (SECURITY R44).
    pub sign_in_failures_before_captcha: u32,
    /// Failed sign-ins of an account in five minutes; twice as many in an hour, 11 times in a day.
    pub sign_in_failures: u32,
    /// Failed sign-ins from an address in ten minutes; five times as many in an hour. From half of it
    /// on a captcha is asked for.
    pub sign_in_failures_per_address: u32,
    /// Wrong codes for one number in a day (SECURITY R19).
    pub wrong_codes_per_mobile_day: u32,
}

/// A taken place in the windows of one subject.
#[derive(Debug)]
#[must_use = "a place that is not wanted is given back"]
pub struct Place {
    key: String,
    ticket: Ticket,
    is_spare: bool,
}

impl Place {
    /// Names this place: for a text message to a number, the message too.
    pub fn id(&self) -> &str {
        self.ticket.as_str()
    }
}

impl Limits {
    /// Limits in a store.
    pub fn new(kv: Kv, rules: LimitRules) -> Self {
        Self { kv, spare: Kv::Memory(Memory::default()), rules }
    }

    /// Takes a place for a request that texts, from an address; without a captcha there is a tenth.
    pub async fn sms_of_address(&self, address: IpAddr, has_captcha: bool) -> Result<Place, Error> {
        let part = if has_captcha { 1 } else { WITHOUT_CAPTCHA };
        let windows = [
            Window { span: TEN_MINUTES, limit: self.rules.sms_per_address_10_minutes },
            Window { span: HOUR, limit: self.rules.sms_per_address_hour },
            Window { span: DAY, limit: self.rules.sms_per_address_day },
        ]
        .map(|it| Window { limit: it.limit.div_ceil(part), ..it });
        self.reserve(format!("haoma:limit:{{sms-address:{address}}}"), &windows, |_| Limit::Address)
            .await
    }

    /// Takes a place for a text message to a number: one of many parallel askers gets it.
    pub async fn sms_of_mobile(&self, mobile: &Mobile) -> Result<Place, Error> {
        let windows = [
            self.resend_window(),
            Window { span: HOUR, limit: self.rules.sms_per_mobile_hour },
            Window { span: DAY, limit: self.rules.sms_per_mobile_day },
        ];
        let limit_of = |window| if window == 0 { Limit::Resend } else { Limit::Mobile };
        self.reserve(sms_key(mobile), &windows, limit_of).await
    }

    /// Gives back the place of a message that, as a carrier tells, has not reached its number.
    pub async fn release_sms_of_mobile(
        &self,
        mobile: &Mobile,
        message_id: &str,
    ) -> Result<(), Error> {
        self.kv.release(&sms_key(mobile), &Ticket::named(message_id)).await
    }

    /// Takes a place for a text message of the whole service: this bounds the bill.
    pub async fn sms_of_service(&self) -> Result<Place, Error> {
        let windows = [
            Window { span: MINUTE, limit: self.rules.sms_per_minute },
            Window { span: HOUR, limit: self.rules.sms_per_hour },
            Window { span: DAY, limit: self.rules.sms_per_day },
        ];
        self.reserve("haoma:limit:{sms-service}".to_owned(), &windows, |_| Limit::Service).await
    }

    /// Takes a place for a wrong SMS code of a number; given back when it turns out not to be one.
    pub async fn wrong_code_of_mobile(&self, mobile: &Mobile) -> Result<Place, Error> {
        let windows = [Window { span: DAY, limit: self.rules.wrong_codes_per_mobile_day }];
        let key = format!("haoma:limit:{{wrong-code:{}}}", mobile.as_str());
        self.reserve(key, &windows, |_| Limit::WrongCodes).await
    }

    /// How long until a number may be texted again: the truth behind every countdown.
    pub async fn resend_after(&self, mobile: &Mobile) -> Result<Duration, Error> {
        self.kv.wait(&sms_key(mobile), self.resend_window()).await
    }

    /// Takes a place for a failed sign-in of an account, before it is known to be one. The windows are
    /// what makes the waiting grow: minutes after ten, an hour after twenty, some 110 a day.
    pub async fn sign_in_of_account(&self, subject: &str) -> Result<Place, Error> {
        let windows = [
            Window { span: TEN_MINUTES / 2, limit: self.rules.sign_in_failures },
            Window { span: HOUR, limit: 2 * self.rules.sign_in_failures },
            Window { span: DAY, limit: 11 * self.rules.sign_in_failures },
        ];
        self.reserve_somewhere(sign_in_key(subject), &windows, Limit::SignIn).await
    }

    /// Takes a place for a failed sign-in from an address.
    pub async fn sign_in_of_address(&self, address: IpAddr) -> Result<Place, Error> {
        let windows = [
            Window { span: TEN_MINUTES, limit: self.rules.sign_in_failures_per_address },
            Window { span: HOUR, limit: 5 * self.rules.sign_in_failures_per_address },
        ];
        self.reserve_somewhere(sign_in_address_key(address), &windows, Limit::Address).await
    }

    /// Whether so many have failed that the next attempt needs a captcha.
    pub async fn wants_captcha(&self, subject: &str, address: IpAddr) -> Result<bool, Error> {
        let of_account = Window { span: DAY, limit: self.rules.sign_in_failures_before_captcha };
        let half = self.rules.sign_in_failures_per_address.div_ceil(2);
        let of_address = Window { span: TEN_MINUTES, limit: half };
        Ok(self.is_full_somewhere(&sign_in_key(subject), of_account).await?
            || self.is_full_somewhere(&sign_in_address_key(address), of_address).await?)
    }

    /// Forgets everything that was counted where this place is.
    pub async fn forget(&self, place: &Place) -> Result<(), Error> {
        self.home_of(place).remove(&place.key).await
    }

    /// Gives a place back.
    pub async fn release(&self, place: &Place) -> Result<(), Error> {
        self.home_of(place).release(&place.key, &place.ticket).await
    }

    fn home_of(&self, place: &Place) -> &Kv {
        if place.is_spare { &self.spare } else { &self.kv }
    }

    async fn is_full_somewhere(&self, key: &str, window: Window) -> Result<bool, Error> {
        let wait = match self.kv.wait(key, window).await {
            Err(Error::Store(_)) => self.spare.wait(key, stricter(window)).await?,
            wait => wait?,
        };
        Ok(!wait.is_zero())
    }

    async fn reserve_somewhere(
        &self,
        key: String,
        windows: &[Window],
        limit: Limit,
    ) -> Result<Place, Error> {
        match self.reserve(key.clone(), windows, |_| limit).await {
            Err(Error::Store(_)) => {}
            reserved => return reserved,
        }
        let windows: Vec<_> = windows.iter().copied().map(stricter).collect();
        match self.spare.reserve(&key, &windows).await? {
            Reservation::Granted(ticket) => Ok(Place { key, ticket, is_spare: true }),
            Reservation::Refused { wait, .. } => Err(Error::TooOften { limit, retry_after: wait }),
        }
    }

    fn resend_window(&self) -> Window {
        Window { span: self.rules.resend, limit: 1 }
    }

    async fn reserve(
        &self,
        key: String,
        windows: &[Window],
        limit_of: impl Fn(usize) -> Limit,
    ) -> Result<Place, Error> {
        match self.kv.reserve(&key, windows).await? {
            Reservation::Granted(ticket) => Ok(Place { key, ticket, is_spare: false }),
            Reservation::Refused { window, wait } => {
                Err(Error::TooOften { limit: limit_of(window), retry_after: wait })
            }
        }
    }
}

/// At least one, or nobody could sign in at all.
fn stricter(window: Window) -> Window {
    Window { limit: window.limit.div_ceil(STRICTER), ..window }
}

fn sign_in_key(subject: &str) -> String {
    format!("haoma:limit:{{sign-in:{subject}}}")
}

fn sign_in_address_key(address: IpAddr) -> String {
    format!("haoma:limit:{{sign-in-address:{address}}}")
}

fn sms_key(mobile: &Mobile) -> String {
    format!("haoma:limit:{{sms-mobile:{}}}", mobile.as_str())
}
