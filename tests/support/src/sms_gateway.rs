//! The other end of the webhook provider: takes messages, and answers as a test wants it to.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{HttpResponse, dev::ServerHandle, web};
use futures_util::stream;
use serde_json::{Value, json};

use crate::fake_server;

/// A key as the specification of Standard Webhooks makes them.
pub const SECRET: &str = "whsec_bG9vcGJhY2stb25seS13ZWJob29rLXNlY3JldC0zMmI=";

/// A loopback double of an operator's SMS gateway.
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
    /// 204.
    #[default]
    Accept,
    /// Another status, with an empty body.
    Status(u16),
    /// That the number takes no messages, to its first one; 204 for later ones.
    BlockedAtFirst,
    /// 204, but late.
    After(Duration),
    /// 204, as soon as the gateway is to do something else.
    Held,
    /// Hangs up in the middle of its answer.
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

    /// From now on.
    pub fn answer(&self, answer: Answer) {
        self.inbox.lock().expect("inbox").answer = answer;
    }

    /// Every message that came in, the first one first.
    pub fn messages(&self) -> Vec<Value> {
        self.inbox.lock().expect("inbox").messages.clone()
    }

    /// How many messages came in for a number.
    pub fn count_for(&self, mobile: &str) -> usize {
        let to = format!("+86{mobile}");
        let inbox = self.inbox.lock().expect("inbox");
        inbox.messages.iter().filter(|message| message["data"]["to"] == to.as_str()).count()
    }

    /// The last code that was sent to a number.
    pub fn code_for(&self, mobile: &str) -> String {
        self.last_code_for(mobile).expect("a code was sent")
    }

    /// The same, if there is one.
    pub fn last_code_for(&self, mobile: &str) -> Option<String> {
        let to = format!("+86{mobile}");
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
        Answer::BlockedAtFirst if is_first => {
            HttpResponse::UnprocessableEntity().json(json!({"error": "recipient_blocked"}))
        }
        Answer::Accept | Answer::BlockedAtFirst => HttpResponse::NoContent().finish(),
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
