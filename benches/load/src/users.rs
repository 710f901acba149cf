//! A large number of users who register and sign in.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use anyhow::{Context as _, ensure};
use reqwest::Client;

use crate::wire::Wire;

/// The users of one server. Clones are the same users.
#[derive(Clone)]
pub struct UserPool {
    base: String,
    wire: Arc<dyn Wire>,
    next: Arc<AtomicU64>,
    /// Numbers that have an account, each with the key to a session.
    people: Arc<Mutex<Vec<(String, String)>>>,
    /// The index of the next user who signs in.
    next_to_sign_in: Arc<AtomicUsize>,
}

impl UserPool {
    pub fn new(base: &str, wire: impl Wire + 'static) -> Self {
        Self {
            base: base.to_owned(),
            wire: Arc::new(wire),
            // A random start, so that numbers of two runs are different.
            next: Arc::new(AtomicU64::new(rand::random_range(0..6_000_000_000))),
            people: Arc::default(),
            next_to_sign_in: Arc::default(),
        }
    }

    /// Adds users who are registered already.
    pub fn with_people(self, people: Vec<(String, String)>) -> Self {
        Self { people: Arc::new(Mutex::new(people)), ..self }
    }

    /// Returns a new number; consecutive numbers have different prefixes, as in reality.
    pub fn mobile(&self) -> String {
        number(self.next.fetch_add(1, Ordering::Relaxed))
    }

    pub async fn picture(&self, client: &Client) -> anyhow::Result<bool> {
        self.wire.picture(client).await
    }

    /// Sends a code to a new number, or to a registered one where only those get messages.
    pub async fn send(&self, client: &Client, turn: usize) -> anyhow::Result<bool> {
        let mobile =
            if self.wire.sends_to_registered_only() { self.person(turn)?.0 } else { self.mobile() };
        self.wire.send(client, &mobile).await
    }

    pub async fn request_code(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        self.wire.prepare_registration(client, mobile).await
    }

    /// Registers a number with its code, and stores it.
    pub async fn register(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let key = self.wire.register(client, mobile).await?;
        if let (Some(key), Ok(mut people)) = (key.clone(), self.people.lock()) {
            people.push((mobile.to_owned(), key));
        }
        Ok(key.is_some())
    }

    /// Signs a user in. All users sign in once before any signs in again, also while others register.
    pub async fn sign_in(&self, client: &Client) -> anyhow::Result<bool> {
        let most = self.people.lock().ok().context("people")?.len();
        let after = |index| Some(if index + 1 < most { index + 1 } else { 0 });
        let turn = self.next_to_sign_in.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after);
        let turn = turn.unwrap_or_else(|error| error);
        self.wire.sign_in(client, &self.person(turn)?.0).await
    }

    /// Checks the session of one of the users.
    pub async fn check_session(&self, client: &Client, turn: usize) -> anyhow::Result<bool> {
        self.wire.check_session(client, &self.person(turn)?.1).await
    }

    pub async fn page(&self, client: &Client, path: &str) -> anyhow::Result<bool> {
        is_there(client, &format!("{}{path}", self.base)).await
    }

    /// Registers so many users outside of all measurements.
    pub async fn seed_users(&self, people: usize) -> anyhow::Result<()> {
        let client = Client::new();
        for _ in 0..people {
            let mobile = self.mobile();
            ensure!(self.request_code(&client, &mobile).await?, "no code was texted");
            ensure!(self.register(&client, &mobile).await?, "the registration failed");
        }
        Ok(())
    }

    /// Returns the keys to sessions of so many users, or of all if there are fewer.
    pub fn session_keys(&self, most: usize) -> Vec<String> {
        let people = self.people.lock().ok();
        people
            .map(|people| people.iter().take(most).map(|person| person.1.clone()).collect())
            .unwrap_or_default()
    }

    fn person(&self, turn: usize) -> anyhow::Result<(String, String)> {
        let people = self.people.lock().ok().context("people")?;
        people.get(turn % people.len().max(1)).cloned().context("people")
    }
}

/// Whether a URL answers successfully; reads the answer to its end.
pub async fn is_there(client: &Client, url: &str) -> anyhow::Result<bool> {
    let response = client.get(url).send().await?;
    let is_there = response.status().is_success();
    response.bytes().await?;
    Ok(is_there)
}

/// Returns a number, which is different for every turn.
pub fn number(turn: u64) -> String {
    let spread = u128::from(turn) * 2_654_435_761 % 7_000_000_000;
    format!("{}", 13_000_000_000 + spread)
}
