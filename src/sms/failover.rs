//! Asks the providers one after another, so that a person never gets two different codes.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{
    AnswerClass, Attempt, ClassifiedAnswer, CodeMessage, CredentialCheck, Delivery, Outcome,
    SmsProvider,
    breaker::{Admission, Breaker, Transition},
    history::{History, VendorLimits},
};
use crate::domain::{mobile::Mobile, sms_message::SmsMessage};

/// Maximum duration of a delivery, however many providers are asked.
const MAX_DURATION: Duration = Duration::from_secs(10);

/// A provider with its circuit breaker and its own limits.
pub struct Route {
    provider: Box<dyn SmsProvider>,
    limits: VendorLimits,
    breaker: Breaker,
}

/// Sends a message through the first provider that accepts it.
///
/// A certain refusal goes on to the next provider at once. After an unknown outcome the message may have reached the
/// person, so at most one more provider gets it, with the same code. When a provider reports the limit of a number, no
/// other provider is asked; a provider that would report it is skipped.
pub(super) async fn deliver(
    routes: &[Route],
    message: &CodeMessage,
    history: &History,
) -> Delivery {
    let deadline = Instant::now() + MAX_DURATION;
    let (open, too_frequent): (Vec<_>, Vec<_>) = routes
        .iter()
        .filter(|route| route.limits.serves(&message.sms.mobile))
        .partition(|route| route.limits.would_accept(history, route.provider.name()));
    let mut attempts = ask_in_turn(admitted(&open), message, deadline).await;
    if attempts.is_empty() {
        let last_resort =
            open.iter().copied().filter(|route| route.admission() == Admission::LastResort);
        attempts = ask_in_turn(last_resort, message, deadline).await;
    }
    let all_would_refuse = open.is_empty() && !too_frequent.is_empty();
    let outcome =
        if all_would_refuse { Outcome::TooFrequent } else { Outcome::from_attempts(&attempts) };
    Delivery { outcome, attempts }
}

/// Returns how long no provider will be asked for this number, as far as the breakers know (R128).
pub(super) fn paused_for(routes: &[Route], mobile: &Mobile) -> Option<Duration> {
    let now = Instant::now();
    let waits = routes.iter().filter(|route| route.limits.serves(mobile));
    let waits: Option<Vec<_>> = waits.map(|route| route.breaker.open_for(now)).collect();
    waits?.into_iter().min()
}

/// Sends a notice through the first provider that can send it. Others are not tried: a notice is not worth a second
/// bill.
pub(super) async fn notify(routes: &[Route], notice: &SmsMessage, text: &str) -> Delivery {
    for route in routes.iter().filter(|route| {
        route.limits.serves(&notice.mobile) && route.breaker.open_for(Instant::now()).is_none()
    }) {
        let begun = Instant::now();
        let Some(classified) = route.provider.notify(notice, text).await else { continue };
        let attempt = Attempt { provider: route.name(), answer: classified, took: begun.elapsed() };
        let change = match attempt.answer.class {
            // The template of notices is another one, so its errors say nothing about codes.
            AnswerClass::Sent
            | AnswerClass::TooFrequent
            | AnswerClass::BadNumber
            | AnswerClass::Config => Transition::None,
            class @ (AnswerClass::Balance | AnswerClass::Busy | AnswerClass::Unknown) => {
                route.breaker.record(class, Instant::now())
            }
        };
        log(notice, &attempt, change);
        let attempts = vec![attempt];
        return Delivery { outcome: Outcome::from_attempts(&attempts), attempts };
    }
    Delivery { outcome: Outcome::Paused, attempts: Vec::new() }
}

/// The iterator is lazy, so each breaker is asked right before its provider.
fn admitted<'a>(routes: &[&'a Route]) -> impl Iterator<Item = &'a Route> {
    routes.iter().copied().filter(|route| route.admission() == Admission::Allow)
}

async fn ask_in_turn(
    routes: impl Iterator<Item = &Route>,
    message: &CodeMessage,
    deadline: Instant,
) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for route in routes {
        let attempt = route.attempt(message, deadline).await;
        let class = attempt.answer.class;
        let was_unknown =
            attempts.iter().any(|attempt| attempt.answer.class == AnswerClass::Unknown);
        attempts.push(attempt);
        let goes_on = match class {
            AnswerClass::Config
            | AnswerClass::Balance
            | AnswerClass::Busy
            | AnswerClass::Unknown => !was_unknown,
            AnswerClass::Sent | AnswerClass::TooFrequent | AnswerClass::BadNumber => false,
        };
        if !goes_on || Instant::now() >= deadline {
            break;
        }
    }
    attempts
}

