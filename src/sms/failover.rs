//! Which provider is asked after which: a person must never get two different codes.

use super::{Class, Delivery, Message, Sms, SmsProvider, Verdict};

impl Sms {
    /// The providers in their order; the configuration sees to it that there is one.
    pub fn new(providers: Vec<Box<dyn SmsProvider>>) -> Self {
        Self { providers: providers.into() }
    }

    /// Sends a message through the first provider that takes it.
    ///
    /// A certain refusal moves on at once. An unknown outcome may have reached the person already, so
    /// it moves on once at most, with the same code. A number's own limit is not evaded elsewhere.
    pub async fn deliver(&self, message: &Message) -> Delivery {
        let mut may_be_under_way = false;
        for provider in self.providers.iter() {
            let verdict = provider.send(message).await;
            log(provider.name(), message, &verdict);
            match verdict.class {
                Class::Sent => return Delivery::UnderWay,
                Class::Unknown if may_be_under_way => return Delivery::UnderWay,
                Class::Unknown => may_be_under_way = true,
                Class::TooFrequent | Class::BadNumber if may_be_under_way => {
                    return Delivery::UnderWay;
                }
                Class::TooFrequent => return Delivery::TooFrequent,
                Class::BadNumber => return Delivery::BadNumber,
                Class::Config | Class::Balance | Class::Busy => {}
            }
        }
        if may_be_under_way { Delivery::UnderWay } else { Delivery::Refused }
    }
}

fn log(provider: &str, message: &Message, Verdict { class, detail, .. }: &Verdict) {
    let level = match class {
        Class::Sent => log::Level::Info,
        Class::TooFrequent | Class::BadNumber | Class::Busy | Class::Unknown => log::Level::Warn,
        Class::Config | Class::Balance => log::Level::Error,
    };
    let (mobile, purpose) = (&message.mobile, message.purpose.as_str());
    log::log!(
        level,
        "event=sms provider={provider} outcome={class:?} detail={detail:?} mobile={mobile:?} purpose={purpose}"
    );
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, sync::Mutex, time::Duration};

    use async_trait::async_trait;

    use super::*;
    use crate::domain::{mobile::Mobile, purpose::Purpose, sms_code::SmsCode};

    struct Always(Class, Arc<Mutex<Vec<Class>>>);

    #[async_trait]
    impl SmsProvider for Always {
        fn name(&self) -> &'static str {
            "always"
        }

        async fn send(&self, _: &Message) -> Verdict {
            self.1.lock().unwrap().push(self.0);
            Verdict::new(self.0, "")
        }
    }

    /// What comes out of providers that answer so, and which of them were asked.
    async fn deliver(answers: &[Class]) -> (Delivery, Vec<Class>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let boxed =
            |it: &Class| -> Box<dyn SmsProvider> { Box::new(Always(*it, Arc::clone(&asked))) };
        let providers = answers.iter().map(boxed).collect();
        let message = Message {
            id: String::new(),
            mobile: Mobile::parse("13800138000").unwrap(),
            code: SmsCode::parse("123456").unwrap(),
            purpose: Purpose::Register,
            ttl: Duration::from_mins(5),
        };
        let delivery = Sms::new(providers).deliver(&message).await;
        let asked = asked.lock().unwrap().clone();
        (delivery, asked)
    }

    #[tokio::test]
    async fn a_certain_refusal_moves_on() {
        use Class::{Balance, Busy, Config, Sent};

        assert_eq!(deliver(&[Config, Balance, Busy, Sent, Sent]).await.0, Delivery::UnderWay);
        assert_eq!(deliver(&[Config, Balance, Busy, Sent, Sent]).await.1.len(), 4);
        assert_eq!(deliver(&[Busy, Busy]).await.0, Delivery::Refused);
    }

    #[tokio::test]
    async fn an_unknown_outcome_moves_on_once_and_stays_unknown() {
        use Class::{Busy, Sent, Unknown};

        assert_eq!(deliver(&[Unknown, Busy]).await, (Delivery::UnderWay, vec![Unknown, Busy]));
        assert_eq!(deliver(&[Unknown, Unknown, Sent]).await.1, [Unknown, Unknown]);
        assert_eq!(deliver(&[Unknown, Sent, Sent]).await.1, [Unknown, Sent]);
    }

    #[tokio::test]
    async fn the_limit_of_a_number_is_not_evaded_elsewhere() {
        use Class::{Sent, TooFrequent};

        assert_eq!(deliver(&[TooFrequent, Sent]).await, (Delivery::TooFrequent, vec![TooFrequent]));
    }
}
