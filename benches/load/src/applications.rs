//! The endpoints that applications ask: userinfo, and refresh tokens that are exchanged.

use std::sync::{Arc, Mutex};

use anyhow::{Context as _, ensure};
use reqwest::{Client, Url, header::LOCATION, redirect::Policy};
use serde_json::Value;
use tokio::process::Command;

use crate::{
    drive::{Measure, Until, drive},
    server_under_test::{CONNECTIONS, ServerUnderTest},
};

const CALLBACK: &str = "http://127.0.0.1/callback";
/// How many people an application knows, each with a token of its own.
const PEOPLE: usize = 2 * CONNECTIONS;

/// An application that is registered with a server.
#[derive(Clone)]
pub struct Application {
    id: String,
    secret: String,
}

impl Application {
    /// Registers one by the program's own command.
    pub async fn register(program: &str, settings: &[(&str, String)]) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(["client", "add", "Load", "--own", "--redirect-uri", CALLBACK]);
        command.args(["--algorithm", "EdDSA"]);
        command.envs(settings.iter().map(|(name, value)| (*name, value.as_str())));
        let done = command.output().await?;
        let said = String::from_utf8(done.stdout)?;
        let value = |name: &str| {
            let line = said.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_whitespace().last()).map(str::to_owned)
        };
        let id = value("client_id").context("no client was registered")?;
        Ok(Self { id, secret: value("client_secret").context("no secret")? })
    }

    /// Asks who the people are.
    pub async fn userinfo(
        &self,
        server: &ServerUnderTest,
        until: Until,
    ) -> anyhow::Result<Measure> {
        let tokens = self.tokens(server, "openid profile", "access_token").await?;
        let url = format!("{}/oauth/userinfo", server.server.base);
        drive(&server.server, CONNECTIONS, until, move |client, turn| {
            let (url, token) = (url.clone(), tokens[turn % tokens.len()].clone());
            async move {
                let answer = client.get(&url).bearer_auth(token).send().await?;
                let is_good = answer.status().is_success();
                answer.bytes().await?;
                Ok(is_good)
            }
        })
        .await
    }

    /// Exchanges refresh tokens. Without `openid` nothing is signed.
    pub async fn refresh(&self, server: &ServerUnderTest, until: Until) -> anyhow::Result<Measure> {
        let tokens = self.tokens(server, "profile offline_access", "refresh_token").await?;
        let tokens = Arc::new(Mutex::new(tokens));
        let (base, own) = (server.server.base.clone(), self.clone());
        drive(&server.server, CONNECTIONS, until, move |client, _| {
            let (base, own, tokens) = (base.clone(), own.clone(), Arc::clone(&tokens));
            async move {
                let token = tokens.lock().ok().and_then(|mut tokens| tokens.pop());
                let token = token.context("every token is in use")?;
                let pairs = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
                let answer = own.post_token(&client, &base, &pairs).await?;
                let Some(next) = answer["refresh_token"].as_str() else { return Ok(false) };
                if let Ok(mut tokens) = tokens.lock() {
                    tokens.push(next.to_owned());
                }
                Ok(true)
            }
        })
        .await
    }

    /// Signs people in to the application, and returns a token of each.
    async fn tokens(
        &self,
        server: &ServerUnderTest,
        scope: &str,
        kind: &str,
    ) -> anyhow::Result<Vec<String>> {
        let client = Client::builder().redirect(Policy::none()).build()?;
        let base = &server.server.base;
        let mut tokens = Vec::new();
        for cookie in server.users.session_keys(PEOPLE) {
            let query = [
                ("response_type", "code"),
                ("client_id", &*self.id),
                ("redirect_uri", CALLBACK),
                ("scope", scope),
            ];
            let url = Url::parse_with_params(&format!("{base}/oauth/authorize"), query)?;
            let answer = client.get(url).header("cookie", cookie).send().await?;
            let to = answer.headers().get(LOCATION).context("no redirect")?.to_str()?;
            let to = Url::parse(to)?;
            let code = to.query_pairs().find(|(name, _)| name == "code").context("no code")?.1;
            let pairs = [
                ("grant_type", "authorization_code"),
                ("code", &*code),
                ("redirect_uri", CALLBACK),
            ];
            let answer = self.post_token(&client, base, &pairs).await?;
            tokens.push(answer[kind].as_str().context("no token")?.to_owned());
        }
        ensure!(!tokens.is_empty(), "nobody is signed in");
        Ok(tokens)
    }

    async fn post_token(
        &self,
        client: &Client,
        base: &str,
        pairs: &[(&str, &str)],
    ) -> anyhow::Result<Value> {
        let body = Url::parse_with_params("http://a.invalid/", pairs)?;
        let request = client.post(format!("{base}/oauth/token"));
        let request = request.basic_auth(&self.id, Some(&self.secret));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let body = body.query().unwrap_or_default().to_owned();
        Ok(request.body(body).send().await?.json().await?)
    }
}