impl Route {
    /// Combines a provider with its own limits.
    pub fn new(provider: Box<dyn SmsProvider>, limits: VendorLimits) -> Self {
        Self { provider, limits, breaker: Breaker::default() }
    }

    /// Returns the name of the provider.
    pub fn name(&self) -> &'static str {
        self.provider.name()
    }

    /// Returns whether the breaker of the provider is open.
    pub fn is_breaker_open(&self) -> bool {
        self.breaker.is_open()
    }

    /// Checks our credentials at the provider.
    pub async fn check(&self) -> Option<CredentialCheck> {
        self.provider.check().await
    }

    fn admission(&self) -> Admission {
        self.breaker.admission(Instant::now())
    }

    async fn attempt(&self, message: &CodeMessage, deadline: Instant) -> Attempt {
        let begun = Instant::now();
        let left = deadline.saturating_duration_since(begun);
        let classified = timeout(left, self.provider.send(message))
            .await
            .unwrap_or_else(|_| ClassifiedAnswer::new(AnswerClass::Unknown, "time-out"));
        let attempt =
            Attempt { provider: self.provider.name(), answer: classified, took: begun.elapsed() };
        let change = self.breaker.record(attempt.answer.class, Instant::now());
        log(&message.sms, &attempt, change);
        attempt
    }
}

