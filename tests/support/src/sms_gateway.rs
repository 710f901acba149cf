//! A fake of an operator's SMS gateway: it records messages and answers as a test wants it to.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{HttpResponse, dev::ServerHandle, web};
use futures_util::stream;
use serde_json::{Value, json};

use crate::fake_server;

/// A key in the format of the Standard Webhooks specification.
pub const SECRET: &str = "whsec_bG9vcGJhY2stb25seS13ZWJob29rLXNlY3JldC0zMmI=";

/// A fake of an operator's SMS gateway on a loopback address.
pub struct Gateway {
    pub url: String,
    inbox: Arc<Mutex<Inbox>>,
    handle: ServerHandle,
}

#[derive(Default)]
struct Inbox {
    messages: Vec<Value>,
    answer: Answer,
}

/// What the gateway does with a message.
#[derive(Clone, Copy, Default)]
pub enum Answer {
    /// Answers 204.
    #[default]
    Accept,
    /// Answers with this status and an empty body.
    Status(u16),
    /// Refuses every message because the number takes none.
    Blocked,
    /// Refuses the first message because the number takes none, and answers 204 to later ones.
    BlockedAtFirst,
    /// Answers 204 after this time.
    After(Duration),
    /// Answers 204 as soon as the test sets another answer.
    Held,
    /// Closes the connection in the middle of its answer.
    HangUp,
}

impl Gateway {
    pub fn start() -> Self {
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let data = web::Data::new(Arc::clone(&inbox));
        let (address, handle) = fake_server::start(move |config| {
            config.app_data(data.clone()).default_service(web::to(take));
        });
        let url = format!("http://{address}/sms");
        Self { url, inbox, handle }
    }

    /// Sets the answer to all further messages.
    pub fn answer(&self, answer: Answer) {
        self.inbox.lock().expect("inbox").answer = answer;
    }

    /// Returns all messages, the first one first.
    pub fn messages(&self) -> Vec<Value> {
        self.inbox.lock().expect("inbox").messages.clone()
    }

    /// Returns how many messages a number got.
    pub fn count_for(&self, mobile: &str) -> usize {
        let to = international(mobile);
        let inbox = self.inbox.lock().expect("inbox");
        inbox.messages.iter().filter(|message| message["data"]["to"] == to.as_str()).count()
    }

    /// Returns the last code that was sent to a number.
    pub fn code_for(&self, mobile: &str) -> String {
        self.last_code_for(mobile).expect("a code was sent")
    }

    /// Returns the same; `None` if the number got no code.
    pub fn last_code_for(&self, mobile: &str) -> Option<String> {
        let to = international(mobile);
        let inbox = self.inbox.lock().expect("inbox");
        let is_it = |value: &&Value| {
            value["data"]["to"] == to.as_str() && value["data"]["code"].is_string()
        };
        let last = inbox.messages.iter().rev().find(is_it);
        last.and_then(|value| value["data"]["code"].as_str()).map(str::to_owned)
    }

    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

async fn take(inbox: web::Data<Arc<Mutex<Inbox>>>, message: web::Json<Value>) -> HttpResponse {
    let (response, is_first) = {
        let mut inbox = inbox.lock().expect("inbox");
        let is_first = inbox.messages.iter().all(|it| it["data"]["to"] != message["data"]["to"]);
        inbox.messages.push(message.into_inner());
        (inbox.answer, is_first)
    };
    match response {
        Answer::Accept => HttpResponse::NoContent().finish(),
        Answer::BlockedAtFirst if !is_first => HttpResponse::NoContent().finish(),
        Answer::Blocked | Answer::BlockedAtFirst => {
            HttpResponse::UnprocessableEntity().json(json!({"error": "recipient_blocked"}))
        }
        Answer::Status(status) => {
            HttpResponse::build(status.try_into().expect("a status")).finish()
        }
        Answer::After(wait) => {
            tokio::time::sleep(wait).await;
            HttpResponse::NoContent().finish()
        }
        Answer::Held => {
            while matches!(inbox.lock().expect("inbox").answer, Answer::Held) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            HttpResponse::NoContent().finish()
        }
        Answer::HangUp => {
            let cut = stream::once(async { Err::<web::Bytes, _>(io::Error::other("cut")) });
            HttpResponse::Ok().streaming(cut)
        }
    }
}

fn international(mobile: &str) -> String {
    if mobile.starts_with('+') { mobile.to_owned() } else { format!("+86{mobile}") }
}
