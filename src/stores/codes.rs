//! SMS codes: how they are made and stored, how long they live, and what a wrong one costs.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    code_seed::CodeSeed,
    kv::{Asker, IssueRules, Kv, StoredCode, UsedCode, Verification, Window},
    rate_limits::Limit,
};
use crate::{
    domain::{
        hex::hex,
        keys::{Key, SecretKey},
        mobile::Mobile,
        purpose::Purpose,
        requester::Requester,
        sms_code::SmsCode,
    },
    errors::Error,
};

/// Another request may renew a code, but no code lives longer than this (ASVS 6.5.5, R14).
const MAX_AGE: Duration = Duration::from_mins(10);

/// The SMS codes of all numbers.
#[derive(Clone)]
pub struct Codes {
    kv: Kv,
    rules: CodeRules,
    /// The keys of the current `SECRET_KEY` come first, then those of the fallbacks.
    keys: Arc<[CodeKeys]>,
    /// The account that codes for [`Purpose::Rebind`] belong to.
    account: Option<i64>,
}

/// The keys that are derived from one `SECRET_KEY`.
struct CodeKeys {
    /// Derives codes from seeds.
    derivation: Key,
    /// Authenticates stored codes.
    hmac: Key,
    /// Names those who ask for codes, so that Redis does not tell who they are.
    asker: Key,
}

/// The lifetime of codes, and the number of wrong tries.
#[derive(Clone, Copy, Debug)]
pub struct CodeRules {
    /// The lifetime of a code.
    pub ttl: Duration,
    /// The number of wrong tries at a code that each client that asked for it has, and all others together.
    pub max_tries: u32,
    /// The number of wrong tries for one number, over all its codes: of each known device, and of all strangers together
    /// (R19).
    pub wrong_codes_of_mobile: Window,
    /// The number of wrong tries for one number that strangers have beyond that, for a price.
    pub wrong_codes_of_reserve: Window,
}

/// The client that asks for a code or types one.
#[derive(Clone, Debug, Default)]
pub struct CodeClient {
    /// Whom its tries are counted for. A client without a device id asks under two names, because it is not known yet
    /// whether it keeps the id that it gets.
    pub requesters: Vec<Requester>,
    /// Whether it is a device that has signed in to the account of the number before.
    pub is_known: bool,
}

/// Which count of wrong tries of a number a try is made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryQuota {
    /// That of the known device, or else that of all strangers together.
    Usual,
    /// The reserve, which has a price.
    Reserve,
}

/// A code that is in force and can be sent.
#[derive(Debug)]
pub struct IssuedCode {
    /// The digits.
    pub code: SmsCode,
    /// The time until the code expires.
    pub expires_in: Duration,
    /// The seed of the code.
    pub seed: CodeSeed,
    /// The stored form of the code.
    pub stored: StoredCode,
    /// Whether the code is new. If not, it was sent before.
    pub is_fresh: bool,
}

/// A code that was used. It is not printed, because its key contains a number.
pub struct ConsumedCode {
    key: String,
    code: SmsCode,
    used: UsedCode,
    is_by_known_device: bool,
}

impl Codes {
    /// Returns the codes in a kv store, under the server's keys.
    pub fn new(kv: Kv, rules: CodeRules, secret: &SecretKey) -> Self {
        let derivation = secret.derive_all("sms code").into_iter();
        let askers = secret.derive_all("sms code asker").into_iter();
        let all = derivation.zip(secret.derive_all("sms code at rest")).zip(askers);
        let keys = all.map(|((derivation, hmac), asker)| CodeKeys { derivation, hmac, asker });
        let keys = keys.collect();
        Self { kv, rules, keys, account: None }
    }

    /// Returns the codes as seen by one account.
    ///
    /// A code for [`Purpose::Rebind`] belongs to the account that requested it. If two accounts move to one number, each
    /// has a code of its own, and the second one learns that the number is taken instead of that its code is gone. Codes
    /// for other purposes belong to the number alone.
    #[must_use]
    pub fn of_account(&self, account: Option<i64>) -> Self {
        Self { account, ..self.clone() }
    }

