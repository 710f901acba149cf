//! Captchas and SMS codes: their keys, their lives, and what a wrong guess costs.

use std::{fmt, sync::Arc, time::Duration};

use rand::Rng as _;

use super::kv::{ConsumedSecret, Kv, StoredCode, Verification, Window};
use crate::{
    domain::{
        captcha::{CaptchaAnswer, CaptchaId},
        hex::hex,
        keys::{Key, SecretKey},
        mobile::Mobile,
        purpose::Purpose,
        sms_code::SmsCode,
    },
    errors::{Error, Limit},
};

/// A texted code may be renewed by resends, but never lives longer than this (ASVS 6.5.5, R14).
const LONGEST_SMS_CODE: Duration = Duration::from_mins(10);

/// Begins the seed of a code that was not made of it; random seeds are hexadecimal.
const CHOSEN: char = '=';

/// Captchas and SMS codes.
#[derive(Clone)]
pub struct Codes {
    kv: Kv,
    rules: CodeRules,
    /// The current ones first.
    keys: Arc<[CodeKeys]>,
    /// Whose codes for [`Purpose::Rebind`] these are.
    account: Option<i64>,
}

/// The keys that one secret has for codes.
struct CodeKeys {
    /// Makes codes of seeds.
    making: Key,
    /// Makes what is stored of codes.
    storing: Key,
}

/// How long codes live and how often they can be guessed at.
#[derive(Clone, Copy, Debug)]
pub struct CodeRules {
    /// A captcha's life.
    pub captcha_ttl: Duration,
    /// An SMS code's life.
    pub sms_code_ttl: Duration,
    /// Wrong tries that kill an SMS code.
    pub sms_code_tries: u32,
    /// Wrong tries for one number, over all its codes (R19).
    pub wrong_codes_of_mobile: Window,
}

/// A code that is in force, ready to be texted.
#[derive(Debug)]
pub struct IssuedCode {
    /// The digits.
    pub code: SmsCode,
    /// What it has left to live.
    pub ttl: Duration,
    /// Whether it was chosen for a test number, which is not texted.
    pub is_test: bool,
    /// What is stored of it.
    pub secret: StoredCode,
    /// Whether it was made just now; otherwise it was texted before.
    pub is_fresh: bool,
}

impl Codes {
    /// Codes in a store, under the server's key.
    pub fn new(kv: Kv, rules: CodeRules, secret: &SecretKey) -> Self {
        let making = secret.derive_all("sms code").into_iter();
        let pairs = making.zip(secret.derive_all("sms code at rest"));
        let keys = pairs.map(|(making, storing)| CodeKeys { making, storing }).collect();
        Self { kv, rules, keys, account: None }
    }

    /// The codes as they are for one account.
    ///
    /// A code for [`Purpose::Rebind`] belongs to the account that asked for it. If two accounts move to one number, each
    /// has a code of its own, and the second one learns that the number is taken instead of that its code is gone. Codes
    /// for other purposes belong to the number alone.
    #[must_use]
    pub fn of_account(&self, account: Option<i64>) -> Self {
        Self { account, ..self.clone() }
    }

    /// Remembers the answer of a captcha; an older one of the same id is forgotten.
    pub async fn keep_captcha(&self, id: &CaptchaId, answer: &CaptchaAnswer) -> Result<(), Error> {
        self.kv.set(&captcha_key(id), answer.as_str(), self.rules.captcha_ttl).await
    }

    /// Uses a captcha up, right or wrong: there is one answer to a picture (R3).
    pub async fn consume_captcha(
        &self,
        id: &CaptchaId,
        answer: &CaptchaAnswer,
    ) -> Result<(), Error> {
        match self.kv.take(&captcha_key(id)).await? {
            None => Err(Error::CaptchaGone),
            Some(kept) if kept == answer.as_str() => Ok(()),
            Some(_) => Err(Error::CaptchaWrong),
        }
    }

    /// Forgets a captcha that nobody will answer any more.
    pub async fn forget_captcha(&self, id: &CaptchaId) -> Result<(), Error> {
        self.kv.remove(&captcha_key(id)).await
    }