/// Logs a line per attempt. A problem that the operator has to mend is an error only once, when the breaker opens.
fn log(SmsMessage { id, mobile, purpose, .. }: &SmsMessage, attempt: &Attempt, change: Transition) {
    let Attempt { provider, answer: ClassifiedAnswer { class, detail, .. }, took } = attempt;
    let level = match (class, change) {
        (AnswerClass::Config | AnswerClass::Balance, Transition::Opened) => log::Level::Error,
        (AnswerClass::Sent, _) => log::Level::Info,
        (_, _) => log::Level::Warn,
    };
    log::log!(
        level,
        "event=sms provider={provider} outcome={} detail={detail:?} took_ms={} mobile={mobile:?} purpose={} message={id}",
        class.as_str(),
        took.as_millis(),
        purpose.as_str(),
    );
    match change {
        Transition::None => {}
        Transition::Opened => log::warn!("event=sms_breaker provider={provider} state=open"),
        Transition::Closed => log::info!("event=sms_breaker provider={provider} state=closed"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use async_trait::async_trait;

    use super::*;
    use crate::{
        domain::{
            language::Language,
            mobile::Mobile,
            purpose::Purpose,
            region::Regions,
            sms_code::SmsCode,
            sms_message::{MessageId, SmsPurpose},
        },
        sms::PastSend,
    };

    struct Always(AnswerClass, Arc<Mutex<Vec<AnswerClass>>>);

    #[async_trait]
    impl SmsProvider for Always {
        fn name(&self) -> &'static str {
            "always"
        }

        async fn send(&self, _: &CodeMessage) -> ClassifiedAnswer {
            self.1.lock().unwrap().push(self.0);
            ClassifiedAnswer::new(self.0, "")
        }
    }

    /// Providers with these outcomes, and the outcomes of those that were asked.
    struct Vendors(Vec<Route>, Arc<Mutex<Vec<AnswerClass>>>);

    impl Vendors {
        fn new(answers: &[AnswerClass]) -> Self {
            let asked = Arc::new(Mutex::new(Vec::new()));
            let limits =
                VendorLimits { regions: Regions::mainland(), per_mobile: vec![(60 * SECOND, 1)] };
            let route = |class: &AnswerClass| {
                Route::new(Box::new(Always(*class, Arc::clone(&asked))), limits.clone())
            };
            Self(answers.iter().map(route).collect(), asked)
        }

        async fn deliver(&self, mobile: &str, history: &History) -> (Outcome, Vec<AnswerClass>) {
            let sms = SmsMessage {
                id: MessageId::new(""),
                mobile: Mobile::parse(mobile).unwrap(),
                language: Language::Chinese,
                purpose: SmsPurpose::Code(Purpose::Register),
            };
            let code = SmsCode::parse("123456").unwrap();
            let message =
                CodeMessage { sms, code, ttl: Duration::from_mins(5), text: String::new() };
            self.1.lock().unwrap().clear();
            let delivery = deliver(&self.0, &message, history).await;
            (delivery.outcome, self.1.lock().unwrap().clone())
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    async fn once(answers: &[AnswerClass]) -> (Outcome, Vec<AnswerClass>) {
        Vendors::new(answers).deliver("13800138000", &History::default()).await
    }

    #[tokio::test]
    async fn a_certain_refusal_moves_on() {
        use AnswerClass::{Balance, Busy, Config, Sent};

        let (outcome, asked) = once(&[Config, Balance, Busy, Sent, Sent]).await;

        assert_eq!((outcome, asked.len()), (Outcome::Sent, 4));
        assert_eq!(once(&[Busy, Busy]).await, (Outcome::Refused, vec![Busy, Busy]));
    }

    #[tokio::test]
    async fn an_unknown_outcome_moves_on_once_and_stays_unknown() {
        use AnswerClass::{Busy, Sent, TooFrequent, Unknown};

        assert_eq!(once(&[Unknown, Busy]).await, (Outcome::Unknown, vec![Unknown, Busy]));
        assert_eq!(once(&[Unknown, TooFrequent]).await.0, Outcome::Unknown);
        assert_eq!(once(&[Unknown, Busy, Sent]).await.1, [Unknown, Busy], "at most one more");
        assert_eq!(once(&[Unknown, Unknown, Sent]).await, (Outcome::Unknown, vec![Unknown; 2]));
        assert_eq!(once(&[Unknown, Sent, Sent]).await, (Outcome::Sent, vec![Unknown, Sent]));
    }

    #[tokio::test]
    async fn the_limit_of_a_number_is_not_evaded_elsewhere() {
        use AnswerClass::{Sent, TooFrequent};

        assert_eq!(once(&[TooFrequent, Sent]).await, (Outcome::TooFrequent, vec![TooFrequent]));
    }

    #[tokio::test]
    async fn a_failing_provider_is_skipped_and_the_next_one_asked() {
        use AnswerClass::{Sent, Unknown};
        let vendors = Vendors::new(&[Unknown, Sent]);
        for _ in 0..5 {
            let (_, asked) = vendors.deliver("13800138000", &History::default()).await;
            assert_eq!(asked, [Unknown, Sent]);
        }

        let (outcome, asked) = vendors.deliver("13800138000", &History::default()).await;

        assert_eq!((outcome, asked), (Outcome::Sent, vec![Sent]));
    }

    #[tokio::test]
    async fn without_a_fallback_a_failing_provider_pauses_and_a_misconfigured_one_is_tried() {
        let dead = Vendors::new(&[AnswerClass::Unknown]);
        let misconfigured = Vendors::new(&[AnswerClass::Config]);
        for _ in 0..5 {
            dead.deliver("13800138000", &History::default()).await;
            misconfigured.deliver("13800138000", &History::default()).await;
        }

        assert_eq!(dead.deliver("13800138000", &History::default()).await.0, Outcome::Paused);
        let (outcome, asked) = misconfigured.deliver("13800138000", &History::default()).await;
        assert_eq!((outcome, asked), (Outcome::Refused, vec![AnswerClass::Config]));
    }

    #[tokio::test]
    async fn a_provider_that_would_refuse_the_number_is_not_asked() {
        let vendors = Vendors::new(&[AnswerClass::Sent]);
        let past = |age| History::new(vec![PastSend { provider: "always".to_owned(), age }]);

        let abroad = vendors.deliver("+85251234567", &History::default()).await;
        let too_soon = vendors.deliver("13800138000", &past(59 * SECOND)).await;
        let in_time = vendors.deliver("13800138000", &past(60 * SECOND)).await;

        assert_eq!(abroad, (Outcome::Paused, vec![]));
        assert_eq!(too_soon, (Outcome::TooFrequent, vec![]));
        assert_eq!(in_time, (Outcome::Sent, vec![AnswerClass::Sent]));
    }
}
