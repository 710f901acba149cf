//! People who register one number after another, whatever happens, and remember what they were told.

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

/// How many clients there are.
const PEOPLE: usize = 20;
/// How often they try again: within a minute, so that nobody may be texted twice.
const TRIES: usize = 4;
/// Between two tries that failed, as somebody would wait.
const PAUSE: Duration = Duration::from_millis(200);

/// What became of a number.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) mobile: String,
    pub(super) password: String,
    /// What was texted, if it was.
    pub(super) code: Option<String>,
    /// The picture that it cost, as far as that was told.
    pub(super) captcha: Option<Solved>,
    /// The 201: from then on there is an account.
    pub(super) registered: Option<Reply>,
    /// Whether the end of that session was acknowledged too.
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

/// Registers a fresh number; tries again, at the other Haoma, so often.
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

/// Asks for a code; whether one has come.
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

/// Registers with the code, and leaves again; whether there is nothing more to try.
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

/// Twenty clients, until they are sent home.
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

    /// Lets everybody finish what they have begun, and hears what they were told.
    pub(super) async fn leave(mut self) -> Vec<Story> {
        self.is_over.store(true, Ordering::Relaxed);
        while let Some(client) = self.clients.join_next().await {
            client.expect("no panic");
        }
        mem::take(&mut *self.stories.lock().expect("stories"))
    }
}