    /// The answer of a captcha, which stays in force.
    pub async fn peek_captcha(&self, id: &CaptchaId) -> Result<Option<String>, Error> {
        self.kv.get(&captcha_key(id)).await
    }

    /// Makes the code of a number for a purpose, or gives the living one again.
    ///
    /// Messages arrive late and out of order: whichever the person reads must work. The code is made
    /// of a random seed and the server's key, so the store holds nothing that it can be read from. The
    /// seed also says from which subnet it was first asked for.
    ///
    /// A test number's code is `chosen` and stands in the seed: it is no secret.
    pub async fn issue(
        &self,
        mobile: &Mobile,
        purpose: Purpose,
        subnet: &str,
        chosen: Option<&SmsCode>,
    ) -> Result<IssuedCode, Error> {
        let seed = match chosen {
            Some(code) => format!("{CHOSEN}{}", code.digits()),
            None => hex(&rand::rng().random::<[u8; 16]>()),
        };
        let seed = format!("{seed}@{subnet}");
        let current = self.keys.first().ok_or_else(|| Error::internal("no key"))?;
        let fresh = current.secret(mobile, purpose, seed);
        let (key, ttl) = (self.sms_key(mobile, purpose), self.rules.sms_code_ttl);
        let mut offer = self.kv.issue(&key, &fresh, ttl, LONGEST_SMS_CODE).await?;
        let mut code = self.code_of(mobile, purpose, &offer.secret);
        if code.is_none() {
            // Made under a key that we do not have: nobody can text that one again.
            self.kv.revoke(&key, &offer.secret).await?;
            offer = self.kv.issue(&key, &fresh, ttl, LONGEST_SMS_CODE).await?;
            code = self.code_of(mobile, purpose, &offer.secret);
        }
        let code = code.ok_or_else(|| Error::internal("a code of another SECRET_KEY"))?;
        let secret = offer.secret;
        let is_test = secret.seed.starts_with(CHOSEN);
        Ok(IssuedCode { code, ttl: offer.ttl, is_test, secret, is_fresh: offer.is_fresh })
    }

    /// Takes a code back that reached nobody; one that was texted before stays.
    pub async fn revoke(
        &self,
        mobile: &Mobile,
        purpose: Purpose,
        issued: &IssuedCode,
    ) -> Result<(), Error> {
        if !issued.is_fresh {
            return Ok(());
        }
        self.kv.revoke(&self.sms_key(mobile, purpose), &issued.secret).await
    }

    /// Uses an SMS code up, or counts a wrong try against the code and against the number's day; a right
    /// one counts nowhere, however many are tried at once.
    pub async fn consume(
        &self,
        mobile: &Mobile,
        purpose: Purpose,
        code: &SmsCode,
    ) -> Result<ConsumedCode, Error> {
        let key = self.sms_key(mobile, purpose);
        let hmacs: Vec<_> = self.keys.iter().map(|it| it.hmac_of(mobile, purpose, code)).collect();
        let wrong = wrong_key(mobile);
        let wrong = (wrong.as_str(), self.rules.wrong_codes_of_mobile);
        match self.kv.verify(&key, &hmacs, self.rules.sms_code_tries, wrong).await? {
            Verification::Right(spent) => Ok(ConsumedCode { key, code: code.clone(), spent }),
            Verification::Wrong { left } => Err(Error::SmsCodeWrong { tries_left: left }),
            Verification::Gone => Err(Error::SmsCodeGone),
            Verification::Refused { wait } => {
                Err(Error::TooOften { limit: Limit::WrongCodes, retry_after: wait })
            }
        }
    }

    /// Puts a used-up code back, because what it authorised could not be done.
    pub async fn restore(&self, code: &ConsumedCode) -> Result<(), Error> {
        self.kv.restore(&code.key, &code.spent).await
    }

