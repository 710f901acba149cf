//! People who register and sign in, a great many of them.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use anyhow::{Context as _, ensure};
use reqwest::Client;

use crate::wire::Wire;

/// Everything that a request of a person's needs, for one server. Clones are the same users.
#[derive(Clone)]
pub struct UserPool {
    base: String,
    wire: Arc<dyn Wire>,
    next: Arc<AtomicU64>,
    /// Numbers that have an account, and the key to a session of each.
    people: Arc<Mutex<Vec<(String, String)>>>,
    /// Who signs in next.
    next_to_sign_in: Arc<AtomicUsize>,
}

impl UserPool {
    pub fn new(base: &str, wire: impl Wire + 'static) -> Self {
        Self {
            base: base.to_owned(),
            wire: Arc::new(wire),
            // Numbers of one run never meet those of another.
            next: Arc::new(AtomicU64::new(rand::random_range(0..6_000_000_000))),
            people: Arc::default(),
            next_to_sign_in: Arc::default(),
        }
    }

    /// With people who have lived here before.
    pub fn with_people(self, people: Vec<(String, String)>) -> Self {
        Self { people: Arc::new(Mutex::new(people)), ..self }
    }

    /// A number that nobody has; neighbours in time are no neighbours in number, as in life.
    pub fn mobile(&self) -> String {
        number(self.next.fetch_add(1, Ordering::Relaxed))
    }

    pub async fn picture(&self, client: &Client) -> anyhow::Result<bool> {
        self.wire.picture(client).await
    }

    /// Has a code texted to a new number, or to somebody where strangers are not texted.
    pub async fn send(&self, client: &Client, turn: usize) -> anyhow::Result<bool> {
        let mobile =
            if self.wire.texts_people_only() { self.person(turn)?.0 } else { self.mobile() };
        self.wire.send(client, &mobile).await
    }

    pub async fn request_code(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        self.wire.invite(client, mobile).await
    }

    /// Registers with the code that was texted to a number, and remembers who that is.
    pub async fn register(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let key = self.wire.register(client, mobile).await?;
        if let (Some(key), Ok(mut people)) = (key.clone(), self.people.lock()) {
            people.push((mobile.to_owned(), key));
        }
        Ok(key.is_some())
    }

    /// Signs somebody in: everybody once before anybody does it again, also while others move in.
    pub async fn sign_in(&self, client: &Client) -> anyhow::Result<bool> {
        let most = self.people.lock().ok().context("people")?.len();
        let after = |index| Some(if index + 1 < most { index + 1 } else { 0 });
        let turn = self.next_to_sign_in.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after);
        let turn = turn.unwrap_or_else(|error| error);
        self.wire.sign_in(client, &self.person(turn)?.0).await
    }

    /// Who am I, with the session of one of the people.
    pub async fn check_session(&self, client: &Client, turn: usize) -> anyhow::Result<bool> {
        self.wire.who(client, &self.person(turn)?.1).await
    }

    pub async fn page(&self, client: &Client, path: &str) -> anyhow::Result<bool> {
        is_there(client, &format!("{}{path}", self.base)).await
    }

    /// So many people from beginning to end, outside every measure.
    pub async fn seed_users(&self, people: usize) -> anyhow::Result<()> {
        let client = Client::new();
        for _ in 0..people {
            let mobile = self.mobile();
            ensure!(self.request_code(&client, &mobile).await?, "no code was texted");
            ensure!(self.register(&client, &mobile).await?, "nobody was registered");
        }
        Ok(())
    }

    fn person(&self, turn: usize) -> anyhow::Result<(String, String)> {
        let people = self.people.lock().ok().context("people")?;
        people.get(turn % people.len().max(1)).cloned().context("people")
    }
}

/// Whether something is there; it is read to its end.
pub async fn is_there(client: &Client, url: &str) -> anyhow::Result<bool> {
    let response = client.get(url).send().await?;
    let is_there = response.status().is_success();
    response.bytes().await?;
    Ok(is_there)
}

/// The number of a turn: another for every turn.
pub fn number(turn: u64) -> String {
    let spread = u128::from(turn) * 2_654_435_761 % 7_000_000_000;
    format!("{}", 13_000_000_000 + spread)
}
