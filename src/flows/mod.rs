//! What a person can do, one verb a file: plain functions over [`State`].

pub mod change_mobile;
pub mod change_name;
pub mod change_password;
pub mod cleanup;
mod consume_captcha;
mod consume_code;
mod create_session;
pub mod delete_account;
mod deliver_sms_code;
pub mod find_session;
mod hash_threads;
pub mod hasher;
pub mod idempotency;
pub mod is_registered;
pub mod issue_captcha;
mod issue_code;
pub mod issue_jwt;
pub mod list_sessions;
pub mod lock_user;
mod login_throttle;
mod notify_owner;
mod record_message;
pub mod record_receipts;
mod record_sms_event;
pub mod register;
pub mod register_once;
pub mod require_proof_of_work;
pub mod reset_password;
pub mod send_sms_code;
pub mod sign_in;
pub mod sign_in_by_code;
pub mod sign_in_by_code_once;
pub mod sign_out;
pub mod sms_code_request;
pub mod speak_captcha;

use std::{future::Future, sync::Arc, time::Duration};

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use self::hasher::Hasher;
use crate::{
    domain::{
        account::Account, captcha::Letters, client::Client, clock::Clock, keys::Key,
        test_number::TestNumber,
    },
    logging::in_request_scope,
    metrics::Metrics,
    sms::Sms,
    stores::{
        codes::Codes,
        db::Db,
        jwt_keys::JwtKeys,
        pow_challenges::PowChallenges,
        rate_limits::Limits,
        sms_abuse_guard::SmsAbuseGuard,
        tables::{
            sessions::{Lifetimes, SessionCache, SessionKey, SessionLimits},
            sms_events::PendingSmsEvents,
        },
    },
};

/// Everything a flow may use. Clones share it.
#[derive(Clone)]
pub struct State {
    /// The time.
    pub clock: Clock,
    /// Accounts and sessions.
    pub db: Db,
    /// Captchas and SMS codes.
    pub codes: Codes,
    /// How often something may be done.
    pub rate_limits: Limits,
    /// Whether sending is harder than usual just now.
    pub sms_abuse_guard: SmsAbuseGuard,
    /// What stands beside a captcha, or in place of a harder one.
    pub pow_challenges: PowChallenges,
    /// The way to a person's phone.
    pub sms: Sms,
    /// The way to a password hash.
    pub hasher: Hasher,
    /// What JWTs are signed with.
    pub jwt_keys: JwtKeys,
    /// Sessions that were read a moment ago.
    pub session_cache: SessionCache,
    /// What happened to numbers and is not written down yet.
    pub sms_events: PendingSmsEvents,
    /// What is counted.
    pub metrics: Metrics,
    /// How long sessions live.
    pub lifetimes: Lifetimes,
    /// How many sessions and tokens an account may hold.
    pub session_limits: SessionLimits,
    /// How long the ledger of text messages reaches back.
    pub sms_log_retention: Duration,
    /// Whether asking to register a taken number says so at once.
    pub reveals_registered: bool,
    /// Numbers that are never texted.
    pub test_numbers: Arc<[TestNumber]>,
    /// What goes on after an answer; waited for before the service ends.
    pub tasks: TaskTracker,
    /// Where that goes on: a worker's own runtime ends with its worker, and what was begun there too.
    pub runtime: Handle,
    /// Makes what chance adds to a captcha that is said aloud.
    pub speech: Key,
    /// What captchas are drawn with.
    pub letters: Arc<Letters>,
}

impl State {
    /// Goes on with something behind the answer, or without the person who asked.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(in_request_scope(work), &self.runtime);
    }
}

/// A person who was let in just now.
#[derive(Debug)]
pub struct SignedIn {
    /// Who it is.
    pub account: Account,
    /// The key to the new session.
    pub key: SessionKey,
    /// How long the browser is asked to keep the key; `None` until it is closed.
    pub kept_for: Option<Duration>,
}

impl SignedIn {
    /// Writes down who was let in, and by what. Sessions that ended with it are believed no more.
    fn record_sign_in(self, state: &State, by: &'static str, client: &Client) -> Self {
        state.session_cache.forget(self.account.id);
        for old in client.session.iter().chain(&client.others) {
            state.session_cache.forget(old.user_id);
        }
        state.metrics.signed_in(by);
        let kind = create_session::kind_for(client);
        log::info!("event=signed_in user={} by={by} kind={}", self.account.id, kind.as_str());
        self
    }
}