    /// Keeps a code that was proved for one purpose as the proof for another.
    pub async fn keep_proof(
        &self,
        mobile: &Mobile,
        purpose: Purpose,
        ConsumedCode { spent, code, .. }: &ConsumedCode,
    ) -> Result<(), Error> {
        let held = |it: &&CodeKeys| it.code_of(mobile, &spent.secret.seed) == *code;
        let keys = self.keys.iter().find(held).ok_or_else(|| Error::internal("no key"))?;
        let secret = keys.secret(mobile, purpose, spent.secret.seed.clone());
        let proof = ConsumedSecret { secret, ..spent.clone() };
        let key = self.sms_key(mobile, purpose);
        self.kv.remove(&key).await?;
        self.kv.restore(&key, &proof).await
    }

    /// Forgets every code of a number; of those for [`Purpose::Rebind`] the ones of this account.
    pub async fn revoke_all(&self, mobile: &Mobile) -> Result<(), Error> {
        for purpose in Purpose::ALL {
            self.kv.remove(&self.sms_key(mobile, purpose)).await?;
        }
        Ok(())
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.kv.ping().await
    }

    /// Documented for people with `redis-cli`: a hash; the braces keep a number's keys in one slot.
    fn sms_key(&self, mobile: &Mobile, purpose: Purpose) -> String {
        let key = format!("haoma:sms:{{{}}}:{}", mobile.as_str(), purpose.as_str());
        match (purpose, self.account) {
            (Purpose::Rebind, Some(account)) => format!("{key}:{account}"),
            (Purpose::Register | Purpose::Login | Purpose::Reset | Purpose::Rebind, _) => key,
        }
    }

    /// The code that a secret stands for, under whichever key it was made.
    fn code_of(&self, mobile: &Mobile, purpose: Purpose, secret: &StoredCode) -> Option<SmsCode> {
        let codes = self.keys.iter().map(|it| (it, it.code_of(mobile, &secret.seed)));
        let mut ours = codes.filter(|(it, code)| it.hmac_of(mobile, purpose, code) == secret.hmac);
        ours.next().map(|(_, code)| code)
    }
}

impl CodeKeys {
    fn secret(&self, mobile: &Mobile, purpose: Purpose, seed: String) -> StoredCode {
        StoredCode { hmac: self.hmac_of(mobile, purpose, &self.code_of(mobile, &seed)), seed }
    }

    fn code_of(&self, mobile: &Mobile, seed: &str) -> SmsCode {
        let chosen = seed.strip_prefix(CHOSEN).and_then(|it| it.split('@').next());
        if let Some(Ok(chosen)) = chosen.map(SmsCode::parse) {
            return chosen;
        }
        let random = self.making.mac(&[mobile.as_str(), seed]);
        let bits = random.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte));
        SmsCode::from_random(bits)
    }

    fn hmac_of(&self, mobile: &Mobile, purpose: Purpose, code: &SmsCode) -> String {
        hex(&self.storing.mac(&[mobile.as_str(), purpose.as_str(), code.digits()]))
    }
}

/// A code that was used up. Its key holds a number, so it does not print.
pub struct ConsumedCode {
    key: String,
    code: SmsCode,
    spent: ConsumedSecret,
}

impl fmt::Debug for ConsumedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl IssuedCode {
    /// Names this code among all there are.
    pub fn name(&self) -> &str {
        &self.secret.seed
    }
}

impl ConsumedCode {
    /// Names this code among all there are, as [`IssuedCode::name`] does.
    pub fn name(&self) -> &str {
        &self.spent.secret.seed
    }
}

/// The subnet from which a code of this name was asked for.
pub fn subnet_of(name: &str) -> &str {
    name.split_once('@').map_or("", |(_, subnet)| subnet)
}

/// Documented for people with `redis-cli`: holds the answer in lower case, nothing else.
fn captcha_key(id: &CaptchaId) -> String {
    format!("haoma:captcha:{}", id.as_str())
}

/// In the slot of the number's codes: one script guesses and counts.
fn wrong_key(mobile: &Mobile) -> String {
    format!("haoma:limit:{{{}}}:wrong-codes", mobile.as_str())
}
