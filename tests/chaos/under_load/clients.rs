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
pub(super) struct Registration {
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
    pub(super) answers: Vec<Option<(u16, String)>>,
}

impl Registration {
    fn new() -> Self {
        Self {
            mobile: fresh_mobile(),
            password: format!("horse {}", &Uuid::new_v4().simple().to_string()[..12]),
            code: None,
            captcha: None,
            registered: None,
            is_signed_out: false,
            answers: Vec::new(),
        }
    }

    fn note(&mut self, reply: Option<&Reply>) {
        self.answers.push(reply.map(|reply| (reply.status, reply.errno.clone())));
    }
}

/// Registers a new number, with this many tries, alternating between the two instances.
pub(super) async fn register(site: &Site, first: usize, tries: usize) -> Registration {
    let mut registration = Registration::new();
    for at in first..first + tries {
        if request_code(site, at, &mut registration).await {
            break;
        }
        sleep(PAUSE).await;
    }
    for at in first..first + tries {
        if register_and_sign_out(site, at, &mut registration).await {
            break;
        }
        sleep(PAUSE).await;
    }
    registration
}

/// Requests a code; returns whether one has arrived.
async fn request_code(site: &Site, at: usize, registration: &mut Registration) -> bool {
    let solved = match site.solves(at).await {
        Ok(solved) => solved,
        Err(reply) => {
            registration.note(reply.as_ref());
            return false;
        }
    };
    let asked = site.request_code(at, &registration.mobile, &solved).await;
    registration.note(asked.as_ref());
    if asked.is_some_and(|reply| reply.status == 200) {
        registration.captcha = Some(solved);
    }
    registration.code = site.gateway.last_code_for(&registration.mobile);
    registration.code.is_some()
}

/// Registers with the code and signs out; returns whether there is nothing more to try.
async fn register_and_sign_out(site: &Site, at: usize, registration: &mut Registration) -> bool {
    let Some(code) = &registration.code else { return true };
    let registered = site.register(at, &registration.mobile, code, &registration.password).await;
    registration.note(registered.as_ref());
    let Some(reply) = registered.filter(|reply| reply.status != 503) else { return false };
    if reply.status == 201 {
        let ended = site.signs_out(at, &reply).await;
        registration.note(ended.as_ref());
        registration.is_signed_out = ended.is_some_and(|reply| reply.status == 200);
        registration.registered = Some(reply);
    }
    true
}

/// The clients, until they are stopped.
pub(super) struct Clients {
    tasks: JoinSet<()>,
    is_over: Arc<AtomicBool>,
    registrations: Arc<Mutex<Vec<Registration>>>,
}

impl Clients {
    pub(super) fn start(site: &Site) -> Self {
        let (is_over, registrations) =
            (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::default()));
        let mut tasks = JoinSet::new();
        for client in 0..PEOPLE {
            let (site, is_over) = (site.clone(), Arc::clone(&is_over));
            let registrations: Arc<Mutex<Vec<Registration>>> = Arc::clone(&registrations);
            tasks.spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let registration = register(&site, client, TRIES).await;
                    registrations.lock().expect("registrations").push(registration);
                }
            });
        }
        Self { tasks, is_over, registrations }
    }

    /// Lets the clients finish their current numbers, and returns everything that happened.
    pub(super) async fn stop(mut self) -> Vec<Registration> {
        self.is_over.store(true, Ordering::Relaxed);
        while let Some(client) = self.tasks.join_next().await {
            client.expect("no panic");
        }
        mem::take(&mut *self.registrations.lock().expect("registrations"))
    }
}
