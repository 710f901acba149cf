//! `haoma sms`: shows what was sent to a number, and sends a real message to test a provider.

use std::{cmp::Reverse, iter, time::Duration};

use chrono::{NaiveDateTime, Utc};
use rand::Rng as _;

use super::{format_time, parse_mobile, print};
use crate::{
    application::sms_providers,
    config::Config,
    domain::{
        account::Status,
        language::Language,
        purpose::Purpose,
        sms_code::SmsCode,
        sms_message::{MessageId, SmsMessage, SmsPurpose},
    },
    metrics::Metrics,
    sms::{History, Outcome, Sms},
    stores::{
        db::{Connection, Db},
        tables::{
            sms_events,
            sms_events::SmsEventRow,
            sms_log,
            sms_log::{AttemptRow, MessageRow},
            users,
        },
    },
};

/// How many messages a timeline shows.
const MAX_MESSAGES: i64 = 50;

/// Prints the messages to a number, the newest first, and why a code did not arrive. Refusals and codes entered
/// within the last day stand between them.
pub async fn timeline(db: &Db, mobile: &str, is_full: bool) -> anyhow::Result<()> {
    let mobile = parse_mobile(mobile)?;
    let shown = if is_full { mobile.as_str().to_owned() } else { mobile.masked() };
    let read = async move |conn: &mut Connection| {
        let account = users::find_by_mobile(conn, &mobile).await?;
        let events = sms_events::find_by_mobile(conn, &mobile, Utc::now()).await?;
        Ok((account, events, sms_log::timeline(conn, &mobile, MAX_MESSAGES).await?))
    };
    let (account, events, messages) = db.read(read).await?;
    let plural = if messages.len() == 1 { "" } else { "s" };
    let account = account.map_or("no account", |account| match account.status {
        Status::Active => "has an account",
        Status::Locked => "has an account, which is locked",
    });
    print(&format!("{shown}: {} message{plural}; {account}", messages.len()))?;
    let messages = messages.into_iter().map(|(message, attempts)| {
        let lines = attempts.iter().map(attempt_line);
        let lines = iter::once(message_line(&message, is_full)).chain(lines).collect();
        (message.created_at, lines)
    });
    let events = events.iter().map(|event| (event.last_at, vec![event_line(event, is_full)]));
    let mut all: Vec<(NaiveDateTime, Vec<String>)> = messages.chain(events).collect();
    all.sort_by_key(|(time, _)| Reverse(*time));
    all.iter().flat_map(|(_, lines)| lines).try_for_each(|line| print(line))
}

/// Sends one real test message through one provider, outside all limits.
pub async fn send(config: &Config, to: &str, provider: &str) -> anyhow::Result<()> {
    let mobile = parse_mobile(to)?;
    let routes = sms_providers::routes(config)?;
    let chosen: Vec<_> = routes.into_iter().filter(|route| route.name() == provider).collect();
    anyhow::ensure!(!chosen.is_empty(), "SMS_PROVIDERS does not name `{provider}`");
    let sms = SmsMessage {
        id: MessageId::new(uuid::Uuid::new_v4().simple().to_string()),
        language: Language::of_number(&mobile),
        mobile,
        purpose: SmsPurpose::Code(Purpose::Register),
    };
    let code = SmsCode::from_random(rand::rng().random());
    let provider_alone = Sms::new(chosen, config.sms_texts.clone(), Metrics::default());
    let message = provider_alone.code_message(sms, code, Duration::from_mins(5));
    let delivery = provider_alone.deliver(&message, &History::default()).await;
    for attempt in &delivery.attempts {
        let (class, detail) = (attempt.answer.class.as_str(), &attempt.answer.detail);
        let id = attempt.answer.message_id.as_deref().unwrap_or("-");
        print(&format!("{provider}: {class} {detail} id={id} {} ms", attempt.took.as_millis()))?;
    }
    anyhow::ensure!(
        delivery.outcome == Outcome::Sent,
        "it was not sent: {}",
        delivery.outcome.as_str()
    );
    Ok(())
}

fn message_line(message: &MessageRow, is_full: bool) -> String {
    let address = if is_full { message.address.as_str() } else { "" };
    let time = format_time(message.created_at);
    format!("{time}  {}  {}  {}  {address}", message.purpose, message.outcome, message.id)
}

fn event_line(event: &SmsEventRow, is_full: bool) -> String {
    let address = if is_full { event.address.as_str() } else { "" };
    let time = format_time(event.last_at);
    let times = match event.times {
        1 => String::new(),
        times => format!(", {times} times since {}", format_time(event.first_at)),
    };
    format!("{time}  {}  {}{times}  {address}", event.purpose, describe_event(&event.event))
}

/// Describes an event by the word that is stored for it.
fn describe_event(event: &str) -> &str {
    match event {
        "typed-right" => "typed in right",
        "typed-wrong" => "typed in wrong",
        "typed-too-late" => {
            "typed in after it had expired or been used, or without one having been sent"
        }
        "no-account" => "not sent: the number has no account",
        "captcha-wrong" => "refused: the captcha was answered wrongly",
        "captcha-gone" => "refused: the captcha had expired or been used",
        "proof-of-work" => "refused: a proof of work was asked for",
        "mobile-taken" => "refused: the number is registered already",
        "own-mobile" => "refused: it is the account's own number already",
        "paused" => "refused: sending was paused",
        "budget-spent" => "refused: the budget of the service was used up",
        "too-often-resend" => "refused: asked again too soon (SMS_RESEND_SECONDS)",
        "too-often-mobile" => "refused: too many messages to this number (SMS_PER_MOBILE_…)",
        "too-often-address" => {
            "refused: too many requests from this address (SMS_PER_ADDRESS_…, SMS_PER_SUBNET_…)"
        }
        "too-often-prefix" => "refused: too many messages to such numbers (SMS_PER_PREFIX_HOUR)",
        "too-often-wrong-codes" => "refused: too many wrong codes for this number",
        "failure" => "refused: a store did not answer, or something failed here; see the log",
        other => other,
    }
}

fn attempt_line(attempt: &AttemptRow) -> String {
    let error = attempt.provider_error.as_deref().unwrap_or_default();
    let id = attempt.provider_message_id.as_deref().unwrap_or("-");
    let receipt = attempt.receipt.as_deref().unwrap_or("no receipt");
    let receipt_error = attempt.receipt_error.as_deref().unwrap_or_default();
    format!(
        "    {}: {} {error}  id={id}  {} ms  {receipt} {receipt_error}",
        attempt.provider, attempt.outcome, attempt.took_ms,
    )
}