    /// Issues a code to a number for a purpose, or renews the one that is in force.
    ///
    /// Messages arrive late and out of order, and whichever of them a person reads has to work. So a second request
    /// sends the same code again. It is derived from the seed and the server's key, and cannot be read from the kv store.
    /// A test number has a `chosen` code, which its seed contains.
    ///
    /// The client that asks gets tries of its own, beside those of others that have asked. So a stranger who asks for a
    /// code for somebody's number takes nothing from its owner.
    pub async fn issue(
        &self,
        mobile: &Mobile,
        purpose: Purpose,
        (client, subnet): (&CodeClient, &str),
        chosen: Option<&SmsCode>,
    ) -> Result<IssuedCode, Error> {
        let seed = match chosen {
            Some(code) => CodeSeed::chosen(code, subnet),
            None => CodeSeed::random(subnet),
        };
        let current = self.keys.first().ok_or_else(|| Error::internal("no key"))?;
        let fresh = current.stored(mobile, purpose, &seed);
        let key = self.key(mobile, purpose);
        let CodeRules { ttl, max_tries, .. } = self.rules;
        let rules = IssueRules { ttl, max_age: MAX_AGE, max_tries };
        let names = client.requesters.iter().map(|requester| current.name(mobile, requester));
        let asker = Asker { names: names.collect(), is_known: client.is_known };
        let mut issued = self.kv.issue(&key, &fresh, rules, &asker).await?;
        let mut code = self.derive(mobile, purpose, &issued.code);
        if code.is_none() {
            // The code in force was made under an unknown SECRET_KEY, so it cannot be sent again.
            self.kv.revoke(&key, &issued.code).await?;
            issued = self.kv.issue(&key, &fresh, rules, &asker).await?;
            code = self.derive(mobile, purpose, &issued.code);
        }
        let code = code.ok_or_else(|| Error::internal("a code of another SECRET_KEY"))?;
        Ok(IssuedCode {
            code,
            expires_in: issued.expires_in,
            seed: CodeSeed::parse(&issued.code.seed),
            stored: issued.code,
            is_fresh: issued.is_fresh,
        })
    }

    /// Revokes a code that was not sent. One that was sent before stays in force.
    pub async fn revoke(
        &self,
        mobile: &Mobile,
        purpose: Purpose,
        issued: &IssuedCode,
    ) -> Result<(), Error> {
        if !issued.is_fresh {
            return Ok(());
        }
        self.kv.revoke(&self.key(mobile, purpose), &issued.stored).await
    }

    /// Verifies a code. A right one is used up, and counts nowhere, however many are tried at once. A wrong one counts
    /// as a try of this client at the code in force, and in the day of the number.
    pub async fn consume(
        &self,
        mobile: &Mobile,
        purpose: Purpose,
        code: &SmsCode,
        (client, quota): (&CodeClient, TryQuota),
    ) -> Result<ConsumedCode, Error> {
        let key = self.key(mobile, purpose);
        let hmacs: Vec<_> = self.keys.iter().map(|keys| keys.hmac(mobile, purpose, code)).collect();
        let asker = self.asker(mobile, client);
        let limit = Limit::WrongCodesPerMobile;
        let (wrong_key, window) = self.wrong_codes(mobile, &asker, quota);
        let (tries, wrong) = ((self.rules.max_tries, &asker), (wrong_key.as_str(), window));
        match self.kv.verify(&key, &hmacs, tries, wrong).await? {
            Verification::Right(used) => {
                let (code, is_by_known_device) = (code.clone(), client.is_known);
                Ok(ConsumedCode { key, code, used, is_by_known_device })
            }
            Verification::Wrong { tries_left } => Err(Error::SmsCodeWrong { tries_left }),
            Verification::Gone => Err(Error::SmsCodeGone),
            Verification::Refused { wait } => Err(limit.error(wait)),
        }
    }

    /// Returns the time until a wrong try at a code of this number counts in the reserve again; zero if one does now.
    pub async fn wait_for_reserve(&self, mobile: &Mobile) -> Result<Duration, Error> {
        let (key, window) = self.wrong_codes(mobile, &Asker::default(), TryQuota::Reserve);
        Ok(self.kv.waits(&[(&key, window)]).await?.into_iter().max().unwrap_or_default())
    }

    /// Puts a used code back, because the operation that it authorised failed.
    pub async fn restore(&self, code: &ConsumedCode) -> Result<(), Error> {
        self.kv.restore(&code.key, &code.used).await
    }

    /// Puts a used code back for another purpose, so that the person can use it again without a second message.
    pub async fn restore_for_purpose(
        &self,
        mobile: &Mobile,
        purpose: Purpose,
        consumed: &ConsumedCode,
    ) -> Result<(), Error> {
        let seed = consumed.seed();
        let made_it = |keys: &&CodeKeys| keys.derive(mobile, &seed) == consumed.code;
        let keys = self.keys.iter().find(made_it).ok_or_else(|| Error::internal("no key"))?;
        let code = keys.stored(mobile, purpose, &seed);
        let used = UsedCode { code, ..consumed.used.clone() };
        let key = self.key(mobile, purpose);
        self.kv.remove(&key).await?;
        self.kv.restore(&key, &used).await
    }

