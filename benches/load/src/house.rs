//! A server with its people, and the stretches of load that it can be put under.

use std::sync::{Arc, Mutex};

use anyhow::ensure;
use reqwest::Client;

use crate::{
    drive::{Measure, Until, drive},
    server::Server,
    town::Town,
};

/// Connections that ask at once.
pub const CONNECTIONS: usize = 32;

/// A server, and people who use it.
pub struct House {
    pub server: Server,
    pub town: Town,
}

/// What one request of a stretch does.
#[derive(Clone, Copy)]
pub enum Deed {
    Page(&'static str),
    Who,
    Picture,
    Send,
    SignIn,
}

impl House {
    /// The same deed again and again.
    pub async fn load(
        &self,
        deed: Deed,
        connections: usize,
        until: Until,
    ) -> anyhow::Result<Measure> {
        let town = self.town.clone();
        drive(&self.server, connections, until, move |client, turn| {
            let town = town.clone();
            async move { done(&town, &client, deed, turn).await }
        })
        .await
    }

    /// 6 captchas, 3 SMS, 1 registration, 2 sign-ins, 8 session checks.
    pub async fn mix(&self, until: Until) -> anyhow::Result<Measure> {
        let town = self.town.clone();
        let waiting = Arc::new(Mutex::new(Vec::<String>::new()));
        drive(&self.server, CONNECTIONS, until, move |client, turn| {
            let (town, waiting) = (town.clone(), Arc::clone(&waiting));
            async move {
                // The connections are spread over the mix.
                let deed = match (turn / CONNECTIONS + turn % CONNECTIONS * 7) % 20 {
                    0..6 => Deed::Picture,
                    6..9 => {
                        let mobile = town.mobile();
                        let sent = town.invite(&client, &mobile).await;
                        if let Ok(mut waiting) = waiting.lock() {
                            waiting.push(mobile);
                        }
                        return sent;
                    }
                    9 => match waiting.lock().ok().and_then(|mut it| it.pop()) {
                        Some(mobile) => return town.register(&client, &mobile).await,
                        None => Deed::Who,
                    },
                    10..12 => Deed::SignIn,
                    _ => Deed::Who,
                };
                done(&town, &client, deed, turn).await
            }
        })
        .await
    }

    /// So many registrations, whose codes were texted before the measure begins.
    pub async fn registrations(&self, how_many: usize) -> anyhow::Result<Measure> {
        let mobiles: Arc<Vec<String>> =
            Arc::new((0..how_many).map(|_| self.town.mobile()).collect());
        let until = Until::Requests(how_many);
        let (town, numbers) = (self.town.clone(), Arc::clone(&mobiles));
        let invited = drive(&self.server, CONNECTIONS, until, move |client, turn| {
            let (town, mobile) = (town.clone(), numbers[turn].clone());
            async move { town.invite(&client, &mobile).await }
        })
        .await?;
        ensure!(invited.failures == 0, "{} codes were not texted", invited.failures);
        let town = self.town.clone();
        drive(&self.server, CONNECTIONS, until, move |client, turn| {
            let (town, mobile) = (town.clone(), mobiles[turn].clone());
            async move { town.register(&client, &mobile).await }
        })
        .await
    }
}

async fn done(town: &Town, client: &Client, deed: Deed, turn: usize) -> anyhow::Result<bool> {
    match deed {
        Deed::Page(path) => town.page(client, path).await,
        Deed::Who => town.who(client, turn).await,
        Deed::Picture => town.picture(client).await,
        Deed::Send => town.send(client, turn).await,
        Deed::SignIn => town.sign_in(client).await,
    }
}
