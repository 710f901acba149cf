//! The actions of the service, one per file: plain functions over [`State`].

pub mod accept_hand_over;
pub mod admit;
mod admit_attempt;
pub mod change_mobile;
pub mod change_name;
pub mod change_password;
pub mod cleanup;
mod consume_captcha;
mod consume_code;
mod create_session;
pub mod delete_account;
mod deliver_sms_code;
mod find_owner;
pub mod find_session;
mod hash_threads;
pub mod hasher;
pub mod idempotency;
pub mod is_registered;
pub mod issue_captcha;
mod issue_code;
pub mod issue_jwt;
pub mod known_devices;
mod limit_subject;
pub mod list_sessions;
pub mod lock_user;
mod login_throttle;
mod notify_owner;
pub mod oauth;
mod pay_for_reserve;
pub mod prove_owner;
mod record_message;
pub mod record_receipts;
mod record_sms_event;
mod refill_number;
pub mod register;
pub mod register_once;
pub mod require_proof_of_work;
pub mod resend_after;
pub mod reset_password;
mod return_permits;
pub mod send_sms_code;
mod sessions_changed;
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
        account::Account,
        account_rules::AccountRules,
        captcha::{CaptchaMode, Letters},
        client::Client,
        clock::Clock,
        keys::Key,
        test_number::TestNumber,
    },
    logging::in_request_scope,
    metrics::Metrics,
    sms::Sms,
    stores::{
        captchas::Captchas,
        client_assertions::ClientAssertions,
        codes::Codes,
        db::Db,
        hand_over_tickets::HandOverTickets,
        jwt_keys::JwtKeys,
        pow_challenges::PowChallenges,
        rate_limits::RateLimiter,
        session_cache::SessionCache,
        sms_abuse_guard::SmsAbuseGuard,
        tables::{
            sessions::{Lifetimes, SessionKey, SessionLimits},
            sms_events::PendingSmsEvents,
        },
    },
};

/// Everything that a flow may use. Clones share it.
#[derive(Clone)]
pub struct State {
    /// The clock.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// Who may get an account, and what it needs.
    pub account_rules: AccountRules,
    /// When a request for an SMS code needs a captcha.
    pub captcha_mode: CaptchaMode,
    /// Captchas that wait for their answer.
    pub captchas: Captchas,
    /// SMS codes.
    pub codes: Codes,
    /// The rate limits.
    pub rate_limits: RateLimiter,
    /// Makes sending harder, or pauses it, while abuse is suspected.
    pub sms_abuse_guard: SmsAbuseGuard,
    /// The proofs of work that are required beside a captcha or instead of a harder one.
    pub pow_challenges: PowChallenges,
    /// Which tickets to other sites were used.
    pub hand_over_tickets: HandOverTickets,
    /// Which assertions of OAuth clients were used.
    pub client_assertions: ClientAssertions,
    /// The SMS providers.
    pub sms: Sms,
    /// Makes and checks password hashes.
    pub hasher: Hasher,
    /// The keys that sign JWTs.
    pub jwt_keys: JwtKeys,
    /// Sessions that were read within the last second.
    pub session_cache: SessionCache,
    /// SMS events that are not written to the database yet.
    pub sms_events: PendingSmsEvents,
    /// The metrics.
    pub metrics: Metrics,
    /// The lifetimes of sessions.
    pub lifetimes: Lifetimes,
    /// The number of sessions and tokens that an account may hold.
    pub session_limits: SessionLimits,
    /// How long the SMS log is kept.
    pub sms_log_retention: Duration,
    /// Whether a request to register a number that has an account says so at once.
    pub reveals_registered: bool,
    /// Numbers that are never texted.
    pub test_numbers: Arc<[TestNumber]>,
    /// Background tasks. The service waits for them when it ends.
    pub tasks: TaskTracker,
    /// The runtime of the background tasks. A worker's own runtime ends with its worker, and its tasks with it.
    pub runtime: Handle,
    /// Derives the noise of spoken captchas.
    pub speech: Key,
    /// Hashes the logins that strangers typed.
    pub typed_logins: Key,
    /// The letters that captchas are drawn with.
    pub letters: Arc<Letters>,
}

impl State {
    /// Runs work in the background, after the response or after the client has gone.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(in_request_scope(work), &self.runtime);
    }
}

/// A new session.
#[derive(Debug)]
pub struct SignedIn {
    /// The account that is signed in.
    pub account: Account,
    /// The key of the session.
    pub key: SessionKey,
    /// Whether the account was created for this session.
    pub is_new_account: bool,
    /// How long the browser keeps the key. `None` means until the browser is closed.
    pub max_age: Option<Duration>,
}

impl SignedIn {
    /// Logs and counts the sign-in, and drops cached sessions that ended with it. `by` is the kind of proof.
    fn record_sign_in(self, state: &State, by: &'static str, client: &Client) -> Self {
        state.session_cache.invalidate(self.account.id);
        for old in client.session.iter().chain(&client.others) {
            state.session_cache.invalidate(old.user_id);
        }
        state.metrics.signed_in(by);
        let kind = create_session::kind_for(client);
        log::info!("event=signed_in user={} by={by} kind={}", self.account.id, kind.as_str());
        self
    }
}
