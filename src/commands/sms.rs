//! `haoma sms`: what happened to a number, and a real message to try a provider with.

use std::time::Duration;

use anyhow::Context as _;
use rand::Rng as _;

use super::print;
use crate::{
    application::routes,
    config::Config,
    domain::{mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    metrics::Metrics,
    sms::{History, Message, Outcome, Sms},
    stores::{
        db::Db,
        ledger::{self, AttemptRow, MessageRow},
    },
};

/// Messages that a timeline shows.
const MOST: i64 = 50;

/// Prints what was sent to a number, the newest first, and why a code did not arrive.
pub async fn timeline(db: &Db, mobile: &str, in_full: bool) -> anyhow::Result<()> {
    let mobile = parse(mobile)?;
    let shown = if in_full { mobile.as_str().to_owned() } else { mobile.masked() };
    let messages = db.read(async move |it| ledger::timeline(it, &mobile, MOST).await).await?;
    let plural = if messages.len() == 1 { "" } else { "s" };
    print(&format!("{shown}: {} message{plural}", messages.len()))?;
    for (message, attempts) in messages {
        print(&message_line(&message, in_full))?;
        attempts.iter().try_for_each(|it| print(&attempt_line(it)))?;
    }
    Ok(())
}

/// Sends one real test message through one provider, outside all limits.
pub async fn send(config: &Config, to: &str, provider: &str) -> anyhow::Result<()> {
    let mobile = parse(to)?;
    let chosen = routes(config)?.into_iter().filter(|it| it.name() == provider).collect::<Vec<_>>();
    anyhow::ensure!(!chosen.is_empty(), "SMS_PROVIDERS does not name `{provider}`");
    let message = Message {
        id: uuid::Uuid::new_v4().simple().to_string(),
        mobile,
        code: SmsCode::from_random(rand::rng().random()),
        purpose: Purpose::Register,
        ttl: Duration::from_mins(5),
    };
    let delivery =
        Sms::new(chosen, Metrics::default()).deliver(&message, &History::default()).await;
    for attempt in &delivery.attempts {
        let (class, detail) = (attempt.verdict.class.as_str(), &attempt.verdict.detail);
        let id = attempt.verdict.message_id.as_deref().unwrap_or("-");
        print(&format!("{provider}: {class} {detail} id={id} {} ms", attempt.took.as_millis()))?;
    }
    anyhow::ensure!(
        delivery.outcome == Outcome::Sent,
        "it was not sent: {}",
        delivery.outcome.as_str()
    );
    Ok(())
}

fn parse(mobile: &str) -> anyhow::Result<Mobile> {
    Mobile::parse(mobile).ok().with_context(|| format!("`{mobile}` is not a mobile number"))
}

fn message_line(message: &MessageRow, in_full: bool) -> String {
    let address = if in_full { message.address.as_str() } else { "" };
    let at = message.created_at.format("%Y-%m-%d %H:%M:%S UTC");
    format!("{at}  {}  {}  {}  {address}", message.purpose, message.outcome, message.id)
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
