//! Sending a code, the whole flow, on SQLite and memory; the provider answers in this process.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use criterion::Criterion;
use haoma::{
    domain::{
        captcha::{CaptchaAnswer, CaptchaId, Difficulty, SolvedCaptcha},
        mobile::Mobile,
        purpose::Purpose,
    },
    flows::{State, send_sms_code::send_sms_code, sms_code_request::SmsCodeRequest},
    metrics::Metrics,
    sms::{AnswerClass, ClassifiedAnswer, CodeMessage, Route, Sms, SmsProvider},
};

use crate::service::{self, Service};

/// A provider that accepts every message at once.
struct Instant;

#[async_trait]
impl SmsProvider for Instant {
    fn name(&self) -> &'static str {
        "instant"
    }

    async fn send(&self, _: &CodeMessage) -> ClassifiedAnswer {
        ClassifiedAnswer::new(AnswerClass::Sent, "")
    }
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let runtime = service::runtime();
    let Service { application, config, .. } = &runtime.block_on(Service::start());
    let limits = config.providers.first().expect("a provider").limits.clone();
    let route = Route::new(Box::new(Instant), limits);
    let sms = Sms::new(vec![route], config.sms_texts.clone(), Metrics::default());
    let state = State { sms, ..application.state.clone() };
    let turns = AtomicU32::new(0);
    let mut group = criterion.benchmark_group("send");
    group.bench_function("a code to a new number", |bencher| {
        bencher.to_async(&runtime).iter(|| send(&state, turns.fetch_add(1, Ordering::Relaxed)));
    });
    group.finish();
}

/// Solves a captcha and sends a code; every turn has another number and another address.
async fn send(state: &State, turn: u32) {
    let captcha = SolvedCaptcha {
        id: CaptchaId::random(),
        answer: CaptchaAnswer::random(Difficulty::Normal),
    };
    state.captchas.insert(&captcha.id, &captcha.answer).await.expect("kept");
    // Consecutive numbers have different prefixes, or the limit of a prefix would be reached.
    let number = 13_000_000_000 + u64::from(turn) * 2_654_435_761 % 6_999_999_999;
    let request = SmsCodeRequest {
        mobile: Mobile::parse(&number.to_string()).expect("a number"),
        purpose: Purpose::Register,
        is_new_mobile: false,
        captcha: Some(captcha),
        proof_of_work: None,
        needs_no_price: false,
    };
    send_sms_code(state, &request, &service::client(turn)).await.expect("sent");
}