    /// Revokes the codes of a number for all purposes. Of those for [`Purpose::Rebind`] it revokes that of this account.
    pub async fn revoke_all(&self, mobile: &Mobile) -> Result<(), Error> {
        for purpose in Purpose::ALL {
            self.kv.remove(&self.key(mobile, purpose)).await?;
        }
        Ok(())
    }

    /// Checks that the kv store answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.kv.ping().await
    }

    /// Whether the kv store is nearly full.
    pub fn is_store_nearly_full(&self) -> bool {
        self.kv.is_nearly_full()
    }

    /// The key is documented for operators with `redis-cli`. The braces put all keys of a number into one slot.
    fn key(&self, mobile: &Mobile, purpose: Purpose) -> String {
        let key = format!("haoma:sms:{{{}}}:{}", mobile.as_str(), purpose.as_str());
        match (purpose, self.account) {
            (Purpose::Rebind, Some(account)) => format!("{key}:{account}"),
            (Purpose::Register | Purpose::Login | Purpose::Reset | Purpose::Rebind, _) => key,
        }
    }

    /// Returns key and window of the wrong tries that one more counts with. The key has the slot of the codes, because one
    /// script verifies a code and counts.
    fn wrong_codes(&self, mobile: &Mobile, asker: &Asker, quota: TryQuota) -> (String, Window) {
        let key = Limit::WrongCodesPerMobile.key_of_mobile(mobile);
        match (quota, asker.names.first()) {
            (TryQuota::Reserve, _) => {
                let key = Limit::WrongCodesReserve.key_of_mobile(mobile);
                (key, self.rules.wrong_codes_of_reserve)
            }
            (TryQuota::Usual, Some(device)) if asker.is_known => {
                (format!("{key}:{device}"), self.rules.wrong_codes_of_mobile)
            }
            (TryQuota::Usual, _) => (key, self.rules.wrong_codes_of_mobile),
        }
    }

    /// Names a client that types a code. It may have asked while another `SECRET_KEY` was the current one.
    fn asker(&self, mobile: &Mobile, client: &CodeClient) -> Asker {
        let names = |keys: &CodeKeys| -> Vec<_> {
            client.requesters.iter().map(|requester| keys.name(mobile, requester)).collect()
        };
        let names = self.keys.iter().flat_map(names).collect();
        Asker { names, is_known: client.is_known }
    }

    /// Derives a stored code from its seed. `None` if it was made under an unknown `SECRET_KEY`.
    fn derive(&self, mobile: &Mobile, purpose: Purpose, stored: &StoredCode) -> Option<SmsCode> {
        let seed = CodeSeed::parse(&stored.seed);
        let codes = self.keys.iter().map(|keys| (keys, keys.derive(mobile, &seed)));
        let mut known =
            codes.filter(|(keys, code)| keys.hmac(mobile, purpose, code) == stored.hmac);
        known.next().map(|(_, code)| code)
    }
}

impl CodeKeys {
    fn stored(&self, mobile: &Mobile, purpose: Purpose, seed: &CodeSeed) -> StoredCode {
        let hmac = self.hmac(mobile, purpose, &self.derive(mobile, seed));
        StoredCode { hmac, seed: seed.to_text() }
    }

    fn derive(&self, mobile: &Mobile, seed: &CodeSeed) -> SmsCode {
        if let Some(chosen) = seed.chosen_code() {
            return chosen.clone();
        }
        let random = self.derivation.mac(&[mobile.as_str(), &seed.to_text()]);
        let bits = random.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte));
        SmsCode::from_random(bits)
    }

    /// Returns 16 hexadecimal digits that stand for a client, the same for all codes of one number.
    fn name(&self, mobile: &Mobile, requester: &Requester) -> String {
        let mac = self.asker.mac(&[mobile.as_str(), &requester.key()]);
        hex(mac.first_chunk::<8>().unwrap_or(&[0; 8]))
    }

    fn hmac(&self, mobile: &Mobile, purpose: Purpose, code: &SmsCode) -> String {
        hex(&self.hmac.mac(&[mobile.as_str(), purpose.as_str(), code.digits()]))
    }
}

impl IssuedCode {
    /// Whether the code was chosen for a test number, which gets no message.
    pub fn is_test(&self) -> bool {
        self.seed.chosen_code().is_some()
    }
}

impl ConsumedCode {
    /// Whether a device that the account of the number knows has typed the code.
    pub fn is_by_known_device(&self) -> bool {
        self.is_by_known_device
    }

    /// Returns the seed of the code, which is that of the [`IssuedCode`].
    pub fn seed(&self) -> CodeSeed {
        CodeSeed::parse(&self.used.code.seed)
    }
}

impl fmt::Debug for ConsumedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
