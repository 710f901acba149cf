//! Rows that several tests of the stores begin with.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use chrono::{DateTime, Utc};
use haoma::{
    domain::{
        language::Language,
        mobile::Mobile,
        oauth::amr::Amr,
        purpose::Purpose,
        sms_delivery::{AnswerClass, Attempt, ClassifiedAnswer, Delivery, Outcome},
        sms_message::{MessageId, SmsMessage, SmsPurpose},
    },
    stores::{
        db::{Connection, Db},
        tables::{
            sessions,
            sessions::{
                Kind, Lifetime, Lifetimes, LiveSession, Lookup, NewSession, SessionKey,
                SessionLimits,
            },
            sms_log,
            sms_log::QuotaCheck,
            users,
        },
    },
};

pub(crate) fn attempt(provider: &'static str, class: AnswerClass, id: Option<&str>) -> Attempt {
    let classified =
        ClassifiedAnswer { class, detail: "E1".to_owned(), message_id: id.map(str::to_owned) };
    Attempt { provider, answer: classified, took: Duration::from_millis(12) }
}

/// Records a message and its outcome, both at one time.
pub(crate) async fn sent(
    db: &Db,
    id: &str,
    outcome: Outcome,
    attempts: Vec<Attempt>,
    at: DateTime<Utc>,
) {
    let (message, delivery) = (message(id), Delivery { outcome, attempts });
    db.write_idempotent(async move |connection| {
        sms_log::start(connection, &message, ADDRESS, &QuotaCheck::none(), at).await?;
        sms_log::finish(connection, &message, &delivery, at).await
    })
    .await
    .expect("noted");
}

pub(crate) const LIFETIMES: Lifetimes = Lifetimes {
    normal: Lifetime { idle: Duration::from_hours(2), absolute: Duration::from_hours(12) },
    remembered: Lifetime { idle: Duration::from_hours(168), absolute: Duration::from_hours(720) },
};

pub(crate) async fn begin(db: &Db, user_id: i64, remember: bool, at: DateTime<Utc>) -> SessionKey {
    begin_session(db, session(user_id, remember), at).await
}

pub(crate) async fn live(db: &Db, key: &SessionKey, at: DateTime<Utc>) -> Option<LiveSession> {
    let key = key.clone();
    match db
        .read(async move |connection| sessions::find(connection, &key.hash(), at, LIFETIMES).await)
        .await
        .expect("answers")
    {
        Lookup::Live(live) => Some(live),
        Lookup::Expired | Lookup::Displaced | Lookup::Ended | Lookup::NotFound => None,
    }
}

pub(crate) async fn execute(db: &Db, statement: &str) {
    let statement = statement.to_owned();
    let work =
        async move |connection: &mut Connection| Ok(connection.batch_execute(&statement).await?);
    db.write(work).await.expect("executes");
}

pub(crate) const LIMITS: SessionLimits = SessionLimits { sessions: 10, tokens: 20 };

pub(crate) fn session(user_id: i64, remember: bool) -> NewSession {
    NewSession {
        user_id,
        kind: Kind::Session,
        remember,
        device: "Firefox 🦊 ".repeat(100),
        address: "2001:db8::1".to_owned(),
        amr: Amr::Password,
    }
}

pub(crate) async fn begin_session(db: &Db, new: NewSession, at: DateTime<Utc>) -> SessionKey {
    let user_id = new.user_id;
    let sign_in = async move |connection: &mut Connection| {
        users::set_last_login(connection, user_id, at).await?;
        sessions::make_room(connection, user_id, (new.kind, LIMITS), at).await?;
        sessions::create(connection, &new, at, LIFETIMES).await
    };
    db.write(sign_in).await.expect("created")
}

pub(crate) const MOBILE: &str = "13800138000";

pub(crate) const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

pub(crate) fn message(id: &str) -> SmsMessage {
    SmsMessage {
        id: MessageId::new(id),
        mobile: Mobile::from_stored(MOBILE.to_owned()),
        language: Language::Chinese,
        purpose: SmsPurpose::Code(Purpose::Register),
    }
}
