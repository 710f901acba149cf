//! Clients that register one number after another, whatever happens, and record their answers.

use std::{
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use test_support::app::fresh_mobile;
use tokio::{task::JoinSet, time::sleep};
use uuid::Uuid;

use super::site::{Reply, Site, Solved};

/// The number of clients.
const PEOPLE: usize = 20;
/// The tries for each number, which all happen within the minute in which it may not be texted again.
const TRIES: usize = 4;
/// The pause after a failed try, as a person would make it.
const PAUSE: Duration = Duration::from_millis(200);

/// What happened to a number.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) mobile: String,
    pub(super) password: String,
    /// The code, if one was sent.
    pub(super) code: Option<String>,
    /// The captcha that it used, if its request was answered.
    pub(super) captcha: Option<Solved>,
    /// The answer 201, after which the account has to exist.
    pub(super) registered: Option<Reply>,
    /// Whether the end of that session was acknowledged as well.
    pub(super) is_signed_out: bool,
    /// Every answer, for the message of a failed test.
    pub(super) told: Vec<Option<(u16, String)>>,
}

impl Story {
    fn new() -> Self {
        Self {
            mobile: fresh_mobile(),
            password: format!("horse {}", &Uuid::new_v4().simple().to_string()[..12]),
            code: None,
            captcha: None,
            registered: None,
            is_signed_out: false,
            told: Vec::new(),
        }
    }

    fn note(&mut self, reply: Option<&Reply>) {
        self.told.push(reply.map(|reply| (reply.status, reply.errno.clone())));
    }
}

/// Registers a new number, with this many tries, alternating between the two instances.
pub(super) async fn register(site: &Site, first: usize, tries: usize) -> Story {
    let mut story = Story::new();
    for at in first..first + tries {
        if ask(site, at, &mut story).await {
            break;
        }
        sleep(PAUSE).await;
    }
    for at in first..first + tries {
        if prove(site, at, &mut story).await {
            break;
        }
        sleep(PAUSE).await;
    }
    story
}

/// Requests a code; returns whether one has arrived.
async fn ask(site: &Site, at: usize, story: &mut Story) -> bool {
    let solved = match site.solves(at).await {
        Ok(solved) => solved,
        Err(told) => {
            story.note(told.as_ref());
            return false;
        }
    };
    let asked = site.request_code(at, &story.mobile, &solved).await;
    story.note(asked.as_ref());
    if asked.is_some_and(|reply| reply.status == 200) {
        story.captcha = Some(solved);
    }
    story.code = site.gateway.last_code_for(&story.mobile);
    story.code.is_some()
}

/// Registers with the code and signs out; returns whether there is nothing more to try.
async fn prove(site: &Site, at: usize, story: &mut Story) -> bool {
    let Some(code) = &story.code else { return true };
    let registered = site.register(at, &story.mobile, code, &story.password).await;
    story.note(registered.as_ref());
    let Some(reply) = registered.filter(|reply| reply.status != 503) else { return false };
    if reply.status == 201 {
        let ended = site.signs_out(at, &reply).await;
        story.note(ended.as_ref());
        story.is_signed_out = ended.is_some_and(|reply| reply.status == 200);
        story.registered = Some(reply);
    }
    true
}

/// The clients, until they are stopped.
pub(super) struct Crowd {
    clients: JoinSet<()>,
    is_over: Arc<AtomicBool>,
    stories: Arc<Mutex<Vec<Story>>>,
}

impl Crowd {
    pub(super) fn gather(site: &Site) -> Self {
        let (is_over, stories) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::default()));
        let mut clients = JoinSet::new();
        for client in 0..PEOPLE {
            let (site, is_over) = (site.clone(), Arc::clone(&is_over));
            let stories: Arc<Mutex<Vec<Story>>> = Arc::clone(&stories);
            clients.spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let story = register(&site, client, TRIES).await;
                    stories.lock().expect("stories").push(story);
                }
            });
        }
        Self { clients, is_over, stories }
    }

    /// Lets the clients finish their current numbers, and returns everything that happened.
    pub(super) async fn leave(mut self) -> Vec<Story> {
        self.is_over.store(true, Ordering::Relaxed);
        while let Some(client) = self.clients.join_next().await {
            client.expect("no panic");
        }
        mem::take(&mut *self.stories.lock().expect("stories"))
    }
}
