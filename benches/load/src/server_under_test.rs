//! A server with its users, and the loads that it can be put under.

use std::sync::{Arc, Mutex};

use anyhow::ensure;
use reqwest::Client;

use crate::{
    drive::{Measure, Until, drive},
    server::Server,
    users::UserPool,
};

/// The number of concurrent connections.
pub const CONNECTIONS: usize = 32;

/// A server and its users.
pub struct ServerUnderTest {
    pub server: Server,
    pub users: UserPool,
}

/// The action of one request.
#[derive(Clone, Copy)]
pub enum Action {
    Page(&'static str),
    Who,
    Picture,
    Send,
    SignIn,
}

impl ServerUnderTest {
    /// Repeats one action.
    pub async fn load(
        &self,
        action: Action,
        connections: usize,
        until: Until,
    ) -> anyhow::Result<Measure> {
        let users = self.users.clone();
        drive(&self.server, connections, until, move |client, turn| {
            let users = users.clone();
            async move { done(&users, &client, action, turn).await }
        })
        .await
    }

    /// Runs a mix of 6 captchas, 3 SMS, 1 registration, 2 sign-ins and 8 session checks.
    pub async fn mix(&self, until: Until) -> anyhow::Result<Measure> {
        let users = self.users.clone();
        let waiting = Arc::new(Mutex::new(Vec::<String>::new()));
        drive(&self.server, CONNECTIONS, until, move |client, turn| {
            let (users, waiting) = (users.clone(), Arc::clone(&waiting));
            async move {
                // Each connection begins at another point of the mix.
                let action = match (turn / CONNECTIONS + turn % CONNECTIONS * 7) % 20 {
                    0..6 => Action::Picture,
                    6..9 => {
                        let mobile = users.mobile();
                        let sent = users.request_code(&client, &mobile).await;
                        if let Ok(mut waiting) = waiting.lock() {
                            waiting.push(mobile);
                        }
                        return sent;
                    }
                    9 => match waiting.lock().ok().and_then(|mut sent| sent.pop()) {
                        Some(mobile) => return users.register(&client, &mobile).await,
                        None => Action::Who,
                    },
                    10..12 => Action::SignIn,
                    _ => Action::Who,
                };
                done(&users, &client, action, turn).await
            }
        })
        .await
    }

    /// Measures so many registrations, whose codes are sent before the measurement begins.
    pub async fn registrations(&self, how_many: usize) -> anyhow::Result<Measure> {
        let mobiles: Arc<Vec<String>> =
            Arc::new((0..how_many).map(|_| self.users.mobile()).collect());
        let until = Until::Requests(how_many);
        let (users, numbers) = (self.users.clone(), Arc::clone(&mobiles));
        let invited = drive(&self.server, CONNECTIONS, until, move |client, turn| {
            let (users, mobile) = (users.clone(), numbers[turn].clone());
            async move { users.request_code(&client, &mobile).await }
        })
        .await?;
        ensure!(invited.failures == 0, "{} codes were not texted", invited.failures);
        let users = self.users.clone();
        drive(&self.server, CONNECTIONS, until, move |client, turn| {
            let (users, mobile) = (users.clone(), mobiles[turn].clone());
            async move { users.register(&client, &mobile).await }
        })
        .await
    }
}

async fn done(
    users: &UserPool,
    client: &Client,
    action: Action,
    turn: usize,
) -> anyhow::Result<bool> {
    match action {
        Action::Page(path) => users.page(client, path).await,
        Action::Who => users.check_session(client, turn).await,
        Action::Picture => users.picture(client).await,
        Action::Send => users.send(client, turn).await,
        Action::SignIn => users.sign_in(client).await,
    }
}
